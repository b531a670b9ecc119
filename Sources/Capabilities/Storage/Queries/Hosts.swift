import Model
import SQL

extension Database {
    func hosts(_ query: ObjectQuery) throws(StoreError) -> Page<Host> {
        var filter = Filter()
        if let search = query.search {
            filter.add(search: search, in: ["hosts.name", "hosts.address"], dialect.like)
        }
        if let suite = query.suite {
            filter.add(
                "hosts.id IN (SELECT host_id FROM host_suites JOIN suites ON suites.id = suite_id WHERE name = ?)",
                suite)
        }
        if let subnet = query.subnet {
            filter.add("hosts.subnet_id = (SELECT id FROM subnets WHERE name = ?)", subnet)
        }
        if let maintenance = query.maintenance { filter.add("hosts.maintenance = ?", maintenance) }
        if let label = query.label {
            filter.add(
                "hosts.id IN (SELECT host_id FROM host_labels WHERE name = ? AND value = ?)",
                label.name, label.value)
        }
        let total = try number("SELECT COUNT(*) FROM hosts \(filter.clause)", filter.values)
        let order = query.page.order(Self.hostOrders, own: "hosts.name")
        let items = try rows(
            "\(Self.selectHosts) \(filter.clause) \(order) LIMIT ? OFFSET ?",
            filter.values + query.page.window, Self.host)
        return Page(items: try related(items), total: Int(total))
    }

    func host(named name: String) throws(StoreError) -> Host? {
        let found = try rows("\(Self.selectHosts) WHERE hosts.name = ?", [.text(name)], Self.host)
        return try related(found).first
    }

    func hosts(ids: [Int64]) throws(StoreError) -> [Host] {
        try related(
            rows(
                "\(Self.selectHosts) WHERE hosts.id IN (\(dialect.listedNumbers)) ORDER BY hosts.id",
                [ids.json],
                Self.host))
    }

    /// Every host, by number.
    func allHosts() throws(StoreError) -> [Host] {
        try related(rows("\(Self.selectHosts) ORDER BY hosts.id", [], Self.host), isEvery: true)
    }

