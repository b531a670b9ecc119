import Model
import Storage
import Testing

/// What every store must do; each function is one rule, run on a new and empty store.
enum StoreContract {}

// Objects.
extension StoreContract {
    static func objectsComeBackWhole(_ bench: Bench) async throws {
        let store = bench.store
        let suite = try await store.add(Suite(name: "web", description: "web servers"))
        let subnet = try await store.add(
            Subnet(
                name: "lab", network: "192.0.2.0/24", suite: "web", autoDiscovery: true, interval: 60,
                discoveredMaintenance: false, zone: "köln"))
        let host = Host(
            name: "a", address: "192.0.2.1", login: "mon", port: 2222, maintenance: true, history: false,
            suites: ["web"], subnet: "lab", zone: "dmz", labels: ["site": "Köln", "x": ""],
            variables: ["PORT": "80"])
        let plugin = Plugin(
            name: "http", runner: .ssh, script: "check_http", arguments: "-H '$HOSTADDRESS$'", interval: 7,
            timeout: 3, description: "d", suites: ["web"], allowSilent: true, allowBackground: true,
            warm: true, zones: ["main", "köln"], quorum: 2)
        let storedHost = try await store.add(host)
        let storedPlugin = try await store.add(plugin)

        var expected = host
        expected.id = storedHost.id
        #expect(storedHost == expected)
        #expect(try await store.host(named: "a") == expected)
        var expectedPlugin = plugin
        expectedPlugin.id = storedPlugin.id
        #expect(try await store.plugin(named: "http") == expectedPlugin)
        #expect(try await store.subnet(named: "lab") == subnet)
        #expect(
            subnet.suite == "web" && subnet.autoDiscovery && !subnet.discoveredMaintenance
                && subnet.zone == "köln")
        let whole = Suite(
            id: suite.id, name: "web", description: "web servers", plugins: ["http"], hosts: ["a"],
            subnets: ["lab"])
        #expect(try await store.suite(named: "web") == whole)
        #expect(try await store.host(named: "b") == nil)
    }

    static func editChangesOnlyWhatItGives(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        _ = try await store.add(Subnet(name: "n", network: "192.0.2.0/24"))
        let old = try await store.add(
            Host(name: "a", address: "192.0.2.1", suites: ["s"], subnet: "n", labels: ["k": "v"]))
        var edit = HostEdit()
        edit.port = 23
        edit.labels = ["k": "w"]
        let new = try await store.edit(hostNamed: "a", edit)
        var expected = old
        expected.port = 23
        expected.labels = ["k": "w"]
        #expect(new == expected)

        edit = HostEdit()
        edit.subnet = .some(nil)
        edit.suites = []
        edit.name = "b"
        _ = try await store.edit(hostNamed: "a", edit)
        expected.subnet = nil
        expected.suites = []
        expected.name = "b"
        #expect(try await store.host(named: "b") == expected)
        #expect(try await store.host(named: "a") == nil)
    }

    static func duplicatesAreNamed(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.addHost("a", "192.0.2.1")
        _ = try await store.addHost("b", "192.0.2.2")
        _ = try await store.addPlugin("p")
        await #expect(throws: StoreError.duplicate(kind: "host", field: "name", value: "a")) {
            try await store.addHost("a", "192.0.2.3")
        }
        await #expect(throws: StoreError.duplicate(kind: "host", field: "address", value: "192.0.2.1")) {
            try await store.addHost("c", "192.0.2.1")
        }
        await #expect(throws: StoreError.duplicate(kind: "plugin", field: "name", value: "p")) {
            try await store.addPlugin("p")
        }
        var edit = HostEdit()
        edit.name = "a"
        let taken = edit
        await #expect(throws: StoreError.duplicate(kind: "host", field: "name", value: "a")) {
            try await store.edit(hostNamed: "b", taken)
        }
        #expect(try await store.hosts(ObjectQuery()).total == 2)
    }

    static func unknownNamesChangeNothing(_ bench: Bench) async throws {
        let store = bench.store
        await #expect(throws: StoreError.unknownReference(field: "suites", kind: "suite", name: "x")) {
            try await store.addHost("a", "192.0.2.1", suites: ["x"])
        }
        await #expect(throws: StoreError.unknownReference(field: "subnet", kind: "subnet", name: "y")) {
            try await store.add(Host(name: "a", address: "192.0.2.1", subnet: "y"))
        }
        #expect(try await store.hosts(ObjectQuery()).total == 0)
        _ = try await store.add(Suite(name: "s", description: "old"))
        var edit = SuiteEdit()
        edit.description = "new"
        edit.hosts = ["missing"]
        let broken = edit
        await #expect(throws: StoreError.unknownReference(field: "hosts", kind: "host", name: "missing")) {
            try await store.edit(suiteNamed: "s", broken)
        }
        #expect(try await store.suite(named: "s")?.description == "old")
        await #expect(throws: StoreError.notFound(kind: "host", name: "nobody")) {
            try await store.delete(hostNamed: "nobody")
        }
        await #expect(throws: StoreError.notFound(kind: "suite", name: "nobody")) {
            try await store.edit(suiteNamed: "nobody", SuiteEdit())
        }
        #expect(bench.changes.take().isEmpty)
    }

    static func deletingUnlinks(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        _ = try await store.add(Subnet(name: "n", network: "192.0.2.0/24", suite: "s"))
        _ = try await store.add(Host(name: "a", address: "192.0.2.1", suites: ["s"], subnet: "n"))
        _ = try await store.addPlugin("p", suites: ["s"])
        try await store.delete(suiteNamed: "s")
        #expect(try await store.host(named: "a")?.suites == [])
        #expect(try await store.plugin(named: "p")?.suites == [])
        #expect(try await store.subnet(named: "n")?.suite == nil)
        try await store.delete(subnetNamed: "n")
        #expect(try await store.host(named: "a")?.subnet == nil)
    }

    static func relationsWorkFromBothSides(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.addHost("a", "192.0.2.1")
        _ = try await store.addPlugin("p")
        _ = try await store.add(Subnet(name: "n", network: "192.0.2.0/24"))
        _ = try await store.add(Suite(name: "s", plugins: ["p"], hosts: ["a"], subnets: ["n"]))
        #expect(try await store.host(named: "a")?.suites == ["s"])
        #expect(try await store.plugin(named: "p")?.suites == ["s"])
        #expect(try await store.subnet(named: "n")?.suite == "s")
        var edit = PluginEdit()
        edit.suites = []
        _ = try await store.edit(pluginNamed: "p", edit)
        #expect(try await store.suite(named: "s")?.plugins == [])
        var subnetEdit = SubnetEdit()
        subnetEdit.suite = .some(nil)
        _ = try await store.edit(subnetNamed: "n", subnetEdit)
        #expect(try await store.suite(named: "s")?.subnets == [])
        var hostEdit = HostEdit()
        hostEdit.suites = []
        _ = try await store.edit(hostNamed: "a", hostEdit)
        #expect(try await store.suite(named: "s")?.hosts == [])
    }
}

