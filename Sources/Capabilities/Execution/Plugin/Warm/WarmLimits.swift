/// How many helpers there are, and for how long.
package struct WarmLimits: Sendable, Equatable {
    /// Helpers at a time.
    package var helpers = 32
    /// Runs after which a helper is replaced.
    package var runs = 10_000
    /// Nanoseconds without a run after which a helper ends.
    package var idle: Int64 = 600_000_000_000
    /// Nanoseconds without a run after which a helper may make room for another script's.
    package var spare: Int64 = 60_000_000_000
    /// Nanoseconds within which a helper has loaded everything.
    package var preparing: Int64 = 30_000_000_000
    /// Nanoseconds within which some child of a helper has told that it is there.
    package var answering: Int64 = 3_000_000_000
    /// Nanoseconds within which a helper that is told to end has ended.
    package var ending: Int64 = 2_000_000_000

    package init() {}
}