    func add(_ host: Host, _ change: inout ScheduleChange) throws(StoreError) -> Host {
        try requireUnique(.host, "name", host.name)
        try requireUnique(.host, "address", host.address)
        let id = try insert(
            """
            INSERT INTO hosts (name, address, login, port, maintenance, history, subnet_id, zone)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            host.name, host.address, host.login, host.port, host.maintenance, host.history,
            try subnetID(host.subnet), host.zone)
        try replacePairs("host_labels", of: id, with: host.labels)
        try replacePairs("host_variables", of: id, with: host.variables)
        try replaceSuites("host_suites", "host_id", of: id, with: host.suites)
        try affect("VALUES (?)", id)
        try reconcile(&change)
        return try tell(hostNamed: host.name, &change)
    }

    func edit(
        hostNamed name: String, _ edit: HostEdit, _ change: inout ScheduleChange
    ) throws(StoreError) -> Host {
        let id = try id(of: .host, named: name)
        guard let old = try host(named: name) else { throw .notFound(kind: "host", name: name) }
        let new = old.applying(edit)
        guard new != old else { return old }
        try requireUnique(.host, "name", new.name, except: id)
        try requireUnique(.host, "address", new.address, except: id)
        try run(
            """
            UPDATE hosts SET name = ?, address = ?, login = ?, port = ?, maintenance = ?, history = ?,
            subnet_id = ?, zone = ? WHERE id = ?
            """,
            new.name, new.address, new.login, new.port, new.maintenance, new.history,
            try subnetID(new.subnet), new.zone, id)
        if new.labels != old.labels { try replacePairs("host_labels", of: id, with: new.labels) }
        if new.variables != old.variables { try replacePairs("host_variables", of: id, with: new.variables) }
        if new.suites != old.suites { try replaceSuites("host_suites", "host_id", of: id, with: new.suites) }
        if new.suites != old.suites || new.subnet != old.subnet {
            try affect("VALUES (?)", id)
            try reconcile(&change)
        }
        return try tell(hostNamed: new.name, &change)
    }

    func delete(hostNamed name: String, _ change: inout ScheduleChange) throws(StoreError) {
        let id = try id(of: .host, named: name)
        change.removed += try rows(
            "DELETE FROM checks WHERE host_id = ? RETURNING host_id, plugin_id", [.integer(id)]
        ) { $0.checkID }
        try run("DELETE FROM hosts WHERE id = ?", id)
        try run("INSERT INTO departed_hosts VALUES (?)", id)
        change.removedHosts.append(HostID(id))
    }

    /// Makes `names` the suites of a host or plugin: the rows of `table` whose `column` is `id`.
    func replaceSuites(
        _ table: String, _ column: String, of id: Int64, with names: [String]
    ) throws(StoreError) {
        try list(names, of: .suite, in: "suites")
        try run("DELETE FROM \(table) WHERE \(column) = ? AND suite_id NOT IN (SELECT id FROM listed)", id)
        try run(
            "INSERT INTO \(table) (\(column), suite_id) SELECT ?, id FROM listed WHERE true ON CONFLICT DO NOTHING",
            id)
    }

    private func subnetID(_ name: String?) throws(StoreError) -> Int64? {
        guard let name else { return nil }
        return try reference(to: .subnet, named: name, in: "subnet")
    }

    private func replacePairs(
        _ table: String, of id: Int64, with pairs: [String: String]
    ) throws(StoreError) {
        try run("DELETE FROM \(table) WHERE host_id = ?", id)
        for (name, value) in pairs { try run("INSERT INTO \(table) VALUES (?, ?, ?)", id, name, value) }
    }

    private func tell(hostNamed name: String, _ change: inout ScheduleChange) throws(StoreError) -> Host {
        guard let host = try host(named: name) else { throw .notFound(kind: "host", name: name) }
        change.hosts.append(host)
        return host
    }

    private static let selectHosts = """
        SELECT hosts.id, hosts.name, address, login, port, maintenance, history, subnets.name,
        hosts.zone
        FROM hosts LEFT JOIN subnets ON subnets.id = hosts.subnet_id
        """

    private static let hostOrders = [
        "name": "hosts.name", "address": "address", "login": "login", "port": "port",
        "maintenance": "maintenance", "history": "history", "subnet": "subnets.name", "zone": "hosts.zone",
    ]

    private static func host(_ row: any SQLRow) -> Host {
        Host(
            id: HostID(row.int64(0)), name: row.text(1), address: row.text(2), login: row.text(3),
            port: row.int(4), maintenance: row.bool(5), history: row.bool(6), subnet: row.optionalText(7),
            zone: row.text(8))
    }

    /// The hosts with their suites, labels and variables; `isEvery` saves naming each.
    private func related(_ hosts: [Host], isEvery: Bool = false) throws(StoreError) -> [Host] {
        guard !hosts.isEmpty else { return [] }
        let ids = isEvery ? nil : hosts.map(\.id.value)
        let suites = try texts(
            "SELECT host_id, name FROM host_suites JOIN suites ON suites.id = suite_id", key: "host_id",
            ids: ids)
        let labels = try pairs("host_labels", ids: ids)
        let variables = try pairs("host_variables", ids: ids)
        return hosts.map { host in
            var host = host
            host.suites = suites[host.id.value] ?? []
            host.labels = labels[host.id.value] ?? [:]
            host.variables = variables[host.id.value] ?? [:]
            return host
        }
    }
}

extension Host {
    /// The host with the fields that `edit` gives.
    fileprivate func applying(_ edit: HostEdit) -> Host {
        Host(
            id: id, name: edit.name ?? name, address: edit.address ?? address, login: edit.login ?? login,
            port: edit.port ?? port, maintenance: edit.maintenance ?? maintenance,
            history: edit.history ?? history, suites: edit.suites ?? suites, subnet: edit.subnet ?? subnet,
            zone: edit.zone ?? zone,
            labels: edit.labels ?? labels, variables: edit.variables ?? variables)
    }
}
