import Model
import SQL

/// The history by host, which follows in large sorted pieces: one row at a time each would touch a page of its own.
///
/// Rows up to the mark are in `host_history`, and those after it are not. Who looks for a host reads both.
extension SQLiteDialect {
    /// Up to which due time, in microseconds, the history is in the index by host.
    func historyMark(in database: Database) throws(StoreError) -> Int64? {
        try database.number("SELECT due FROM history_mark")
    }

    /// Takes note of `count` new rows after the mark, inside the running transaction, and moves the mark when they are
    /// many.
    ///
    /// The last seconds stay out: results that are still on their way belong there.
    func noteHistory(
        _ count: Int, mark: Int64, now: Timestamp, in database: Database
    ) throws(StoreError) {
        if unindexedHistory == nil {
            unindexedHistory = Int(
                try database.number("SELECT count(*) FROM history WHERE due > ?", [.integer(mark)]))
        } else {
            unindexedHistory? += count
        }
        guard let waiting = unindexedHistory, waiting >= indexedPiece else { return }
        unindexedHistory = 0
        let limit = now.microseconds - Self.openMicroseconds
        let next = try database.number(
            "SELECT coalesce(max(due), 0) FROM history WHERE due <= ?", [.integer(limit)])
        guard next > mark else { return }
        try database.run(
            """
            INSERT OR IGNORE INTO host_history SELECT host_id, due, plugin_id FROM history
            WHERE due > ? AND due <= ? ORDER BY host_id, due, plugin_id
            """, mark, next)
        try database.run("UPDATE history_mark SET due = ?", next)
    }

    /// Deletes old history first, then that of deleted hosts, then what the index by host still has of it.
    func pruneHistory(
        before limit: Timestamp, atMost count: Int, in database: Database
    ) throws(StoreError) -> Int {
        try database.run(
            """
            DELETE FROM history WHERE (due, host_id, plugin_id) IN (
                SELECT due, host_id, plugin_id FROM history WHERE due < ? ORDER BY due LIMIT ?)
            """, limit, count)
        var deleted = connection.changes
        for host in try database.rows("SELECT host_id FROM departed_hosts", [], { $0.int64(0) })
        where deleted < count {
            deleted += try pruneHistory(ofDeparted: host, atMost: count - deleted, in: database)
        }
        try pruneIndex(before: limit, atMost: count, in: database)
        return deleted
    }

    private func pruneHistory(
        ofDeparted host: Int64, atMost count: Int, in database: Database
    ) throws(StoreError) -> Int {
        let oldest = "SELECT due, host_id, plugin_id FROM host_history WHERE host_id = ? LIMIT ?"
        try database.run("DELETE FROM history WHERE (due, host_id, plugin_id) IN (\(oldest))", host, count)
        var deleted = connection.changes
        try database.run(
            "DELETE FROM host_history WHERE (due, host_id, plugin_id) IN (\(oldest))", host, count)
        guard connection.changes < count, deleted < count else { return deleted }
        let rest = count - deleted
        try database.run(
            """
            DELETE FROM history WHERE (due, host_id, plugin_id) IN (
                SELECT due, host_id, plugin_id FROM history
                WHERE due > (SELECT due FROM history_mark) AND host_id = ? LIMIT ?)
            """, host, rest)
        deleted += connection.changes
        if connection.changes < rest {
            try database.run("DELETE FROM departed_hosts WHERE host_id = ?", host)
        }
        return deleted
    }

    /// Goes on with the hosts after the last call's: what is old of one host lies together.
    private func pruneIndex(
        before limit: Timestamp, atMost count: Int, in database: Database
    ) throws(StoreError) {
        var rest = count
        for _ in 0..<Self.prunedHosts where rest > 0 {
            let next = try database.first(
                "SELECT min(host_id) FROM host_history WHERE host_id > ?", [.integer(lastPrunedHost)]
            ) { $0.optionalInt64(0) }
            guard let host = next ?? nil else {
                lastPrunedHost = 0
                return
            }
            try database.run(
                """
                DELETE FROM host_history WHERE (host_id, due, plugin_id) IN (
                    SELECT host_id, due, plugin_id FROM host_history WHERE host_id = ? AND due < ? LIMIT ?)
                """, host, limit, rest)
            rest -= connection.changes
            if rest > 0 { lastPrunedHost = host }
        }
    }

    private static let openMicroseconds: Int64 = 10_000_000
    /// Hosts that one call looks at.
    private static let prunedHosts = 200
}
