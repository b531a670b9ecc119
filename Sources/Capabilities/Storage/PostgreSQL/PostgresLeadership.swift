import Model
import SQL

/// Which node drives the schedule: the one whose session holds an advisory lock, which ends with the session.
///
/// The table `leadership` says who that is and counts the changes. A leader whose connection broke finds its own name
/// there while the server still holds its old session, and goes on.
extension PostgresDialect {
    func lead(as node: String, in database: Database) throws(StoreError) -> Int64? {
        if !holdsLead {
            holdsLead =
                try database.number("SELECT pg_try_advisory_lock(\(PostgresSchema.leading))") != 0
            if holdsLead { try take(as: node, in: database) }
        }
        let leader = try database.first("SELECT node, epoch FROM leadership") { ($0.text(0), $0.int64(1)) }
        guard let leader, leader.0 == node else { return nil }
        return leader.1
    }

    private func take(as node: String, in database: Database) throws(StoreError) {
        try database.run(
            """
            INSERT INTO leadership VALUES (1, ?, 1) ON CONFLICT (id) DO UPDATE SET node = excluded.node,
            epoch = leadership.epoch + CASE WHEN leadership.node = excluded.node THEN 0 ELSE 1 END
            """, node)
    }
}
