/// Counts durations in fixed buckets, 16 for each doubling from 0.1 ms to 1 h, so that a quantile is right to
/// 6.25 %.
///
/// Recording is a few integer operations and no allocation. Histograms of one process add up to one of all.
package struct Histogram: Sendable, Equatable {
    /// Nanoseconds: 0.1 ms / 16, the width of the finest buckets.
    private static let tick: Int64 = 6250
    private static let perDoubling = 16
    /// Doublings from 0.1 ms to beyond 1 h.
    private static let doublings = 26
    /// The first takes all up to 0.1 ms, the last all beyond the range.
    private static let bucketCount = perDoubling * doublings + 2

    private var counts = [UInt64](repeating: 0, count: Self.bucketCount)
    /// Durations recorded.
    package private(set) var count: UInt64 = 0
    private var sumNanoseconds: Double = 0
    private var largest: Int64 = 0

    package init() {}

    /// Counts one duration; a negative one counts as zero.
    package mutating func record(_ duration: Duration) {
        let parts = duration.components
        let (nanoseconds, overflow) = parts.seconds.multipliedReportingOverflow(by: 1_000_000_000)
        record(nanoseconds: overflow ? .max : nanoseconds + parts.attoseconds / 1_000_000_000)
    }

    /// Counts one duration of whole nanoseconds.
    package mutating func record(nanoseconds: Int64) {
        let value = max(0, nanoseconds)
        counts[Self.bucket(value)] += 1
        count += 1
        sumNanoseconds += Double(value)
        largest = max(largest, value)
    }

    /// Adds all that another one counted.
    package mutating func merge(_ other: Histogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sumNanoseconds += other.sumNanoseconds
        largest = max(largest, other.largest)
    }

    /// Milliseconds that this share of the durations (0...1) do not exceed, or nil before the first one.
    package func quantile(_ share: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = max(1, UInt64((min(max(share, 0), 1) * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (index, number) in counts.enumerated() {
            seen += number
            if seen >= rank { return Double(min(largest, Self.bound(index))) / 1e6 }
        }
        return Double(largest) / 1e6
    }

    package var p50: Double? { quantile(0.5) }
    package var p99: Double? { quantile(0.99) }
    package var p999: Double? { quantile(0.999) }

    /// Milliseconds; nil before the first duration.
    package var mean: Double? { count > 0 ? sumNanoseconds / Double(count) / 1e6 : nil }
    package var maximum: Double? { count > 0 ? Double(largest) / 1e6 : nil }

    /// The samples of a Prometheus histogram in seconds: a cumulative bucket each doubling, the sum and the
    /// count.
    package func samples(labels: [MetricFamily.Label] = []) -> [MetricFamily.Sample] {
        var seen: UInt64 = 0
        var samples: [MetricFamily.Sample] = []
        for (index, number) in counts.enumerated() {
            seen += number
            guard index < Self.bucketCount - 1, index % Self.perDoubling == 0 else { continue }
            let bound = MetricText.number(Double(Self.bound(index)) / 1e9)
            samples.append(
                MetricFamily.Sample(Double(seen), labels: labels + [.init("le", bound)], suffix: "_bucket"))
        }
        samples.append(
            MetricFamily.Sample(Double(count), labels: labels + [.init("le", "+Inf")], suffix: "_bucket"))
        samples.append(MetricFamily.Sample(sumNanoseconds / 1e9, labels: labels, suffix: "_sum"))
        samples.append(MetricFamily.Sample(Double(count), labels: labels, suffix: "_count"))
        return samples
    }

    /// Buckets hold what is above the bound before and not above their own.
    private static func bucket(_ nanoseconds: Int64) -> Int {
        let ticks = (max(nanoseconds, 1) - 1) / tick
        guard ticks >= perDoubling else { return 0 }
        let doubling = 63 - ticks.leadingZeroBitCount - 4
        let index = doubling * perDoubling + Int(ticks >> doubling) - perDoubling + 1
        return min(index, bucketCount - 1)
    }

    /// The largest number of nanoseconds in a bucket.
    private static func bound(_ index: Int) -> Int64 {
        guard index > 0 else { return tick * Int64(perDoubling) }
        guard index < bucketCount - 1 else { return .max }
        let (doubling, part) = (index - 1).quotientAndRemainder(dividingBy: perDoubling)
        return (Int64(perDoubling + part + 1) << doubling) * tick
    }
}
