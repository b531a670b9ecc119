import Model
import SQL

/// What edits change in the schedule, as numbers in a table, so that every node hears of every edit in one order.
///
/// Edits are made one after the other, so the order of the rows is that of the commits. Whoever reads looks the
/// definitions up as they are by then: what was edited twice is told twice with the newer one.
extension PostgresDialect {
    func note(_ change: ScheduleChange, at now: Timestamp, in database: Database) throws(StoreError) {
        guard !change.isEmpty else { return }
        var kinds: [Int64?] = []
        var subjects: [Int64?] = []
        var plugins: [Int64?] = []
        func add(_ kind: Kind, _ subject: Int64, _ plugin: Int64? = nil) {
            kinds.append(kind.rawValue)
            subjects.append(subject)
            plugins.append(plugin)
        }
        for host in change.hosts { add(.host, host.id.value) }
        for plugin in change.plugins { add(.plugin, plugin.id.value) }
        for subnet in change.subnets { add(.subnet, subnet.id.value) }
        for check in change.removed { add(.removedCheck, check.host.value, check.plugin.value) }
        for check in change.added { add(.addedCheck, check.host.value, check.plugin.value) }
        for host in change.removedHosts { add(.removedHost, host.value) }
        for plugin in change.removedPlugins { add(.removedPlugin, plugin.value) }
        for subnet in change.removedSubnets { add(.removedSubnet, subnet.value) }
        do throws(SQLError) {
            _ = try connection.rows(
                """
                INSERT INTO schedule_changes (at, kind, subject, plugin)
                SELECT $4, kind, subject, plugin
                FROM unnest($1, $2, $3) WITH ORDINALITY AS new (kind, subject, plugin, place) ORDER BY place
                """,
                parameters: [
                    .integers(kinds), .integers(subjects), .integers(plugins), .single(now.sqlValue),
                ]
            ) { _ in }
        } catch {
            throw database.failed(error)
        }
        try database.run("DELETE FROM schedule_changes WHERE at < ?", now + .seconds(-Self.keptSeconds))
    }

    func lastChange(in database: Database) throws(StoreError) -> Int64? {
        try database.number("SELECT coalesce(max(id), 0) FROM schedule_changes")
    }

    func changes(
        after last: Int64, in database: Database
    ) throws(StoreError) -> (change: ScheduleChange, last: Int64) {
        let rows = try database.rows(
            "SELECT id, kind, subject, plugin FROM schedule_changes WHERE id > ? ORDER BY id",
            [.integer(last)]
        ) { (id: $0.int64(0), kind: Kind(rawValue: $0.int64(1)), subject: $0.int64(2), plugin: $0.int64(3)) }
        guard let newest = rows.last?.id else { return (ScheduleChange(), last) }
        var change = ScheduleChange()
        var checks = OrderedFates()
        func numbers(_ kind: Kind) -> [Int64] { rows.lazy.filter { $0.kind == kind }.map(\.subject) }
        for row in rows where row.kind == .addedCheck || row.kind == .removedCheck {
            let check = CheckID(host: HostID(row.subject), plugin: PluginID(row.plugin))
            checks.set(check, isThere: row.kind == .addedCheck)
        }
        change.hosts = try hosts(ids: numbers(.host), in: database)
        change.plugins = try plugins(ids: numbers(.plugin), in: database)
        change.subnets = try database.subnets(ids: numbers(.subnet))
        (change.added, change.removed) = (checks.all(isThere: true), checks.all(isThere: false))
        change.removedHosts = numbers(.removedHost).map { HostID($0) }
        change.removedPlugins = numbers(.removedPlugin).map { PluginID($0) }
        change.removedSubnets = numbers(.removedSubnet).map { SubnetID($0) }
        return (change, newest)
    }

    private func hosts(ids: [Int64], in database: Database) throws(StoreError) -> [Host] {
        ids.isEmpty ? [] : try database.hosts(ids: ids)
    }

    private func plugins(ids: [Int64], in database: Database) throws(StoreError) -> [Plugin] {
        ids.isEmpty ? [] : try database.plugins(ids: ids)
    }

    private enum Kind: Int64 {
        case host = 1
        case plugin, subnet, addedCheck, removedCheck, removedHost, removedPlugin, removedSubnet
    }

    /// A scheduler that is cut off from the database for longer has to be started anew.
    private static let keptSeconds = 30 * 86_400
}

/// What became of each check in the end, in the order in which they were first named.
private struct OrderedFates {
    private var order: [CheckID] = []
    private var fates: [CheckID: Bool] = [:]

    mutating func set(_ check: CheckID, isThere: Bool) {
        if fates.updateValue(isThere, forKey: check) == nil { order.append(check) }
    }

    func all(isThere: Bool) -> [CheckID] { order.filter { fates[$0] == isThere } }
}
