import Model
import SQL

extension Database {
    /// Scratch tables of the writing connection; they live in memory and never reach the file.
    static let scratchTables = """
        CREATE TEMP TABLE affected (host_id INTEGER PRIMARY KEY);
        CREATE TEMP TABLE listed (id INTEGER PRIMARY KEY);
        """

    /// Adds the hosts that `query` selects to those whose checks the running edit may change.
    func affect(_ query: String, _ ids: Int64...) throws(StoreError) {
        // Not `run`: it takes values one by one.
        _ = try rows("INSERT OR IGNORE INTO temp.affected \(query)", ids.map { .integer($0) }) { _ in }
    }

    /// Makes `checks` equal to `reach` for the affected hosts and notes what came and went.
    func reconcile(_ change: inout ScheduleChange) throws(StoreError) {
        let removed = try rows(Self.removeUnreached) { $0.checkID }
        let added = try rows(Self.addReached) { $0.checkID }
        change.removed += removed
        change.added += added
        try run("DELETE FROM temp.affected")
    }

    private static let removeUnreached = """
        DELETE FROM checks WHERE host_id IN (SELECT host_id FROM temp.affected)
        AND NOT EXISTS (
            SELECT 1 FROM host_suites JOIN plugin_suites USING (suite_id)
            WHERE host_suites.host_id = checks.host_id AND plugin_suites.plugin_id = checks.plugin_id)
        AND NOT EXISTS (
            SELECT 1 FROM hosts JOIN subnets ON subnets.id = hosts.subnet_id
            JOIN plugin_suites ON plugin_suites.suite_id = subnets.suite_id
            WHERE hosts.id = checks.host_id AND plugin_suites.plugin_id = checks.plugin_id)
        RETURNING host_id, plugin_id
        """

    /// The view `reach`, written out so that the affected hosts are the outer loop.
    ///
    /// A check's number says where in its interval it runs, so that results that come together lie together; those of
    /// one millisecond are counted on. Later edits of the interval leave it: that costs some speed and nothing else.
    private static let addReached = """
        INSERT INTO checks (id, host_id, plugin_id)
        SELECT
            row_number() OVER (PARTITION BY phase) + coalesce(
                (SELECT max(id) FROM checks WHERE id >= phase << 20 AND id < phase + 1 << 20), phase << 20),
            host_id, plugin_id
        FROM (
            SELECT host_id, plugin_id, check_phase(host_id, plugin_id, interval) AS phase FROM (
                SELECT affected.host_id, plugin_suites.plugin_id FROM temp.affected
                CROSS JOIN host_suites ON host_suites.host_id = affected.host_id
                CROSS JOIN plugin_suites ON plugin_suites.suite_id = host_suites.suite_id
                UNION
                SELECT affected.host_id, plugin_suites.plugin_id FROM temp.affected
                CROSS JOIN hosts ON hosts.id = affected.host_id
                CROSS JOIN subnets ON subnets.id = hosts.subnet_id
                CROSS JOIN plugin_suites ON plugin_suites.suite_id = subnets.suite_id
            ) AS reached
            CROSS JOIN plugins ON plugins.id = reached.plugin_id
            WHERE NOT EXISTS (
                SELECT 1 FROM checks
                WHERE checks.host_id = reached.host_id AND checks.plugin_id = reached.plugin_id))
        WHERE true
        ON CONFLICT (host_id, plugin_id) DO NOTHING
        RETURNING host_id, plugin_id
        """

    /// Makes known to statements where in its interval, in seconds, a check of host and plugin runs, in milliseconds.
    static func defineFunctions(on connection: Connection) throws(SQLError) {
        try connection.define("check_phase", arguments: 3) { numbers in
            let check = CheckID(host: HostID(numbers[0]), plugin: PluginID(numbers[1]))
            return Phase.milliseconds(of: check, interval: max(1, numbers[2]) * 1000)
        }
    }
}
