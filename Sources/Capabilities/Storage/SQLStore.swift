package import Log
package import Model
import Posix

/// A store in a SQL database: one thread that writes and one that reads, each with a connection of its own.
///
/// Lists of names (the suites of a host, the hosts of a suite) come back sorted by name.
package final class SQLStore: Store {
    private let writer: Writer
    private let reader: Reader
    private let threads: [ThreadExecutor]

    /// Opens the SQLite file at `path`, makes it when missing, and carries an older one over.
    ///
    /// `onScheduleChange` is called on the writing thread after each commit that changes what is run, in the order of
    /// the commits. It tells hosts and plugins whose own fields were edited; that a list of another object changed
    /// (a suite was renamed, a subnet deleted) is told of subnets and as checks that came and went. Throws
    /// ``StoreError/unusable(_:)`` for a file that is damaged, not ours or of a newer version.
    package static func open(
        path: String, log: Log, onScheduleChange: @escaping @Sendable (ScheduleChange) -> Void
    ) async throws(StoreError) -> SQLStore {
        try await open(DatabaseFile(path: path, log: log), onScheduleChange: onScheduleChange)
    }

    /// Opens the database of `source` as above.
    package static func open(
        _ source: any DatabaseSource, onScheduleChange: @escaping @Sendable (ScheduleChange) -> Void
    ) async throws(StoreError) -> SQLStore {
        let store = SQLStore(source, onScheduleChange)
        try await store.writer.open()
        return store
    }

    private init(_ source: any DatabaseSource, _ tell: @escaping @Sendable (ScheduleChange) -> Void) {
        let writing = ThreadExecutor(name: "store-write")
        let reading = ThreadExecutor(name: "store-read")
        threads = [writing, reading]
        writer = Writer(source: source, executor: writing, tell: tell)
        reader = Reader(source: source, executor: reading)
    }

    deinit {
        for thread in threads { thread.stop() }
    }

    package func close() async {
        await reader.close()
        await writer.close()
    }
}

extension SQLStore {
    package func hosts(_ query: ObjectQuery) async throws(StoreError) -> Page<Host> {
        try await reader.read { store throws(StoreError) in try store.hosts(query) }
    }

    package func host(named name: String) async throws(StoreError) -> Host? {
        try await reader.read { store throws(StoreError) in try store.host(named: name) }
    }

    package func add(_ host: Host) async throws(StoreError) -> Host {
        try await writer.edit { store, change throws(StoreError) in try store.add(host, &change) }
    }

    package func edit(hostNamed name: String, _ edit: HostEdit) async throws(StoreError) -> Host {
        try await writer.edit { store, change throws(StoreError) in
            try store.edit(hostNamed: name, edit, &change)
        }
    }

    package func delete(hostNamed name: String) async throws(StoreError) {
        try await writer.edit { store, change throws(StoreError) in
            try store.delete(hostNamed: name, &change)
        }
    }

    package func plugins(_ query: ObjectQuery) async throws(StoreError) -> Page<Plugin> {
        try await reader.read { store throws(StoreError) in try store.plugins(query) }
    }

    package func plugin(named name: String) async throws(StoreError) -> Plugin? {
        try await reader.read { store throws(StoreError) in try store.plugin(named: name) }
    }

    package func add(_ plugin: Plugin) async throws(StoreError) -> Plugin {
        try await writer.edit { store, change throws(StoreError) in try store.add(plugin, &change) }
    }

    package func edit(pluginNamed name: String, _ edit: PluginEdit) async throws(StoreError) -> Plugin {
        try await writer.edit { store, change throws(StoreError) in
            try store.edit(pluginNamed: name, edit, &change)
        }
    }

    package func delete(pluginNamed name: String) async throws(StoreError) {
        try await writer.edit { store, change throws(StoreError) in
            try store.delete(pluginNamed: name, &change)
        }
    }

    package func suites(_ query: ObjectQuery) async throws(StoreError) -> Page<Suite> {
        try await reader.read { store throws(StoreError) in try store.suites(query) }
    }

    package func suite(named name: String) async throws(StoreError) -> Suite? {
        try await reader.read { store throws(StoreError) in try store.suite(named: name) }
    }

    package func add(_ suite: Suite) async throws(StoreError) -> Suite {
        try await writer.edit { store, change throws(StoreError) in try store.add(suite, &change) }
    }

    package func edit(suiteNamed name: String, _ edit: SuiteEdit) async throws(StoreError) -> Suite {
        try await writer.edit { store, change throws(StoreError) in
            try store.edit(suiteNamed: name, edit, &change)
        }
    }

