import Model

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
    private static let addReached = """
        INSERT INTO checks (host_id, plugin_id)
        SELECT affected.host_id, plugin_suites.plugin_id FROM temp.affected
        CROSS JOIN host_suites ON host_suites.host_id = affected.host_id
        CROSS JOIN plugin_suites ON plugin_suites.suite_id = host_suites.suite_id
        UNION
        SELECT affected.host_id, plugin_suites.plugin_id FROM temp.affected
        CROSS JOIN hosts ON hosts.id = affected.host_id
        CROSS JOIN subnets ON subnets.id = hosts.subnet_id
        CROSS JOIN plugin_suites ON plugin_suites.suite_id = subnets.suite_id
        ON CONFLICT DO NOTHING
        RETURNING host_id, plugin_id
        """
}
