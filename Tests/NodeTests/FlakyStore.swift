import Model
import Storage
import Synchronization

/// A store that can be told to fail when results are recorded.
final class FlakyStore: Store {
    private let store: any Store
    private let failure = Mutex<StoreError?>(nil)
    private let refused = Mutex<Timestamp?>(nil)
    private let batches = Mutex<[[CheckResult]]>([])

    init(_ store: any Store) { self.store = store }

    /// From now on recording throws this; nil: it works again.
    func fail(with error: StoreError?) { failure.withLock { $0 = error } }

    /// Any batch with a result due at that time is refused.
    func refuse(due: Timestamp) { refused.withLock { $0 = due } }

    /// Due times of what was recorded, in order.
    var recorded: [Timestamp] { batches.withLock { $0.joined().map(\.due) } }

    func record(_ results: [CheckResult]) async throws(StoreError) -> RecordSummary {
        if let failure = failure.withLock({ $0 }) { throw failure }
        if let bad = refused.withLock({ $0 }), results.contains(where: { $0.due == bad }) {
            throw .refused("the row due \(bad) is refused")
        }
        let summary = try await store.record(results)
        batches.withLock { $0.append(results) }
        return summary
    }

    func settleVotes(at now: Timestamp) async throws(StoreError) -> RecordSummary {
        try await store.settleVotes(at: now)
    }
    func secret(named name: String, orKeep proposal: String) async throws(StoreError) -> String {
        try await store.secret(named: name, orKeep: proposal)
    }
    func lead(as node: String) async throws(StoreError) -> Int64? { try await store.lead(as: node) }
    func tellChanges() async throws(StoreError) { try await store.tellChanges() }
    func hosts(_ query: ObjectQuery) async throws(StoreError) -> Page<Host> { try await store.hosts(query) }
    func host(named name: String) async throws(StoreError) -> Host? { try await store.host(named: name) }
    func add(_ host: Host) async throws(StoreError) -> Host { try await store.add(host) }
    func edit(hostNamed name: String, _ edit: HostEdit) async throws(StoreError) -> Host {
        try await store.edit(hostNamed: name, edit)
    }
    func delete(hostNamed name: String) async throws(StoreError) { try await store.delete(hostNamed: name) }

    func plugins(_ query: ObjectQuery) async throws(StoreError) -> Page<Plugin> {
        try await store.plugins(query)
    }
    func plugin(named name: String) async throws(StoreError) -> Plugin? {
        try await store.plugin(named: name)
    }
    func add(_ plugin: Plugin) async throws(StoreError) -> Plugin { try await store.add(plugin) }
    func edit(pluginNamed name: String, _ edit: PluginEdit) async throws(StoreError) -> Plugin {
        try await store.edit(pluginNamed: name, edit)
    }
    func delete(pluginNamed name: String) async throws(StoreError) {
        try await store.delete(pluginNamed: name)
    }

    func suites(_ query: ObjectQuery) async throws(StoreError) -> Page<Suite> {
        try await store.suites(query)
    }
    func suite(named name: String) async throws(StoreError) -> Suite? { try await store.suite(named: name) }
    func add(_ suite: Suite) async throws(StoreError) -> Suite { try await store.add(suite) }
    func edit(suiteNamed name: String, _ edit: SuiteEdit) async throws(StoreError) -> Suite {
        try await store.edit(suiteNamed: name, edit)
    }
    func delete(suiteNamed name: String) async throws(StoreError) { try await store.delete(suiteNamed: name) }

    func subnets(_ query: ObjectQuery) async throws(StoreError) -> Page<Subnet> {
        try await store.subnets(query)
    }
    func subnet(named name: String) async throws(StoreError) -> Subnet? {
        try await store.subnet(named: name)
    }
    func add(_ subnet: Subnet) async throws(StoreError) -> Subnet { try await store.add(subnet) }
    func edit(subnetNamed name: String, _ edit: SubnetEdit) async throws(StoreError) -> Subnet {
        try await store.edit(subnetNamed: name, edit)
    }
    func delete(subnetNamed name: String) async throws(StoreError) {
        try await store.delete(subnetNamed: name)
    }

    func schedule() async throws(StoreError) -> ScheduleSnapshot { try await store.schedule() }
    func statuses(_ query: StatusQuery) async throws(StoreError) -> Page<CheckStatus> {
        try await store.statuses(query)
    }
    func history(_ query: HistoryQuery) async throws(StoreError) -> HistoryPage {
        try await store.history(query)
    }
    func pruneHistory(before limit: Timestamp, atMost count: Int) async throws(StoreError) -> Int {
        try await store.pruneHistory(before: limit, atMost: count)
    }
    func lastRetention() async throws(StoreError) -> Timestamp? { try await store.lastRetention() }
    func endRetention(before limit: Timestamp, at now: Timestamp) async throws(StoreError) {
        try await store.endRetention(before: limit, at: now)
    }
    func counts() async throws(StoreError) -> GlobalCounts { try await store.counts() }
    func record(_ reports: [WorkerReport]) async throws(StoreError) { try await store.record(reports) }
    func workers() async throws(StoreError) -> [WorkerReport] { try await store.workers() }
    func beginDiscovery(
        ofSubnetNamed name: String, at now: Timestamp
    ) async throws(StoreError) -> DiscoveryRound {
        try await store.beginDiscovery(ofSubnetNamed: name, at: now)
    }
    func record(
        _ result: DiscoveryResult, at now: Timestamp
    ) async throws(StoreError) -> DiscoveryRound {
        if let failure = failure.withLock({ $0 }) { throw failure }
        return try await store.record(result, at: now)
    }
    func discovery(_ id: Int64) async throws(StoreError) -> DiscoveryRound? { try await store.discovery(id) }
    func abandonDiscoveries(at now: Timestamp) async throws(StoreError) {
        try await store.abandonDiscoveries(at: now)
    }
    func close() async { await store.close() }
}
