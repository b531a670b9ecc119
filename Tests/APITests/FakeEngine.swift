import API
import Model
import Statistics
import Storage
import Synchronization

/// An engine whose answers a test sets; it notes what it was asked.
final class FakeEngine: Engine {
    struct State: Sendable {
        var isQueueFull = false
        var parts: [Health.Part] = [.init(name: "store", level: .ok)]
        var runs: [String: CheckRun] = [:]
        var waits: [Duration] = []
        var entries: [ScheduleEntry] = []
        var queues = [QueueState(name: "results", zone: nil, waiting: 3, capacity: 10)]
    }

    let store: any Store
    let state = Mutex(State())

    init(store: any Store) { self.store = store }

    /// A wait brings a result at once, none leaves the run queued.
    func run(host: Host, plugin: Plugin, wait: Duration) async -> CheckRun? {
        state.withLock { state in
            guard !state.isQueueFull else { return nil }
            state.waits.append(wait)
            var run = CheckRun(
                id: "run-\(state.runs.count + 1)", host: host.name, plugin: plugin.name, state: .queued,
                requestedAt: TestAPI.now)
            if wait > .zero {
                run.state = .done
                run.result = CheckStatus(
                    host: host.name, plugin: plugin.name, state: .warning, exitCode: 1, cause: .exited,
                    output: PluginOutput(text: "LOAD WARNING"), due: TestAPI.now, started: TestAPI.now,
                    ended: TestAPI.now + .milliseconds(12), stateSince: TestAPI.now, worker: "w1",
                    interval: 30, timeout: 10, maintenance: false)
            }
            state.runs[run.id] = run
            return run
        }
    }

    func run(_ id: String) async -> CheckRun? { state.withLock { $0.runs[id] } }

    func discover(subnetNamed name: String) async throws(StoreError) -> DiscoveryRound {
        try await store.beginDiscovery(ofSubnetNamed: name, at: TestAPI.now)
    }

    func schedule(_ page: PageRequest, host: String?, plugin: String?) async -> Page<ScheduleEntry> {
        state.withLock { state in
            let all = state.entries.filter { host == nil || $0.host == host }
            return Page(
                items: Array(all.dropFirst((page.page - 1) * page.perPage).prefix(page.perPage)),
                total: all.count)
        }
    }

    func queues() async -> [QueueState] { state.withLock { $0.queues } }

    func health() async -> Health {
        Health(version: "9.9", startedAt: TestAPI.now, parts: state.withLock { $0.parts })
    }

    func metrics() async -> [MetricFamily] {
        [
            MetricFamily(
                name: "ppalette_checks_total", help: "Checks run.", kind: .counter,
                samples: [.init(5, labels: [.init("state", "ok")])])
        ]
    }
}
