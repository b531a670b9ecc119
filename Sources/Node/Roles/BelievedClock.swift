import Model

/// Decides whether the wall clock can be believed; pure.
///
/// A wall clock that has gained more than `tolerance` on the monotonic one since it was last believed was set, or the
/// machine slept or was off: nothing can tell which. What a wrong clock would spoil waits for `patience`, in which
/// somebody can set it right; then it is believed. A clock that went back is believed at once, and may come forth again.
struct BelievedClock: Sendable {
    enum Decision: Equatable {
        case believe
        /// The clock went `ahead`; `isNew` when this is said for the first time.
        case doubt(ahead: Duration, isNew: Bool)
    }

    private let tolerance: Duration
    private let patience: Duration
    /// The most that the wall clock showed at zero of the monotonic clock when it was believed.
    private var believed: Timestamp
    /// On the monotonic clock.
    private var doubtedSince: Duration?

    /// `lastBelieved` is the wall clock at `monotonic` as far as it is known.
    init(tolerance: Duration, patience: Duration, lastBelieved: Timestamp, _ monotonic: Duration) {
        self.tolerance = tolerance
        self.patience = patience
        believed = lastBelieved + (.zero - monotonic)
    }

    mutating func decide(at now: Timestamp, _ monotonic: Duration) -> Decision {
        let origin = now + (.zero - monotonic)
        let ahead = origin - believed
        let isNew = doubtedSince == nil
        let since = doubtedSince ?? monotonic
        guard ahead > tolerance, monotonic - since < patience else {
            // After a doubt, whatever it is; else the clock may have been behind for a while.
            believed = max(believed, origin)
            doubtedSince = nil
            return .believe
        }
        doubtedSince = since
        return .doubt(ahead: ahead, isNew: isNew)
    }
}
