/// Decides which samples an archive may be given, since it takes each time once and in order.
///
/// One older sample would cost the rest of its batch, and one far in the future would block the file until
/// then.
package struct SampleGate: Equatable, Sendable {
    /// What became of a batch.
    package struct Decision: Equatable, Sendable {
        /// In order of time, each newer than the one before.
        package var admitted: [Sample] = []
        /// Older than, or of the same second as, one that the file has.
        package var duplicates = 0
        /// Further ahead than the tolerance.
        package var future = 0

        package init() {}
    }

    /// Time of the newest sample that the file has.
    package private(set) var last: Int64
    /// Seconds that a sample may be ahead of our clock: other machines' clocks differ a little.
    package let tolerance: Int64

    package init(last: Int64, tolerance: Int64) {
        self.last = last
        self.tolerance = tolerance
    }

    /// Sorts a batch out; `now` is the wall clock. Nothing is remembered until ``advance(to:)``.
    package func admit(_ samples: [Sample], now: Int64) -> Decision {
        var decision = Decision()
        var newest = last
        let isSorted = samples.count < 2
        for sample in isSorted ? samples : samples.sorted(by: { $0.time < $1.time }) {
            if sample.time > now + tolerance {
                decision.future += 1
            } else if sample.time <= newest {
                decision.duplicates += 1
            } else {
                newest = sample.time
                decision.admitted.append(sample)
            }
        }
        return decision
    }

    /// Remembers that the file now has a sample of `time`.
    package mutating func advance(to time: Int64) { last = max(last, time) }
}
