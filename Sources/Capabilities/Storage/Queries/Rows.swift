import Model
import SQL

// Columns of rows as values of the model.

extension SQLRow {
    /// Host and plugin in the first two columns.
    var checkID: CheckID { CheckID(host: HostID(int64(0)), plugin: PluginID(int64(1))) }

    func timestamp(_ column: Int) -> Timestamp { Timestamp(microseconds: int64(column)) }

    func optionalTimestamp(_ column: Int) -> Timestamp? {
        optionalInt64(column).map(Timestamp.init(microseconds:))
    }

    /// The number in the first column with the text in the second.
    var numberedText: (Int64, String) { (int64(0), text(1)) }
}

extension Database {
    /// Texts by owner: `sql` selects number and text and ends before its conditions on `key`.
    func texts(_ sql: String, key: String, ids: [Int64]?) throws(StoreError) -> [Int64: [String]] {
        let pairs = try rows(sql + condition(key, ids) + " ORDER BY 2", ids.map { [$0.json] } ?? []) {
            $0.numberedText
        }
        return pairs.reduce(into: [:]) { $0[$1.0, default: []].append($1.1) }
    }

    /// Names with values by host, from `table`.
    func pairs(_ table: String, ids: [Int64]?) throws(StoreError) -> [Int64: [String: String]] {
        let sql = "SELECT host_id, name, value FROM \(table)" + condition("host_id", ids)
        let rows = try rows(sql, ids.map { [$0.json] } ?? []) { ($0.int64(0), $0.text(1), $0.text(2)) }
        return rows.reduce(into: [:]) { $0[$1.0, default: [:]][$1.1] = $1.2 }
    }

    private func condition(_ key: String, _ ids: [Int64]?) -> String {
        ids == nil ? "" : " WHERE \(key) IN (\(dialect.listedNumbers))"
    }
}
