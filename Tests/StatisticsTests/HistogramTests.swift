import Statistics
import Testing

struct HistogramTests {
    @Test("a quantile is right to one bucket, 6.25 %, whatever was recorded", arguments: 0..<40)
    func quantiles(seed: Int) throws {
        var random = Generator(state: UInt64(seed))
        var histogram = Histogram()
        let values = (0..<Int.random(in: 1...2000, using: &random)).map { _ in
            Int64(
                1e5 * Double.random(in: 1...2, using: &random)
                    * Double(1 << Int.random(in: 0...24, using: &random)))
        }
        for value in values { histogram.record(nanoseconds: value) }
        let sorted = values.sorted()
        for share in [0, 0.1, 0.5, 0.9, 0.99, 0.999, 1] {
            let rank = max(1, Int((share * Double(sorted.count)).rounded(.up)))
            let exact = Double(sorted[rank - 1]) / 1e6
            let found = try #require(histogram.quantile(share))
            #expect(found >= exact && found <= exact * 1.0626, "\(share): \(found) for \(exact)")
        }
        #expect(histogram.maximum == Double(sorted[sorted.count - 1]) / 1e6)
    }

    @Test("merging two equals recording all in one")
    func merge() {
        var (left, right, both) = (Histogram(), Histogram(), Histogram())
        var random = Generator(state: 3)
        for index in 0..<1000 {
            let value = Int64.random(in: 0...10_000_000_000, using: &random)
            if index % 3 == 0 { left.record(nanoseconds: value) } else { right.record(nanoseconds: value) }
            both.record(nanoseconds: value)
        }
        left.merge(right)
        #expect(left.count == both.count)
        #expect(left.p50 == both.p50)
        #expect(left.p99 == both.p99)
        #expect(left.p999 == both.p999)
        #expect(left.maximum == both.maximum)
    }

    @Test("nothing recorded has no quantiles; what is out of range is counted at its end")
    func edges() {
        var histogram = Histogram()
        #expect(histogram.p50 == nil && histogram.mean == nil && histogram.maximum == nil)
        histogram.record(.seconds(-5))
        histogram.record(.zero)
        #expect(histogram.p99 == 0)
        histogram.record(.seconds(Int64.max))
        histogram.record(nanoseconds: .max)
        #expect(histogram.count == 4)
        #expect(histogram.maximum == Double(Int64.max) / 1e6)
    }

    @Test("Prometheus buckets are cumulative, inclusive, and end with all")
    func buckets() throws {
        var histogram = Histogram()
        for microseconds: Int64 in [50, 100, 101, 200, 201, 3_000_000, 7_200_000_000] {
            histogram.record(.microseconds(microseconds))
        }
        let samples = histogram.samples(labels: [.init("part", "x")])
        let bounds = samples.filter { $0.suffix == "_bucket" }
        func value(_ bound: String) -> Double? { bounds.first { $0.labels.last?.value == bound }?.value }
        #expect(value("0.0001") == 2)
        #expect(value("0.0002") == 4)
        #expect(value("0.0004") == 5)
        #expect(value("+Inf") == 7)
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0.value <= $1.value })
        #expect(bounds.allSatisfy { $0.labels.first?.value == "x" })
        #expect(samples.first { $0.suffix == "_count" }?.value == 7)
        let sum = try #require(samples.first { $0.suffix == "_sum" }?.value)
        #expect(abs(sum - 7203.000652) < 1e-6)
    }

    @Test("a beat has the rate and the means since the one before")
    func beats() {
        var meter = HeartbeatMeter(now: .seconds(100))
        for index in 1...40 { meter.record(latency: .milliseconds(index), execution: .milliseconds(10)) }
        let beat = meter.beat(now: .seconds(120))
        #expect(beat.throughput == 2)
        #expect(beat.latencyMilliseconds == 20.5)
        #expect(beat.executionMilliseconds == 10)
        #expect(meter.beat(now: .seconds(140)).latencyMilliseconds == 0)
        #expect(meter.beat(now: .seconds(140)).throughput == 0)
    }
}
