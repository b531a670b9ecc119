import Model
import Statistics
import Testing

struct SeriesTests {
    /// Two days of minutes, the value being the minute's number.
    private func twoDays() async -> TestArchives {
        let test = TestArchives()
        for minute in 1...2880 {
            await test.archives.record(counts(minute + 10), at: epoch + Int64(minute) * 60)
        }
        return test
    }

    @Test("every range and number of points gives a whole grid of at most that many points")
    func grids() async throws {
        let test = await twoDays()
        let end = epoch + 2880 * 60
        var random = Generator(state: 7)
        for _ in 0..<300 {
            let to = end + Int64.random(in: -100_000...100_000, using: &random)
            let from = to - Int64.random(in: 1...400_000, using: &random)
            let points = Int.random(in: 1...700, using: &random)
            let series = try #require(
                try await test.archives.series(.global, from: from, to: to, points: points))
            for line in series.lines {
                #expect(line.points.count <= max(points, 2))
                #expect(line.points.allSatisfy { $0.time % Int64(series.step) == 0 })
                #expect(
                    zip(line.points, line.points.dropFirst()).allSatisfy { $1.time - $0.time == series.step })
            }
        }
    }

    @Test("the last day is there minute by minute, older time hour by hour")
    func rings() async throws {
        let test = await twoDays()
        let end = epoch + 2880 * 60
        let day = try #require(
            try await test.archives.series(.global, from: end - 86_400, to: end, points: 5000))
        #expect(day.step == 60)
        let minutes: [Double?] = (1451...2890).map { Double($0) }
        #expect(day.lines[0].points.map(\.value) == minutes)

        let more = try #require(
            try await test.archives.series(.global, from: end - 86_401, to: end, points: 5000))
        #expect(more.step == 3600)
        #expect(more.lines[0].points.last?.value == 2860.5)
    }

    @Test("fewer points are averages of whole groups")
    func groups() async throws {
        let test = await twoDays()
        let end = epoch + 2880 * 60
        let series = try #require(
            try await test.archives.series(.global, from: end - 3600, to: end, points: 6))
        #expect(series.step == 600)
        #expect(series.lines[0].points.map(\.value) == [2835.5, 2845.5, 2855.5, 2865.5, 2875.5, 2885.5])
    }

    @Test("a range of all time, or far away, costs no more than the longest ring")
    func extremes() async throws {
        let test = await twoDays()
        for (from, to) in [
            (Int64.min, Int64.max), (0, Int64.max), (Int64.max - 1, Int64.max), (-5, -1), (0, 1),
        ] {
            let series = try #require(
                try await test.archives.series(.global, from: from, to: to, points: 5000))
            #expect(series.lines.count == 9)
            #expect(series.lines[0].points.count <= 5000)
        }
        await #expect(throws: StatisticsError.self) {
            try await test.archives.series(.global, from: 10, to: 10, points: 60)
        }
    }

    @Test("a worker that stopped has nil points up to now")
    func stopped() async throws {
        let test = TestArchives()
        for index in 1...10 { await test.archives.record(report("w1", at: epoch + Int64(index) * 20)) }
        let values = try await test.archives.values(
            .worker("w1"), "cpu", from: epoch, to: epoch + 400, points: 60)
        #expect(values == Array(repeating: 0.25, count: 10) + Array(repeating: nil, count: 10))
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
