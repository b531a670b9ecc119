import Model
import SQL

extension Database {
    func subnets(_ query: ObjectQuery) throws(StoreError) -> Page<Subnet> {
        var filter = Filter()
        if let search = query.search {
            filter.add(search: search, in: ["subnets.name", "subnets.network"], dialect.like)
        }
        if let suite = query.suite {
            filter.add("subnets.suite_id = (SELECT id FROM suites WHERE name = ?)", suite)
        }
        let total = try number("SELECT COUNT(*) FROM subnets \(filter.clause)", filter.values)
        let order = query.page.order(Self.subnetOrders, own: "subnets.name")
        let items = try rows(
            "\(Self.selectSubnets) \(filter.clause) \(order) LIMIT ? OFFSET ?",
            filter.values + query.page.window, Self.subnet)
        return Page(items: items, total: Int(total))
    }

    func subnet(named name: String) throws(StoreError) -> Subnet? {
        try first("\(Self.selectSubnets) WHERE subnets.name = ?", [.text(name)], Self.subnet)
    }

    /// Every subnet, by number.
    func allSubnets() throws(StoreError) -> [Subnet] {
        try rows("\(Self.selectSubnets) ORDER BY subnets.id", [], Self.subnet)
    }

    func subnets(ids: [Int64]) throws(StoreError) -> [Subnet] {
        try rows(
            "\(Self.selectSubnets) WHERE subnets.id IN (\(dialect.listedNumbers)) ORDER BY subnets.id",
            [ids.json], Self.subnet)
    }

    func subnets(ofSuite id: Int64) throws(StoreError) -> [Subnet] {
        try rows("\(Self.selectSubnets) WHERE suite_id = ? ORDER BY subnets.id", [.integer(id)], Self.subnet)
    }

    func add(_ subnet: Subnet, _ change: inout ScheduleChange) throws(StoreError) -> Subnet {
        try requireUnique(.subnet, "name", subnet.name)
        let id = try insert(
            """
            INSERT INTO subnets (name, network, suite_id, auto_discovery, interval, discovered_maintenance,
            zone) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            subnet.name, subnet.network, try suiteID(subnet.suite), subnet.autoDiscovery, subnet.interval,
            subnet.discoveredMaintenance, subnet.zone)
        return try tell(subnet: id, &change)
    }

    func edit(
        subnetNamed name: String, _ edit: SubnetEdit, _ change: inout ScheduleChange
    ) throws(StoreError) -> Subnet {
        let id = try id(of: .subnet, named: name)
        guard let old = try subnet(named: name) else { throw .notFound(kind: "subnet", name: name) }
        let new = old.applying(edit)
        guard new != old else { return old }
        try requireUnique(.subnet, "name", new.name, except: id)
        try run(
            """
            UPDATE subnets SET name = ?, network = ?, suite_id = ?, auto_discovery = ?, interval = ?,
            discovered_maintenance = ?, zone = ? WHERE id = ?
            """,
            new.name, new.network, try suiteID(new.suite), new.autoDiscovery, new.interval,
            new.discoveredMaintenance, new.zone, id)
        if new.suite != old.suite {
            try affect("SELECT id FROM hosts WHERE subnet_id = ?", id)
            try reconcile(&change)
        }
        return try tell(subnet: id, &change)
    }

    func delete(subnetNamed name: String, _ change: inout ScheduleChange) throws(StoreError) {
        let id = try id(of: .subnet, named: name)
        try affect("SELECT id FROM hosts WHERE subnet_id = ?", id)
        try run("DELETE FROM subnets WHERE id = ?", id)
        try reconcile(&change)
        change.removedSubnets.append(SubnetID(id))
    }

    private func suiteID(_ name: String?) throws(StoreError) -> Int64? {
        guard let name else { return nil }
        return try reference(to: .suite, named: name, in: "suite")
    }

    private func tell(subnet id: Int64, _ change: inout ScheduleChange) throws(StoreError) -> Subnet {
        guard let subnet = try subnets(ids: [id]).first else {
            throw .notFound(kind: "subnet", name: String(id))
        }
        change.subnets.append(subnet)
        return subnet
    }

    private static let selectSubnets = """
        SELECT subnets.id, subnets.name, network, suites.name, auto_discovery, interval,
        discovered_maintenance, subnets.zone FROM subnets LEFT JOIN suites ON suites.id = subnets.suite_id
        """

    private static let subnetOrders = [
        "name": "subnets.name", "network": "network", "suite": "suites.name",
        "auto_discovery": "auto_discovery", "interval": "interval",
        "discovered_maintenance": "discovered_maintenance", "zone": "subnets.zone",
    ]

    private static func subnet(_ row: any SQLRow) -> Subnet {
        Subnet(
            id: SubnetID(row.int64(0)), name: row.text(1), network: row.text(2), suite: row.optionalText(3),
            autoDiscovery: row.bool(4), interval: row.int(5), discoveredMaintenance: row.bool(6),
            zone: row.text(7))
    }
}

extension Subnet {
    /// The subnet with the fields that `edit` gives.
    fileprivate func applying(_ edit: SubnetEdit) -> Subnet {
        Subnet(
            id: id, name: edit.name ?? name, network: edit.network ?? network, suite: edit.suite ?? suite,
            autoDiscovery: edit.autoDiscovery ?? autoDiscovery, interval: edit.interval ?? interval,
            discoveredMaintenance: edit.discoveredMaintenance ?? discoveredMaintenance,
            zone: edit.zone ?? zone)
    }
}