// Lists.
extension StoreContract {
    static func listsPageSortAndFilter(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        _ = try await store.add(Subnet(name: "n", network: "192.0.2.0/24"))
        for number in 0..<25 {
            _ = try await store.add(
                Host(
                    name: "host\(10 + number)", address: "192.0.2.\(100 - number)", maintenance: number < 5,
                    suites: number % 2 == 0 ? ["s"] : [], subnet: number < 3 ? "n" : nil,
                    labels: ["role": number % 5 == 0 ? "db" : "web", "site": "x"]))
        }
        func names(_ query: ObjectQuery) async throws -> ([String], Int) {
            let page = try await store.hosts(query)
            return (page.items.map(\.name), page.total)
        }
        let third = try await names(ObjectQuery(page: PageRequest(page: 3, perPage: 10)))
        #expect(third == (["host30", "host31", "host32", "host33", "host34"], 25))
        #expect(try await names(ObjectQuery(page: PageRequest(page: 9, perPage: 10))) == ([], 25))
        let last = PageRequest(perPage: 2, sort: "name", isDescending: true)
        #expect(try await names(ObjectQuery(page: last)) == (["host34", "host33"], 25))
        let unknown = PageRequest(perPage: 1, sort: "no; such")
        #expect(try await names(ObjectQuery(page: unknown)) == (["host10"], 25))
        #expect(try await names(ObjectQuery(search: "HOST2")).1 == 10)
        #expect(try await names(ObjectQuery(search: ".100")) == (["host10"], 1))
        #expect(try await names(ObjectQuery(search: "%")).1 == 0)
        #expect(try await names(ObjectQuery(suite: "s")).1 == 13)
        #expect(try await names(ObjectQuery(subnet: "n")).1 == 3)
        #expect(try await names(ObjectQuery(maintenance: true)).1 == 5)
        #expect(try await names(ObjectQuery(label: LabelFilter(name: "role", value: "db"))).1 == 5)
        #expect(try await names(ObjectQuery(suite: "s", maintenance: true)).1 == 3)
        #expect(try await names(ObjectQuery(suite: "missing")).1 == 0)
    }
}
