/// What a worker says of itself at every heartbeat.
package struct WorkerReport: Sendable, Equatable {
    package var name: String
    package var sentAt: Timestamp
    package var version: String
    /// Where it runs, for people.
    package var address: String
    /// Seconds to the next report.
    package var heartbeat: Int
    /// Executors that the worker has, and those that work.
    package var workerCount: Int
    package var workerAlive: Int
    /// Checks running now.
    package var inFlight: Int
    /// Jobs waiting for this worker.
    package var inputQueueSize: Int
    /// Results a second since the last report.
    package var throughput: Double
    /// Means since the last report: from due to start, and from start to end.
    package var latencyMilliseconds: Double
    package var executionMilliseconds: Double
    /// Resident memory in bytes.
    package var ramUsed: Int
    /// Share of one core, 1.0 being all of it.
    package var cpu: Double
    package var condition: Condition

    package enum Condition: String, Sendable, CaseIterable {
        case working
        /// It reaches none of its reference targets.
        case isolated
        /// It was told to end, and will send no further report.
        case stopped
    }

    package init(
        name: String, sentAt: Timestamp, version: String, address: String, heartbeat: Int, workerCount: Int,
        workerAlive: Int, inFlight: Int, inputQueueSize: Int, throughput: Double, latencyMilliseconds: Double,
        executionMilliseconds: Double, ramUsed: Int, cpu: Double, condition: Condition = .working
    ) {
        self.name = name
        self.sentAt = sentAt
        self.version = version
        self.address = address
        self.heartbeat = heartbeat
        self.workerCount = workerCount
        self.workerAlive = workerAlive
        self.inFlight = inFlight
        self.inputQueueSize = inputQueueSize
        self.throughput = throughput
        self.latencyMilliseconds = latencyMilliseconds
        self.executionMilliseconds = executionMilliseconds
        self.ramUsed = ramUsed
        self.cpu = cpu
        self.condition = condition
    }
}

/// The counts that the global archive keeps.
package struct GlobalCounts: Sendable, Equatable {
    package var hostsAll = 0
    /// Hosts not in maintenance.
    package var hostsActive = 0
    /// Active hosts whose built-in ICMP check, or every check when there is none, is OK.
    package var hostsActiveUp = 0
    package var checksAll = 0
    /// Checks of active hosts; the four below count these.
    package var checksActive = 0
    package var checksOK = 0
    package var checksWarn = 0
    package var checksError = 0
    /// State UNKNOWN.
    package var checksIncorrect = 0

    package init() {}
}
