/// What is counted of plugins that are to be kept warm.
package struct WarmCounters: Sendable, Equatable {
    /// Runs that a helper began.
    package var warmRuns = 0
    /// Runs that were started cold: before a helper was ready, or because there is none.
    package var coldRuns = 0
    /// Helpers that live; a level, not a count.
    package var helpers = 0
    package var helperStarts = 0
    /// Scripts that cannot be kept warm at the moment; a level, not a count.
    package var refusals = 0
    /// The last of the reasons, as a sentence; nil when there is none.
    package var refusal: String?

    package init() {}
}
