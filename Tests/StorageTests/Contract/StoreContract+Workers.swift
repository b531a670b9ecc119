import Model
import Storage
import Testing

// Workers and discovery.
extension StoreContract {
    private static func report(_ name: String, _ seconds: Int64, inFlight: Int) -> WorkerReport {
        WorkerReport(
            name: name, sentAt: at(seconds), version: "1", address: "host:1", heartbeat: 20, workerCount: 2,
            workerAlive: 1, inFlight: inFlight, inputQueueSize: 4, throughput: 1.5, latencyMilliseconds: 2.5,
            executionMilliseconds: 3.5, ramUsed: 1 << 40, cpu: 0.25)
    }

    static func lastReportOfEachWorkerIsKept(_ bench: Bench) async throws {
        let store = bench.store
        try await store.record([report("b", 0, inFlight: 1), report("a", 0, inFlight: 2)])
        try await store.record([report("b", 20, inFlight: 3), report("b", 10, inFlight: 4)])
        #expect(try await store.workers() == [report("a", 0, inFlight: 2), report("b", 20, inFlight: 3)])
    }

    static func workersOutliveAWrongClock(_ bench: Bench) async throws {
        let store = bench.store
        // The year 2118, when the clock was wrong.
        let future: Int64 = 3_000_000_000
        try await store.record([report("a", future, inFlight: 1), report("gone", future, inFlight: 1)])
        try await store.record([report("a", 0, inFlight: 2), report("b", 100, inFlight: 3)])
        #expect(try await store.workers().map(\.inFlight) == [2, 3, 1])
        try await store.endRetention(before: at(50), at: at(200))
        #expect(try await store.workers().map(\.name) == ["b"])
    }

    static func lastRetentionIsKept(_ bench: Bench) async throws {
        let store = bench.store
        #expect(try await store.lastRetention() == nil)
        _ = try await store.add(Suite(name: "s"))
        let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
        let plugin = try await store.addPlugin("p", suites: ["s"])
        let check = CheckID(host: host.id, plugin: plugin.id)
        _ = try await store.record([result(check, due: 60), result(check, due: 30)])
        #expect(try await store.lastRetention() == at(60))
        for time in [at(90), at(20)] {
            try await store.endRetention(before: at(0), at: time)
            #expect(try await store.lastRetention() == time)
        }
    }

    static func roundsOfAGoneEngineAreEnded(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Subnet(name: "n", network: "192.0.2.0/24"))
        let round = try await store.beginDiscovery(ofSubnetNamed: "n", at: at(0))
        try await store.abandonDiscoveries(at: at(5))
        let ended = try #require(await store.discovery(round.id))
        #expect(ended.state == .failed && ended.ended == at(5))
        #expect(ended.failure == "the engine ended before the sweep did")
        #expect(try await store.beginDiscovery(ofSubnetNamed: "n", at: at(6)).state == .running)
    }

    static func discoveryAddsResponders(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        let plugin = try await store.addPlugin("p", suites: ["s"])
        _ = try await store.add(Subnet(name: "n", network: "192.0.2.0/24", suite: "s"))
        _ = try await store.addHost("known", "192.0.2.1")
        _ = try await store.addHost("taken", "198.51.100.1")
        _ = try await store.addHost("taken-192.0.2.4", "198.51.100.2")
        _ = try await store.addHost("192.0.2.5", "198.51.100.3")
        let round = try await store.beginDiscovery(ofSubnetNamed: "n", at: at(0))
        #expect(round.state == .running && round.subnet.name == "n")
        _ = bench.changes.take()

        func part(_ responders: [(String, String?)], scanned: Int, isFinished: Bool) -> DiscoveryResult {
            DiscoveryResult(
                id: round.id, scanned: scanned, total: 254,
                responders: responders.map { .init(address: $0.0, name: $0.1) }, isFinished: isFinished)
        }
        let first = part(
            [
                ("192.0.2.1", "known.example"), ("192.0.2.2", "two.example."), ("192.0.2.3", "taken"),
                ("192.0.2.4", "taken"),
            ], scanned: 100, isFinished: false)
        _ = try await store.record(first, at: at(1))
        // A part that is delivered twice counts once.
        let middle = try await store.record(first, at: at(1))
        #expect(middle.state == .running && middle.alive == 4 && middle.known == 1 && middle.scanned == 100)
        #expect(middle.added == ["192.0.2.4", "taken-192.0.2.3", "two.example"])
        let last = try await store.record(
            part([("192.0.2.5", nil), ("192.0.2.6", "../../x")], scanned: 254, isFinished: true), at: at(2))
        #expect(last.state == .done && last.ended == at(2) && last.scanned == 254 && last.alive == 6)
        #expect(last.refused.count == 1 && last.refused.first?.hasPrefix("192.0.2.5: ") == true)
        #expect(last.added.contains("192.0.2.6"))
        #expect(try await store.discovery(round.id) == last)
        #expect(try await store.discovery(99) == nil)

        let host = try #require(try await store.host(named: "two.example"))
        #expect(host.suites == ["s"] && host.subnet == "n" && host.maintenance && host.address == "192.0.2.2")
        let told = bench.changes.take().flatMap(\.added)
        #expect(told.contains(CheckID(host: host.id, plugin: plugin.id)))
    }

    static func roundsDoNotOverlap(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Subnet(name: "n", network: "192.0.2.0/24", discoveredMaintenance: false))
        _ = try await store.add(Subnet(name: "m", network: "198.51.100.0/24"))
        let round = try await store.beginDiscovery(ofSubnetNamed: "n", at: at(0))
        await #expect(throws: StoreError.self) {
            try await store.beginDiscovery(ofSubnetNamed: "n", at: at(3600))
        }
        _ = try await store.beginDiscovery(ofSubnetNamed: "m", at: at(1))
        _ = try await store.beginDiscovery(ofSubnetNamed: "n", at: at(3601))
        #expect(try await store.discovery(round.id)?.state == .failed)
        await #expect(throws: StoreError.notFound(kind: "subnet", name: "x")) {
            try await store.beginDiscovery(ofSubnetNamed: "x", at: at(0))
        }
        let failed = DiscoveryResult(
            id: round.id + 1, scanned: 0, total: 0, responders: [], isFinished: true, failure: "no socket")
        let ended = try await store.record(failed, at: at(2))
        #expect(ended.state == .failed && ended.failure == "no socket")
        try await store.delete(subnetNamed: "m")
        await #expect(throws: StoreError.notFound(kind: "discovery", name: String(round.id + 1))) {
            try await store.record(failed, at: at(3))
        }
    }

    static func closedStoreSaysSo(_ bench: Bench) async throws {
        let store = bench.store
        await store.close()
        for call in [
            { _ = try await store.hosts(ObjectQuery()) }, { _ = try await store.record([CheckResult]()) },
        ] {
            let error = await #expect(throws: StoreError.self) { try await call() }
            guard case .unavailable = error else {
                Issue.record("a closed store must be unavailable, not \(String(describing: error))")
                continue
            }
        }
    }
}
