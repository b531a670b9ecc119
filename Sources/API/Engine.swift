package import Model
package import Statistics
package import Storage

/// What the API asks of the running engine beyond the store; the node implements it.
package protocol Engine: Sendable {
    /// Queues a run of this check now and waits at most `wait` for its result; nil when the job queue is
    /// full.
    func run(host: Host, plugin: Plugin, wait: Duration) async -> CheckRun?
    /// A run that was asked for; runs are remembered for ten minutes after they ended.
    func run(_ id: String) async -> CheckRun?
    /// Begins a sweep of a subnet; throws as ``Store/beginDiscovery(ofSubnetNamed:at:)``.
    func discover(subnetNamed name: String) async throws(StoreError) -> DiscoveryRound
    /// The timetable, sorted by next run, filtered by exact names.
    func schedule(_ page: PageRequest, host: String?, plugin: String?) async -> Page<ScheduleEntry>
    /// What waits between the roles.
    func queues() async -> [QueueState]
    func health() async -> Health
    /// Everything counted, for Prometheus.
    func metrics() async -> [MetricFamily]
}

/// A run that a person asked for.
package struct CheckRun: Sendable, Equatable {
    package enum State: String, Sendable { case queued, done }

    package var id: String
    package var host: String
    package var plugin: String
    package var state: State
    package var requestedAt: Timestamp
    /// The result once it is recorded.
    package var result: CheckStatus?

    package init(
        id: String, host: String, plugin: String, state: State, requestedAt: Timestamp,
        result: CheckStatus? = nil
    ) {
        self.id = id
        self.host = host
        self.plugin = plugin
        self.state = state
        self.requestedAt = requestedAt
        self.result = result
    }
}

/// One check in the timetable.
package struct ScheduleEntry: Sendable, Equatable {
    package var host: String
    package var plugin: String
    /// Seconds.
    package var interval: Int
    package var nextRun: Timestamp
    package var lastRun: Timestamp?
    /// How late its last run started.
    package var latenessMilliseconds: Double?
    /// Runs skipped since the engine started.
    package var skipped: Int

    package init(
        host: String, plugin: String, interval: Int, nextRun: Timestamp, lastRun: Timestamp? = nil,
        latenessMilliseconds: Double? = nil, skipped: Int = 0
    ) {
        self.host = host
        self.plugin = plugin
        self.interval = interval
        self.nextRun = nextRun
        self.lastRun = lastRun
        self.latenessMilliseconds = latenessMilliseconds
        self.skipped = skipped
    }
}

/// What waits between two roles.
package struct QueueState: Sendable, Equatable {
    package var name: String
    /// The zone whose jobs it carries; nil for results.
    package var zone: String?
    /// Messages that wait, here and at the broker.
    package var waiting: Int
    package var capacity: Int
    /// Processes that take from it; nil for a queue in memory and until the broker has said so.
    package var consumers: Int?
    /// Messages that nobody could read.
    package var deadLetters: Int
    /// A sentence that says what is wrong; nil when all is well.
    package var trouble: String?

    package init(
        name: String, zone: String?, waiting: Int, capacity: Int, consumers: Int? = nil, deadLetters: Int = 0,
        trouble: String? = nil
    ) {
        self.name = name
        self.zone = zone
        self.waiting = waiting
        self.capacity = capacity
        self.consumers = consumers
        self.deadLetters = deadLetters
        self.trouble = trouble
    }
}

/// Whether the engine does its work, part by part.
package struct Health: Sendable, Equatable {
    package enum Level: String, Sendable { case ok, warning, error }

    package struct Part: Sendable, Equatable {
        package var name: String
        package var level: Level
        /// A sentence when it is not ok.
        package var detail: String

        package init(name: String, level: Level, detail: String = "") {
            self.name = name
            self.level = level
            self.detail = detail
        }
    }

    package var version: String
    package var startedAt: Timestamp
    package var parts: [Part]

    package init(version: String, startedAt: Timestamp, parts: [Part]) {
        self.version = version
        self.startedAt = startedAt
        self.parts = parts
    }
}
