package import Model

/// What is to be thought of a worker by when it was last heard of.
package enum WorkerState: String, Sendable {
    case alive
    /// It reaches none of its reference targets.
    case isolated
    /// Three heartbeats have brought no report.
    case warning
    /// Ten heartbeats have brought none.
    case error
    /// It was told to end.
    case stopped

    /// Nil for one that has been silent for a day: it is gone.
    package init?(of worker: WorkerReport, at now: Timestamp) {
        let silence = now - worker.sentAt
        let heartbeat = max(1, worker.heartbeat)
        guard silence <= max(.seconds(86_400), .seconds(10 * heartbeat)) else { return nil }
        switch worker.condition {
        case .stopped: self = .stopped
        case _ where silence > .seconds(10 * heartbeat): self = .error
        case _ where silence > .seconds(3 * heartbeat): self = .warning
        case .isolated: self = .isolated
        case .working: self = .alive
        }
    }
}
