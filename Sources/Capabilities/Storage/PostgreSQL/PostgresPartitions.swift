import Model
import SQL

/// The history in one partition a day, so that what is old goes at once and not row by row.
///
/// What is due outside of the years that can be believed lies in `history_other`, as does a day that had rows there
/// before it had a partition.
extension PostgresDialect {
    func preparePartitions(for days: Set<Int64>, now: Timestamp) throws(SQLError) {
        for day in days where !preparedDays.contains(day) {
            if (now.day - Self.keptDays...now.day + 1).contains(day) { try preparePartition(for: day) }
            preparedDays.insert(day)
        }
    }

    private func preparePartition(for day: Int64) throws(SQLError) {
        try connection.execute("SELECT pg_advisory_xact_lock(\(PostgresSchema.partitioning))")
        let (first, next) = (day * Timestamp.microsecondsPerDay, (day + 1) * Timestamp.microsecondsPerDay)
        let isTaken = try connection.first(
            "SELECT EXISTS (SELECT 1 FROM history_other WHERE due >= ? AND due < ?)",
            [.integer(first), .integer(next)]
        ) { $0.bool(0) }
        guard isTaken == false else { return }
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS \(Self.partition(day)) PARTITION OF history
            FOR VALUES FROM (\(first)) TO (\(next))
            """)
    }

    /// A partition is dropped when all of it is old, which may be a day later than its oldest row; the count is then
    /// `count`, as there may be more. Rows go one by one only where there is no partition, and of deleted hosts.
    func pruneHistory(
        before limit: Timestamp, atMost count: Int, in database: Database
    ) throws(StoreError) -> Int {
        if let day = try oldestDay(in: database), day < limit.day {
            try database.execute("DROP TABLE \(Self.partition(day))")
            preparedDays.remove(day)
            return count
        }
        try database.run(
            """
            DELETE FROM history_other WHERE (due, host_id, plugin_id) IN (
                SELECT due, host_id, plugin_id FROM history_other WHERE due < ? ORDER BY due LIMIT ?)
            """, limit, count)
        var deleted = connection.changes
        for host in try database.rows("SELECT host_id FROM departed_hosts", [], { $0.int64(0) })
        where deleted < count {
            let rest = count - deleted
            try database.run(
                """
                DELETE FROM history WHERE (due, host_id, plugin_id) IN (
                    SELECT due, host_id, plugin_id FROM history WHERE host_id = ? LIMIT ?)
                """, host, rest)
            deleted += connection.changes
            if connection.changes < rest {
                try database.run("DELETE FROM departed_hosts WHERE host_id = ?", host)
            }
        }
        return deleted
    }

    private func oldestDay(in database: Database) throws(StoreError) -> Int64? {
        let names = try database.rows(
            """
            SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
            WHERE inhparent = 'history'::regclass
            """
        ) { $0.text(0) }
        return names.compactMap { name in
            name.hasPrefix(Self.prefix) ? Int64(name.dropFirst(Self.prefix.count)) : nil
        }.min()
    }

    private static func partition(_ day: Int64) -> String { prefix + String(day) }

    private static let prefix = "history_day_"
    /// The longest that a result may lie before it has a partition of its own day.
    private static let keptDays: Int64 = 400
}
