import Model
import SQL

extension Database {
    func plugins(_ query: ObjectQuery) throws(StoreError) -> Page<Plugin> {
        var filter = Filter()
        if let search = query.search { filter.add(search: search, in: ["plugins.name"], dialect.like) }
        if let suite = query.suite {
            filter.add(
                "id IN (SELECT plugin_id FROM plugin_suites JOIN suites ON suites.id = suite_id WHERE name = ?)",
                suite)
        }
        let total = try number("SELECT COUNT(*) FROM plugins \(filter.clause)", filter.values)
        let order = query.page.order(Self.pluginOrders, own: "name")
        let items = try rows(
            "\(Self.selectPlugins) \(filter.clause) \(order) LIMIT ? OFFSET ?",
            filter.values + query.page.window, Self.plugin)
        return Page(items: try related(items), total: Int(total))
    }

    func plugin(named name: String) throws(StoreError) -> Plugin? {
        let found = try rows("\(Self.selectPlugins) WHERE name = ?", [.text(name)], Self.plugin)
        return try related(found).first
    }

    func plugins(ids: [Int64]) throws(StoreError) -> [Plugin] {
        try related(
            rows(
                "\(Self.selectPlugins) WHERE id IN (\(dialect.listedNumbers)) ORDER BY id", [ids.json],
                Self.plugin))
    }

    /// Every plugin, by number.
    func allPlugins() throws(StoreError) -> [Plugin] {
        try related(rows("\(Self.selectPlugins) ORDER BY id", [], Self.plugin))
    }

    func add(_ plugin: Plugin, _ change: inout ScheduleChange) throws(StoreError) -> Plugin {
        try requireUnique(.plugin, "name", plugin.name)
        let id = try insert(
            """
            INSERT INTO plugins (name, runner, script, arguments, interval, timeout, description,
            allow_silent, allow_background, warm, zones, quorum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            plugin.name, plugin.runner.rawValue, plugin.script, plugin.arguments, plugin.interval,
            plugin.timeout, plugin.description, plugin.allowSilent, plugin.allowBackground, plugin.warm,
            plugin.zones.joined(separator: " "), plugin.quorum)
        try setSuites(ofPlugin: id, from: [], to: plugin.suites, &change)
        return try tell(pluginNamed: plugin.name, &change)
    }

    func edit(
        pluginNamed name: String, _ edit: PluginEdit, _ change: inout ScheduleChange
    ) throws(StoreError) -> Plugin {
        let id = try id(of: .plugin, named: name)
        guard let old = try plugin(named: name) else { throw .notFound(kind: "plugin", name: name) }
        let new = old.applying(edit)
        guard new != old else { return old }
        try requireUnique(.plugin, "name", new.name, except: id)
        try run(
            """
            UPDATE plugins SET name = ?, runner = ?, script = ?, arguments = ?, interval = ?, timeout = ?,
            description = ?, allow_silent = ?, allow_background = ?, warm = ?, zones = ?, quorum = ? WHERE id = ?
            """,
            new.name, new.runner.rawValue, new.script, new.arguments, new.interval, new.timeout,
            new.description, new.allowSilent, new.allowBackground, new.warm,
            new.zones.joined(separator: " "), new.quorum, id)
        if new.suites != old.suites { try setSuites(ofPlugin: id, from: old.suites, to: new.suites, &change) }
        return try tell(pluginNamed: new.name, &change)
    }

    func delete(pluginNamed name: String, _ change: inout ScheduleChange) throws(StoreError) {
        let id = try id(of: .plugin, named: name)
        change.removed += try rows(
            "DELETE FROM checks WHERE plugin_id = ? RETURNING host_id, plugin_id", [.integer(id)]
        ) { $0.checkID }
        try run("DELETE FROM plugins WHERE id = ?", id)
        change.removedPlugins.append(PluginID(id))
    }

    private func setSuites(
        ofPlugin id: Int64, from old: [String], to new: [String], _ change: inout ScheduleChange
    ) throws(StoreError) {
        for name in Set(old).symmetricDifference(new) {
            let suite = try reference(to: .suite, named: name, in: "suites")
            try affect("SELECT host_id FROM host_reach WHERE suite_id = ?", suite)
        }
        try replaceSuites("plugin_suites", "plugin_id", of: id, with: new)
        try reconcile(&change)
    }

    private func tell(pluginNamed name: String, _ change: inout ScheduleChange) throws(StoreError) -> Plugin {
        guard let plugin = try plugin(named: name) else { throw .notFound(kind: "plugin", name: name) }
        change.plugins.append(plugin)
        return plugin
    }

    private static let selectPlugins = """
        SELECT id, name, runner, script, arguments, interval, timeout, description, allow_silent,
        allow_background, warm, zones, quorum FROM plugins
        """

    private static let pluginOrders = [
        "name": "name", "runner": "runner", "script": "script", "interval": "interval", "timeout": "timeout",
        "description": "description",
    ]

    private static func plugin(_ row: any SQLRow) -> Plugin {
        Plugin(
            id: PluginID(row.int64(0)), name: row.text(1),
            runner: Plugin.Runner(rawValue: row.text(2)) ?? .local, script: row.text(3),
            arguments: row.text(4), interval: row.int(5), timeout: row.int(6), description: row.text(7),
            allowSilent: row.bool(8), allowBackground: row.bool(9), warm: row.bool(10),
            zones: Self.zones(row.text(11)), quorum: row.int(12))
    }

    /// Names with a space between.
    static func zones(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    private func related(_ plugins: [Plugin]) throws(StoreError) -> [Plugin] {
        let suites = try texts(
            "SELECT plugin_id, name FROM plugin_suites JOIN suites ON suites.id = suite_id", key: "plugin_id",
            ids: plugins.map(\.id.value))
        return plugins.map { plugin in
            var plugin = plugin
            plugin.suites = suites[plugin.id.value] ?? []
            return plugin
        }
    }
}

extension Plugin {
    /// The plugin with the fields that `edit` gives.
    fileprivate func applying(_ edit: PluginEdit) -> Plugin {
        Plugin(
            id: id, name: edit.name ?? name, runner: edit.runner ?? runner, script: edit.script ?? script,
            arguments: edit.arguments ?? arguments, interval: edit.interval ?? interval,
            timeout: edit.timeout ?? timeout, description: edit.description ?? description,
            suites: edit.suites ?? suites, allowSilent: edit.allowSilent ?? allowSilent,
            allowBackground: edit.allowBackground ?? allowBackground, warm: edit.warm ?? warm,
            zones: edit.zones ?? zones, quorum: edit.quorum ?? quorum)
    }
}
