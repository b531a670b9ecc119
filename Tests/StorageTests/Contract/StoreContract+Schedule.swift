import Model
import Storage
import Testing

// What is run, and what is told of it.
extension StoreContract {
    static func reachByTwoWaysCountsOnce(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        _ = try await store.add(Suite(name: "t"))
        let plugin = try await store.addPlugin("p", suites: ["s", "t"])
        _ = try await store.add(Subnet(name: "n", network: "192.0.2.0/24", suite: "t"))
        let host = try await store.add(
            Host(name: "a", address: "192.0.2.1", suites: ["s", "t"], subnet: "n"))
        let check = CheckID(host: host.id, plugin: plugin.id)
        #expect(try await store.schedule().checks == [check])
        _ = bench.changes.take()

        var edit = HostEdit()
        edit.suites = []
        _ = try await store.edit(hostNamed: "a", edit)
        #expect(try await store.schedule().checks == [check])
        let told = bench.changes.take()
        #expect(told.map(\.added) == [[]] && told.map(\.removed) == [[]])

        try await store.delete(subnetNamed: "n")
        #expect(try await store.schedule().checks == [])
        #expect(bench.changes.take().flatMap(\.removed) == [check])
    }

    static func changesAreToldExactly(_ bench: Bench) async throws {
        let (store, changes) = (bench.store, bench.changes)
        _ = try await store.add(Suite(name: "s"))
        #expect(changes.take() == [])
        let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
        let plugin = try await store.addPlugin("p", suites: ["s"])
        let check = CheckID(host: host.id, plugin: plugin.id)
        var first = ScheduleChange()
        first.hosts = [host]
        var second = ScheduleChange()
        second.plugins = [plugin]
        second.added = [check]
        #expect(changes.take() == [first, second])

        var edit = PluginEdit()
        edit.interval = 5
        var third = ScheduleChange()
        third.plugins = [try await store.edit(pluginNamed: "p", edit)]
        #expect(changes.take() == [third])
        // The same again changes nothing.
        _ = try await store.edit(pluginNamed: "p", edit)
        #expect(changes.take() == [])

        try await store.delete(suiteNamed: "s")
        var fourth = ScheduleChange()
        fourth.removed = [check]
        #expect(changes.take() == [fourth])

        _ = try await store.add(Suite(name: "s", plugins: ["p"], hosts: ["a"]))
        var fifth = ScheduleChange()
        fifth.added = [check]
        #expect(changes.take() == [fifth])

        try await store.delete(hostNamed: "a")
        var sixth = ScheduleChange()
        sixth.removed = [check]
        sixth.removedHosts = [host.id]
        #expect(changes.take() == [sixth])
        try await store.delete(pluginNamed: "p")
        var seventh = ScheduleChange()
        seventh.removedPlugins = [plugin.id]
        #expect(changes.take() == [seventh])
    }

    static func subnetsAreTold(_ bench: Bench) async throws {
        let (store, changes) = (bench.store, bench.changes)
        let subnet = try await store.add(Subnet(name: "n", network: "192.0.2.0/24"))
        #expect(changes.take().flatMap(\.subnets) == [subnet])
        var edit = SubnetEdit()
        edit.autoDiscovery = true
        let on = try await store.edit(subnetNamed: "n", edit)
        #expect(on.autoDiscovery && changes.take().flatMap(\.subnets) == [on])
        edit.autoDiscovery = false
        let off = try await store.edit(subnetNamed: "n", edit)
        #expect(!off.autoDiscovery && changes.take().flatMap(\.subnets) == [off])
        try await store.delete(subnetNamed: "n")
        #expect(changes.take().map(\.removedSubnets) == [[subnet.id]])
        #expect(try await store.schedule().subnets == [])
    }

    static func numbersAreNeverGivenTwice(_ bench: Bench) async throws {
        let store = bench.store
        let first = try await store.addHost("a", "192.0.2.1")
        try await store.delete(hostNamed: "a")
        let second = try await store.addHost("a", "192.0.2.1")
        #expect(first.id != second.id)
        await #expect(throws: StoreError.notFound(kind: "host", name: "b")) {
            try await store.edit(hostNamed: "b", HostEdit())
        }
    }

    static func everyEditKeepsChecksEqualToReach(_ bench: Bench) async throws {
        let store = bench.store
        var random = Generator(state: 7)
        var known: Set<CheckID> = []
        for name in ["s0", "s1", "s2"] { _ = try await store.add(Suite(name: name)) }
        for name in ["n0", "n1"] { _ = try await store.add(Subnet(name: name, network: "192.0.2.0/24")) }
        for number in 0..<6 { _ = try await store.addHost("h\(number)", "192.0.2.\(number)") }
        for number in 0..<4 { _ = try await store.addPlugin("p\(number)") }
        func some(_ prefix: String, _ count: Int) -> [String] {
            (0..<count).filter { _ in Bool.random(using: &random) }.map { "\(prefix)\($0)" }
        }
        for _ in 0..<150 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                var edit = HostEdit()
                edit.suites = some("s", 3)
                edit.subnet = .some(["n0", "n1", nil].randomElement(using: &random) ?? nil)
                _ = try await store.edit(hostNamed: "h\(Int.random(in: 0..<6, using: &random))", edit)
            case 1:
                var edit = PluginEdit()
                edit.suites = some("s", 3)
                _ = try await store.edit(pluginNamed: "p\(Int.random(in: 0..<4, using: &random))", edit)
            case 2:
                var edit = SuiteEdit()
                edit.plugins = Bool.random(using: &random) ? some("p", 4) : nil
                edit.hosts = Bool.random(using: &random) ? some("h", 6) : nil
                edit.subnets = Bool.random(using: &random) ? some("n", 2) : nil
                _ = try await store.edit(suiteNamed: "s\(Int.random(in: 0..<3, using: &random))", edit)
            default:
                var edit = SubnetEdit()
                edit.suite = .some(["s0", "s1", nil].randomElement(using: &random) ?? nil)
                _ = try await store.edit(subnetNamed: "n\(Int.random(in: 0..<2, using: &random))", edit)
            }
            for change in bench.changes.take() {
                #expect(known.isDisjoint(with: change.added) && known.isSuperset(of: change.removed))
                known = known.subtracting(change.removed).union(change.added)
            }
            let snapshot = try await store.schedule()
            #expect(Set(snapshot.checks) == expectedReach(snapshot))
            #expect(known == Set(snapshot.checks))
        }
    }

    /// The rule of DESIGN in plain words: own suites and the suite of the subnet, each plugin once.
    private static func expectedReach(_ snapshot: ScheduleSnapshot) -> Set<CheckID> {
        let subnetSuites = Dictionary(uniqueKeysWithValues: snapshot.subnets.map { ($0.name, $0.suite) })
        var checks: Set<CheckID> = []
        for host in snapshot.hosts {
            var suites = Set(host.suites)
            if let name = host.subnet, case let suite?? = subnetSuites[name] { suites.insert(suite) }
            for plugin in snapshot.plugins where !suites.isDisjoint(with: plugin.suites) {
                checks.insert(CheckID(host: host.id, plugin: plugin.id))
            }
        }
        return checks
    }
}

/// The same numbers in every run.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 31)
    }
}
