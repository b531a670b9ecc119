import Model
import SQL

/// Old history and workers that are gone.
extension Database {
    func lastRetention() throws(StoreError) -> Timestamp? {
        let round = try first("SELECT round FROM retention") { $0.timestamp(0) }
        if let round { return round }
        return try first("SELECT due FROM history ORDER BY due DESC LIMIT 1") { $0.timestamp(0) }
    }

    /// Workers whose report lies more than a day ahead wrote it under a wrong clock; one that lives reports again soon.
    func endRetention(before limit: Timestamp, at now: Timestamp) throws(StoreError) {
        try run("DELETE FROM workers WHERE sent_at < ? OR sent_at > ?", limit, now + .seconds(86_400))
        try run(
            "INSERT INTO retention VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET round = excluded.round", now)
    }
}
