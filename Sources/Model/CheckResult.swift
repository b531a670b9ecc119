/// The state of a check as people see it.
package enum CheckState: Int, Sendable, CaseIterable, Comparable {
    case ok = 0
    case warning = 1
    case critical = 2
    case unknown = 3
    /// Never run so far.
    case pending = 4

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The word in the API, as "critical".
    package var name: String {
        switch self {
        case .ok: "ok"
        case .warning: "warning"
        case .critical: "critical"
        case .unknown: "unknown"
        case .pending: "pending"
        }
    }

    package init?(name: some StringProtocol) {
        guard let state = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = state
    }
}

/// How a run came to its end; everything but `exited` makes the state UNKNOWN.
package enum Cause: String, Sendable, CaseIterable {
    case exited
    case signaled
    case timeout
    case outOfRange = "out_of_range"
    case notFound = "not_found"
    case notExecutable = "not_executable"
    case execFailed = "exec_failed"
    case noOutput = "no_output"
    case unreachable
    case hostKeyUnknown = "host_key_unknown"
    case hostKeyMismatch = "host_key_mismatch"
    case authFailed = "auth_failed"
    case tooLate = "too_late"
    /// The engine's own trouble (no descriptors, no memory): says nothing of the target.
    case `internal`
    /// The worker reached none of its reference targets, so that what it saw says nothing of the target.
    case observerIsolated = "observer_isolated"
    /// Too few zones answered to agree on anything.
    case noQuorum = "no_quorum"

    /// Whether the result says something of the target; otherwise its status stays as it was.
    package var isOfTarget: Bool { self != .internal && self != .observerIsolated }
}

/// What one run of a check brought.
package struct CheckResult: Sendable, Equatable {
    package var check: CheckID
    /// When it was due, started and ended.
    package var due: Timestamp
    package var started: Timestamp
    package var ended: Timestamp
    package var state: CheckState
    package var cause: Cause
    /// The exit code as it was; minus the signal's number for `signaled`; nil when there was none.
    package var exitCode: Int?
    package var output: PluginOutput
    /// The worker that ran it.
    package var worker: String
    /// Whether results of this host are kept in the history.
    package var keepsHistory: Bool
    /// What the run was given out with.
    package var assignment: Assignment

    package init(
        check: CheckID, due: Timestamp, started: Timestamp, ended: Timestamp, state: CheckState, cause: Cause,
        exitCode: Int? = nil, output: PluginOutput, worker: String, keepsHistory: Bool = true,
        assignment: Assignment = Assignment()
    ) {
        self.check = check
        self.due = due
        self.started = started
        self.ended = ended
        self.state = state
        self.cause = cause
        self.exitCode = exitCode
        self.output = output
        self.worker = worker
        self.keepsHistory = keepsHistory
        self.assignment = assignment
    }
}

/// What a sweep of a subnet found.
package struct DiscoveryResult: Sendable, Equatable {
    /// An address that answered, with its reverse name when it has one.
    package struct Responder: Sendable, Equatable {
        package var address: String
        package var name: String?

        package init(address: String, name: String?) {
            self.address = address
            self.name = name
        }
    }

    /// The round's number, from its ``DiscoveryJob``.
    package var id: Int64
    /// How many addresses have been asked so far, and how many there are.
    package var scanned: Int
    package var total: Int
    /// Those that answered since the last part of this result.
    package var responders: [Responder]
    /// Whether the round is over.
    package var isFinished: Bool
    /// A sentence why the round could not be carried out.
    package var failure: String?
    /// What the round was given out with.
    package var assignment: Assignment

    package init(
        id: Int64, scanned: Int, total: Int, responders: [Responder], isFinished: Bool,
        failure: String? = nil,
        assignment: Assignment = Assignment()
    ) {
        self.id = id
        self.scanned = scanned
        self.total = total
        self.responders = responders
        self.isFinished = isFinished
        self.failure = failure
        self.assignment = assignment
    }
}

/// What workers hand to the recorder.
package enum Outcome: Sendable {
    case check(CheckResult)
    case discovery(DiscoveryResult)
    case report(WorkerReport)
}
