/// One table as both kinds of databases have it.
struct MovedTable: Sendable {
    enum Kind: Sendable { case integer, boolean, real, text }

    let name: String
    let columns: [(name: String, kind: Kind)]
    /// The columns of the key come first.
    let keyCount: Int
    /// Whether the first column is numbered by the database.
    let isNumbered: Bool

    init(_ name: String, key: [(String, Kind)], isNumbered: Bool = false, _ others: [(String, Kind)]) {
        self.name = name
        columns = (key + others).map { (name: $0.0, kind: $0.1) }
        keyCount = key.count
        self.isNumbered = isNumbered
    }

    /// Every table that has something to keep, what others refer to first.
    static let all = [
        MovedTable(
            "suites", key: [("id", .integer)], isNumbered: true, [("name", .text), ("description", .text)]),
        MovedTable(
            "subnets", key: [("id", .integer)], isNumbered: true,
            [
                ("name", .text), ("network", .text), ("suite_id", .integer), ("auto_discovery", .boolean),
                ("interval", .integer), ("discovered_maintenance", .boolean), ("zone", .text),
            ]),
        MovedTable(
            "hosts", key: [("id", .integer)], isNumbered: true,
            [
                ("name", .text), ("address", .text), ("login", .text), ("port", .integer),
                ("maintenance", .boolean), ("history", .boolean), ("subnet_id", .integer), ("zone", .text),
            ]),
        MovedTable(
            "plugins", key: [("id", .integer)], isNumbered: true,
            [
                ("name", .text), ("runner", .text), ("script", .text), ("arguments", .text),
                ("interval", .integer), ("timeout", .integer), ("description", .text),
                ("allow_silent", .boolean), ("allow_background", .boolean), ("warm", .boolean),
                ("zones", .text), ("quorum", .integer),
            ]),
        MovedTable("host_labels", key: [("host_id", .integer), ("name", .text)], [("value", .text)]),
        MovedTable("host_variables", key: [("host_id", .integer), ("name", .text)], [("value", .text)]),
        MovedTable("host_suites", key: [("host_id", .integer), ("suite_id", .integer)], []),
        MovedTable("plugin_suites", key: [("plugin_id", .integer), ("suite_id", .integer)], []),
        MovedTable(
            "checks", key: [("id", .integer)], isNumbered: true,
            [("host_id", .integer), ("plugin_id", .integer), ("state_since", .integer)] + result + [
                ("worker", .text)
            ]),
        MovedTable(
            "troubles", key: [("check_id", .integer)],
            [("after", .integer), ("due", .integer), ("text", .text), ("cause", .text)]),
        MovedTable(
            "history", key: [("due", .integer), ("host_id", .integer), ("plugin_id", .integer)],
            result.filter { $0.0 != "due" } + [("worker", .text)]),
        MovedTable("departed_hosts", key: [("host_id", .integer)], []),
        MovedTable(
            "workers", key: [("name", .text)],
            [
                ("sent_at", .integer), ("version", .text), ("address", .text), ("heartbeat", .integer),
                ("worker_count", .integer), ("worker_alive", .integer), ("in_flight", .integer),
                ("input_queue_size", .integer), ("throughput", .real), ("latency_ms", .real),
                ("execution_ms", .real), ("ram_used", .integer), ("cpu", .real), ("condition", .text),
            ]),
        MovedTable(
            "discoveries", key: [("id", .integer)], isNumbered: true,
            [
                ("subnet_id", .integer), ("state", .text), ("started", .integer), ("ended", .integer),
                ("scanned", .integer), ("total", .integer), ("failure", .text),
            ]),
        MovedTable(
            "discovery_responders", key: [("discovery_id", .integer), ("address", .text)],
            [("outcome", .text), ("detail", .text)]),
        MovedTable("secrets", key: [("name", .text)], [("value", .text)]),
        MovedTable(
            "votes",
            key: [("host_id", .integer), ("plugin_id", .integer), ("due", .integer), ("zone", .text)],
            [("closes", .integer)] + result.filter { $0.0 != "due" } + [
                ("worker", .text), ("history", .boolean),
            ]),
        MovedTable("retention", key: [("id", .integer)], [("round", .integer)]),
    ]

    /// Columns that a status and a row of history share.
    private static let result: [(String, Kind)] = [
        ("due", .integer), ("started", .integer), ("ended", .integer), ("state", .integer), ("cause", .text),
        ("exit_code", .integer), ("output", .text), ("long_output", .text), ("performance_data", .text),
        ("stderr", .text), ("truncated", .boolean), ("sanitised", .boolean), ("dropped_bytes", .integer),
    ]

    private var names: String { columns.map(\.name).joined(separator: ", ") }

    private var key: String { columns.prefix(keyCount).map(\.name).joined(separator: ", ") }

    /// Rows after a key, or the first ones, in the order of the key; the last value is how many.
    func select(isFirst: Bool) -> String {
        let marks = repeatElement("?", count: keyCount).joined(separator: ", ")
        let condition = isFirst ? "" : "WHERE (\(key)) > (\(marks))"
        return "SELECT \(names) FROM \(name) \(condition) ORDER BY \(key) LIMIT ?"
    }

    /// Puts rows in that come as an array a column, numbers as numbers and all else as texts.
    var insert: String {
        let values = columns.map { column in
            switch column.kind {
            case .integer, .text: column.name
            case .boolean: "\(column.name) <> 0"
            case .real: "\(column.name)::double precision"
            }
        }
        let marks = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return """
            INSERT INTO \(name) (\(names)) \(isNumbered ? "OVERRIDING SYSTEM VALUE" : "")
            SELECT \(values.joined(separator: ", ")) FROM unnest(\(marks)) AS moved (\(names))
            """
    }
}