    package func delete(suiteNamed name: String) async throws(StoreError) {
        try await writer.edit { store, change throws(StoreError) in
            try store.delete(suiteNamed: name, &change)
        }
    }

    package func subnets(_ query: ObjectQuery) async throws(StoreError) -> Page<Subnet> {
        try await reader.read { store throws(StoreError) in try store.subnets(query) }
    }

    package func subnet(named name: String) async throws(StoreError) -> Subnet? {
        try await reader.read { store throws(StoreError) in try store.subnet(named: name) }
    }

    package func add(_ subnet: Subnet) async throws(StoreError) -> Subnet {
        try await writer.edit { store, change throws(StoreError) in try store.add(subnet, &change) }
    }

    package func edit(subnetNamed name: String, _ edit: SubnetEdit) async throws(StoreError) -> Subnet {
        try await writer.edit { store, change throws(StoreError) in
            try store.edit(subnetNamed: name, edit, &change)
        }
    }

    package func delete(subnetNamed name: String) async throws(StoreError) {
        try await writer.edit { store, change throws(StoreError) in
            try store.delete(subnetNamed: name, &change)
        }
    }
}

extension SQLStore {
    package func schedule() async throws(StoreError) -> ScheduleSnapshot {
        try await reader.read { store throws(StoreError) in try store.schedule() }
    }

    package func lead(as node: String) async throws(StoreError) -> Int64? { try await writer.lead(as: node) }

    package func tellChanges() async throws(StoreError) { try await writer.tellChanges() }

    package func record(_ results: [CheckResult]) async throws(StoreError) -> RecordSummary {
        try await writer.record(results)
    }

    package func settleVotes(at now: Timestamp) async throws(StoreError) -> RecordSummary {
        try await writer.settleVotes(at: now)
    }

    package func statuses(_ query: StatusQuery) async throws(StoreError) -> Page<CheckStatus> {
        try await reader.read { store throws(StoreError) in try store.statuses(query) }
    }

    package func statuses(
        _ query: StatusQuery, unlessStill moment: StoreMoment?
    ) async throws(StoreError) -> StatusReading {
        try await reader.statuses(query, unlessStill: moment)
    }

    package func history(_ query: HistoryQuery) async throws(StoreError) -> HistoryPage {
        try await reader.read { store throws(StoreError) in try store.history(query) }
    }

    package func pruneHistory(before limit: Timestamp, atMost count: Int) async throws(StoreError) -> Int {
        try await writer.edit { store, _ throws(StoreError) in
            try store.dialect.pruneHistory(before: limit, atMost: count, in: store)
        }
    }

    package func secret(
        named name: String, orKeep proposal: String
    ) async throws(StoreError) -> String {
        try await writer.edit { store, _ throws(StoreError) in
            try store.secret(named: name, orKeep: proposal)
        }
    }

    package func lastRetention() async throws(StoreError) -> Timestamp? {
        try await reader.read { store throws(StoreError) in try store.lastRetention() }
    }

    package func endRetention(before limit: Timestamp, at now: Timestamp) async throws(StoreError) {
        try await writer.edit { store, _ throws(StoreError) in
            try store.endRetention(before: limit, at: now)
        }
    }

    package func counts() async throws(StoreError) -> GlobalCounts {
        try await reader.read { store throws(StoreError) in try store.counts() }
    }

    package func record(_ reports: [WorkerReport]) async throws(StoreError) {
        let now = Timestamp(microseconds: Clock.wallNanoseconds() / 1000)
        try await writer.edit { store, _ throws(StoreError) in try store.record(reports, now: now) }
    }

    package func workers() async throws(StoreError) -> [WorkerReport] {
        try await reader.read { store throws(StoreError) in try store.workers() }
    }

    package func beginDiscovery(
        ofSubnetNamed name: String, at now: Timestamp
    ) async throws(StoreError) -> DiscoveryRound {
        try await writer.edit { store, _ throws(StoreError) in
            try store.beginDiscovery(ofSubnetNamed: name, at: now)
        }
    }

    package func record(
        _ result: DiscoveryResult, at now: Timestamp
    ) async throws(StoreError) -> DiscoveryRound {
        try await writer.edit { store, change throws(StoreError) in
            try store.record(result, at: now, &change)
        }
    }

    package func abandonDiscoveries(at now: Timestamp) async throws(StoreError) {
        try await writer.edit { store, _ throws(StoreError) in try store.abandonDiscoveries(at: now) }
    }

    package func discovery(_ id: Int64) async throws(StoreError) -> DiscoveryRound? {
        try await reader.read { store throws(StoreError) in try store.discovery(id) }
    }
}
