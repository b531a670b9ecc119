import Model
import SQL

extension Database {
    func suites(_ query: ObjectQuery) throws(StoreError) -> Page<Suite> {
        var filter = Filter()
        if let search = query.search { filter.add(search: search, in: ["name"], dialect.like) }
        let total = try number("SELECT COUNT(*) FROM suites \(filter.clause)", filter.values)
        let order = query.page.order(["name": "name", "description": "description"], own: "name")
        let items = try rows(
            "\(Self.selectSuites) \(filter.clause) \(order) LIMIT ? OFFSET ?",
            filter.values + query.page.window, Self.suite)
        return Page(items: try related(items), total: Int(total))
    }

    func suite(named name: String) throws(StoreError) -> Suite? {
        let found = try rows("\(Self.selectSuites) WHERE name = ?", [.text(name)], Self.suite)
        return try related(found).first
    }

    func add(_ suite: Suite, _ change: inout ScheduleChange) throws(StoreError) -> Suite {
        try requireUnique(.suite, "name", suite.name)
        let id = try insert(
            "INSERT INTO suites (name, description) VALUES (?, ?)", suite.name, suite.description)
        try setPlugins(ofSuite: id, to: suite.plugins)
        try setHosts(ofSuite: id, to: suite.hosts)
        try setSubnets(ofSuite: id, to: suite.subnets, &change)
        try reconcile(&change)
        return try existing(suiteNamed: suite.name)
    }

    func edit(
        suiteNamed name: String, _ edit: SuiteEdit, _ change: inout ScheduleChange
    ) throws(StoreError) -> Suite {
        let id = try id(of: .suite, named: name)
        if let new = edit.name, new != name {
            try requireUnique(.suite, "name", new, except: id)
            try run("UPDATE suites SET name = ? WHERE id = ?", new, id)
            change.subnets += try subnets(ofSuite: id)
        }
        if let new = edit.description { try run("UPDATE suites SET description = ? WHERE id = ?", new, id) }
        if let new = edit.plugins { try setPlugins(ofSuite: id, to: new) }
        if let new = edit.hosts { try setHosts(ofSuite: id, to: new) }
        if let new = edit.subnets { try setSubnets(ofSuite: id, to: new, &change) }
        try reconcile(&change)
        return try existing(suiteNamed: edit.name ?? name)
    }

    func delete(suiteNamed name: String, _ change: inout ScheduleChange) throws(StoreError) {
        let id = try id(of: .suite, named: name)
        try affect("SELECT host_id FROM host_reach WHERE suite_id = ?", id)
        try setSubnets(ofSuite: id, to: [], &change)
        try run("DELETE FROM suites WHERE id = ?", id)
        try reconcile(&change)
    }

    private func setPlugins(ofSuite id: Int64, to names: [String]) throws(StoreError) {
        try list(names, of: .plugin, in: "plugins")
        let old = Set(
            try rows("SELECT plugin_id FROM plugin_suites WHERE suite_id = ?", [id.sqlValue]) { $0.int64(0) })
        let new = Set(try rows("SELECT id FROM listed") { $0.int64(0) })
        guard old != new else { return }
        try run(
            "DELETE FROM plugin_suites WHERE suite_id = ? AND plugin_id NOT IN (SELECT id FROM listed)", id)
        try run("INSERT INTO plugin_suites SELECT id, ? FROM listed WHERE true ON CONFLICT DO NOTHING", id)
        try affect("SELECT host_id FROM host_reach WHERE suite_id = ?", id)
    }

    private func setHosts(ofSuite id: Int64, to names: [String]) throws(StoreError) {
        try list(names, of: .host, in: "hosts")
        try affect(
            "SELECT host_id FROM host_suites WHERE suite_id = ? AND host_id NOT IN (SELECT id FROM listed)",
            id)
        try affect(
            """
            SELECT id FROM listed
            WHERE id NOT IN (SELECT host_id FROM host_suites WHERE suite_id = ?)
            """, id)
        try run("DELETE FROM host_suites WHERE suite_id = ? AND host_id NOT IN (SELECT id FROM listed)", id)
        try run("INSERT INTO host_suites SELECT id, ? FROM listed WHERE true ON CONFLICT DO NOTHING", id)
    }

    private func setSubnets(
        ofSuite id: Int64, to names: [String], _ change: inout ScheduleChange
    ) throws(StoreError) {
        try list(names, of: .subnet, in: "subnets")
        let moved = try rows(
            """
            SELECT id FROM subnets WHERE (suite_id = ?1) <> (id IN (SELECT id FROM listed))
            OR (suite_id IS NULL AND id IN (SELECT id FROM listed))
            """, [id.sqlValue]
        ) { $0.int64(0) }
        try run(
            "UPDATE subnets SET suite_id = NULL WHERE suite_id = ? AND id NOT IN (SELECT id FROM listed)", id)
        try run("UPDATE subnets SET suite_id = ? WHERE id IN (SELECT id FROM listed)", id)
        for subnet in moved { try affect("SELECT id FROM hosts WHERE subnet_id = ?", subnet) }
        change.subnets += try subnets(ids: moved)
    }

    private func existing(suiteNamed name: String) throws(StoreError) -> Suite {
        guard let suite = try suite(named: name) else { throw .notFound(kind: "suite", name: name) }
        return suite
    }

    private static let selectSuites = "SELECT id, name, description FROM suites"

    private static func suite(_ row: any SQLRow) -> Suite {
        Suite(id: SuiteID(row.int64(0)), name: row.text(1), description: row.text(2))
    }

    private func related(_ suites: [Suite]) throws(StoreError) -> [Suite] {
        let ids = suites.map(\.id.value)
        let plugins = try texts(
            "SELECT suite_id, name FROM plugin_suites JOIN plugins ON plugins.id = plugin_id",
            key: "suite_id",
            ids: ids)
        let hosts = try texts(
            "SELECT suite_id, name FROM host_suites JOIN hosts ON hosts.id = host_id", key: "suite_id",
            ids: ids)
        let subnets = try texts("SELECT suite_id, name FROM subnets", key: "suite_id", ids: ids)
        return suites.map { suite in
            var suite = suite
            suite.plugins = plugins[suite.id.value] ?? []
            suite.hosts = hosts[suite.id.value] ?? []
            suite.subnets = subnets[suite.id.value] ?? []
            return suite
        }
    }
}
