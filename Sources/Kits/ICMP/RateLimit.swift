/// Spreads events so that no more than a number a second happen; owns no clock.
package struct RateLimit: Sendable {
    private let gap: Int64
    private let slack: Int64
    private var nextAt: Int64 = .min

    /// Lets `perSecond` events pass, and what was missed in the last `slack` nanoseconds at once.
    package init(perSecond: Int, slack: Int64 = 10_000_000) {
        gap = 1_000_000_000 / Int64(max(1, perSecond))
        self.slack = slack
    }

    /// Whether one more event may happen at `now`; counts it when it may.
    package mutating func take(at now: Int64) -> Bool {
        guard nextAt <= now else { return false }
        nextAt = max(nextAt, now - slack) + gap
        return true
    }

    /// When the next event may happen.
    package var nextTime: Int64 { nextAt }
}
