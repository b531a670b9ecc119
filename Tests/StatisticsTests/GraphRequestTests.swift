import Foundation
import Model
import Statistics
import Testing

struct GraphRequestTests {
    private func archives() async -> TestArchives {
        let test = TestArchives()
        for minute in 1...60 {
            await test.archives.record(counts(1000 + minute), at: epoch + Int64(minute) * 60)
            await test.archives.record(report("w1", at: epoch + Int64(minute) * 20))
        }
        return test
    }

    @Test("every source can be drawn alone, and all of them together")
    func eachSource() async throws {
        let test = await archives()
        let all: [(Archives.Subject, [String])] = [
            (.global, GlobalCounts.sourceNames), (.worker("w1"), WorkerReport.sourceNames),
        ]
        for (subject, names) in all {
            for series in names.map({ [$0] }) + [names, names.reversed(), []] {
                let request = GraphRequest(
                    from: epoch, to: epoch + 3600, width: 600, height: 200, series: series)
                let picture = try #require(try await test.archives.graph(subject, request))
                #expect(picture.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
                #expect(picture[16..<24] == [0, 0, 2, 88, 0, 0, 0, 200])
            }
        }
    }

    @Test(
        "ranges of a second and of ten years, in the past and the future, are drawn",
        arguments: [
            (epoch, epoch + 1), (epoch - 345_600_000, epoch), (epoch - 86_400, epoch + 300_000_000),
            (315_532_800, 315_532_801), (315_532_800, 661_132_800), (32_503_679_000, 32_503_680_000),
            (epoch + 3600, epoch + 345_600_000),
        ] as [(Int64, Int64)])
    func ranges(from: Int64, to: Int64) async throws {
        let test = await archives()
        await test.archives.record(report("fast", at: epoch, heartbeat: 1))
        for subject in [Archives.Subject.global, .worker("w1"), .worker("fast")] {
            for width in [100, 900] {
                let request = GraphRequest(from: from, to: to, width: width)
                #expect(try await test.archives.graph(subject, request)?.isEmpty == false)
            }
        }
    }

    @Test(
        "what is wrong with a request is said by its field",
        arguments: [
            ("from", GraphRequest(from: epoch, to: epoch)), ("from", GraphRequest(from: -1, to: 10)),
            ("to", GraphRequest(from: epoch, to: .max)),
            ("from", GraphRequest(from: epoch, to: epoch + 345_600_001)),
            ("width", GraphRequest(from: epoch, to: epoch + 10, width: 99)),
            ("width", GraphRequest(from: epoch, to: epoch + 10, width: 4001)),
            ("height", GraphRequest(from: epoch, to: epoch + 10, height: 49)),
            ("height", GraphRequest(from: epoch, to: epoch + 10, height: 2001)),
            ("series", GraphRequest(from: epoch, to: epoch + 10, series: ["checks_ok", "cpu"])),
            ("series", GraphRequest(from: epoch, to: epoch + 10, series: ["x:y=/etc/passwd:AVERAGE"])),
            ("series", GraphRequest(from: epoch, to: epoch + 10, series: ["checks_ok", "checks_ok"])),
        ])
    func refusals(field: String, request: GraphRequest) async throws {
        let test = await archives()
        let error = await #expect(throws: StatisticsError.self) {
            try await test.archives.graph(.global, request)
        }
        guard case .invalid(field, let reason) = error else {
            Issue.record("\(String(describing: error)) is not about \(field)")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("the whole without archive says when it comes; an unknown worker has no picture")
    func missing() async throws {
        let test = TestArchives()
        await #expect(throws: StatisticsError.self) {
            try await test.archives.graph(.global, GraphRequest(from: epoch, to: epoch + 10))
        }
        #expect(
            try await test.archives.graph(.worker("w1"), GraphRequest(from: epoch, to: epoch + 10)) == nil)
    }
}
