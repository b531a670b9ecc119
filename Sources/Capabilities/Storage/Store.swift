package import Model

/// Keeps configuration, current status and history; SQLite is the default, others pass the same contract suite.
///
/// Reads and writes run on the store's own threads, so a call costs a wake-up and never blocks its caller. A change of
/// the configuration is one transaction: it either takes effect as a whole, with its ``ScheduleChange`` told, or not at
/// all.
package protocol Store: Sendable {
    // Configuration. Objects are named by their names; lists of names must exist.

    func hosts(_ query: ObjectQuery) async throws(StoreError) -> Page<Host>
    func host(named name: String) async throws(StoreError) -> Host?
    func add(_ host: Host) async throws(StoreError) -> Host
    func edit(hostNamed name: String, _ edit: HostEdit) async throws(StoreError) -> Host
    func delete(hostNamed name: String) async throws(StoreError)

    func plugins(_ query: ObjectQuery) async throws(StoreError) -> Page<Plugin>
    func plugin(named name: String) async throws(StoreError) -> Plugin?
    func add(_ plugin: Plugin) async throws(StoreError) -> Plugin
    func edit(pluginNamed name: String, _ edit: PluginEdit) async throws(StoreError) -> Plugin
    func delete(pluginNamed name: String) async throws(StoreError)

    func suites(_ query: ObjectQuery) async throws(StoreError) -> Page<Suite>
    func suite(named name: String) async throws(StoreError) -> Suite?
    func add(_ suite: Suite) async throws(StoreError) -> Suite
    func edit(suiteNamed name: String, _ edit: SuiteEdit) async throws(StoreError) -> Suite
    func delete(suiteNamed name: String) async throws(StoreError)

    func subnets(_ query: ObjectQuery) async throws(StoreError) -> Page<Subnet>
    func subnet(named name: String) async throws(StoreError) -> Subnet?
    func add(_ subnet: Subnet) async throws(StoreError) -> Subnet
    func edit(subnetNamed name: String, _ edit: SubnetEdit) async throws(StoreError) -> Subnet
    func delete(subnetNamed name: String) async throws(StoreError)

    // Schedule.

    /// All that the schedule is made of, from one moment; later changes come through the handler given at opening.
    func schedule() async throws(StoreError) -> ScheduleSnapshot

    /// Lets this node drive the schedule when no other does; nil when another does, else a number that grows each time
    /// the lead goes to another node. Call it again and again: what is not held is lost with the connection.
    func lead(as node: String) async throws(StoreError) -> Int64?
    /// Tells what other nodes changed since the last call, through the handler given at opening.
    func tellChanges() async throws(StoreError)

    // Results.

    /// Stores results: status where newer, history once for each check and due time, in one transaction.
    ///
    /// Throws without a trace when the transaction could not be committed; the caller keeps the batch and tries again.
    ///
    /// The result of one of several zones waits for those of the others; what they agree on is stored in their place.
    func record(_ results: [CheckResult]) async throws(StoreError) -> RecordSummary
    /// Stores what comes of runs for which no vote can come any more.
    func settleVotes(at now: Timestamp) async throws(StoreError) -> RecordSummary
    func statuses(_ query: StatusQuery) async throws(StoreError) -> Page<CheckStatus>
    /// The same, without the list while the store is still as it was at `moment`.
    func statuses(_ query: StatusQuery, unlessStill moment: StoreMoment?) async throws(StoreError)
        -> StatusReading
    func history(_ query: HistoryQuery) async throws(StoreError) -> HistoryPage
    /// Deletes history older than `limit`, at most `count` rows a call; returns how many went.
    func pruneHistory(before limit: Timestamp, atMost count: Int) async throws(StoreError) -> Int
    /// The clock when ``endRetention(before:at:)`` was last called, before that the due time of the newest result.
    func lastRetention() async throws(StoreError) -> Timestamp?
    /// Ends a round of deleting at `now`; workers that were last heard of before `limit` are forgotten.
    func endRetention(before limit: Timestamp, at now: Timestamp) async throws(StoreError)
    /// Hosts and checks by state, for the global archive.
    func counts() async throws(StoreError) -> GlobalCounts

    // Trust.

    /// A secret that all nodes share; `proposal` becomes it when there is none of this name.
    func secret(named name: String, orKeep proposal: String) async throws(StoreError) -> String

    // Workers.

    func record(_ reports: [WorkerReport]) async throws(StoreError)
    /// The last report of every worker, by name.
    func workers() async throws(StoreError) -> [WorkerReport]

    // Discovery.

    /// Begins a round; throws ``StoreError/conflict`` when one of this subnet is running and not older than an hour.
    func beginDiscovery(ofSubnetNamed name: String, at now: Timestamp) async throws(StoreError)
        -> DiscoveryRound
    /// Adds responders that are not hosts yet, with the subnet's suite, and counts; ends the round when told so.
    func record(_ result: DiscoveryResult, at now: Timestamp) async throws(StoreError) -> DiscoveryRound
    func discovery(_ id: Int64) async throws(StoreError) -> DiscoveryRound?
    /// Ends every round that still counts as running as failed: those that an engine began which is gone.
    func abandonDiscoveries(at now: Timestamp) async throws(StoreError)

    /// Waits for the running call, writes everything out and closes; later calls throw ``StoreError/unavailable``.
    func close() async
}

/// What a store tells after a commit that changes what is run.
package struct ScheduleChange: Sendable, Equatable {
    /// New or changed definitions.
    package var hosts: [Host] = []
    package var plugins: [Plugin] = []
    package var subnets: [Subnet] = []
    /// Checks that came and went; those of deleted hosts and plugins are among the removed.
    package var added: [CheckID] = []
    package var removed: [CheckID] = []
    package var removedHosts: [HostID] = []
    package var removedPlugins: [PluginID] = []
    package var removedSubnets: [SubnetID] = []

    package init() {}

    package var isEmpty: Bool { self == ScheduleChange() }
}

/// All that the schedule is made of.
package struct ScheduleSnapshot: Sendable, Equatable {
    package var hosts: [Host]
    package var plugins: [Plugin]
    package var subnets: [Subnet]
    package var checks: [CheckID]

    package init(hosts: [Host], plugins: [Plugin], subnets: [Subnet], checks: [CheckID]) {
        self.hosts = hosts
        self.plugins = plugins
        self.subnets = subnets
        self.checks = checks
    }
}

/// What became of a batch of results.
package struct RecordSummary: Sendable, Equatable {
    /// New to the store.
    package var stored = 0
    /// Already there for that check and due time.
    package var duplicates = 0
    /// Older than the current status: kept in the history only.
    package var outdated = 0
    /// Of checks that no longer exist.
    package var orphaned = 0
    /// What several zones agreed on; counted above as well.
    package var verdicts: [CheckResult] = []

    package init() {}
}
