/// Counts the results of a worker between two of its reports.
package struct HeartbeatMeter: Sendable, Equatable {
    /// What a report says of the time since the one before.
    package struct Beat: Sendable, Equatable {
        /// Results a second.
        package var throughput: Double
        /// Means in milliseconds; 0 when there was no result.
        package var latencyMilliseconds: Double
        package var executionMilliseconds: Double
    }

    private var since: Duration
    private var results = 0
    private var latency: Duration = .zero
    private var execution: Duration = .zero

    /// Begins at `now`, a time of the monotonic clock.
    package init(now: Duration) { since = now }

    /// Counts one result: how late it started, and how long it ran.
    package mutating func record(latency: Duration, execution: Duration) {
        results += 1
        self.latency += max(.zero, latency)
        self.execution += max(.zero, execution)
    }

    /// Returns the beat that ends at `now`, and begins the next.
    package mutating func beat(now: Duration) -> Beat {
        let seconds = (now - since) / .seconds(1)
        let beat = Beat(
            throughput: seconds > 0 ? Double(results) / seconds : 0,
            latencyMilliseconds: mean(latency), executionMilliseconds: mean(execution))
        self = HeartbeatMeter(now: now)
        return beat
    }

    private func mean(_ sum: Duration) -> Double {
        results > 0 ? sum / .milliseconds(1) / Double(results) : 0
    }
}
