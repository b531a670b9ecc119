import Model
import SQL

extension Database {
    /// Adds the hosts that `query` selects to those whose checks the running edit may change.
    func affect(_ query: String, _ ids: Int64...) throws(StoreError) {
        // Not `run`: it takes values one by one.
        _ = try rows("INSERT INTO affected \(query) ON CONFLICT DO NOTHING", ids.map { .integer($0) }) { _ in
        }
    }

    /// Makes `checks` equal to `reach` for the affected hosts and notes what came and went.
    func reconcile(_ change: inout ScheduleChange) throws(StoreError) {
        let removed = try rows(Self.removeUnreached) { $0.checkID }
        let added = try rows(dialect.addReached) { $0.checkID }
        change.removed += removed
        change.added += added
        try run("DELETE FROM affected")
    }

    private static let removeUnreached = """
        DELETE FROM checks WHERE host_id IN (SELECT host_id FROM affected)
        AND NOT EXISTS (
            SELECT 1 FROM host_suites JOIN plugin_suites USING (suite_id)
            WHERE host_suites.host_id = checks.host_id AND plugin_suites.plugin_id = checks.plugin_id)
        AND NOT EXISTS (
            SELECT 1 FROM hosts JOIN subnets ON subnets.id = hosts.subnet_id
            JOIN plugin_suites ON plugin_suites.suite_id = subnets.suite_id
            WHERE hosts.id = checks.host_id AND plugin_suites.plugin_id = checks.plugin_id)
        RETURNING host_id, plugin_id
        """
}
