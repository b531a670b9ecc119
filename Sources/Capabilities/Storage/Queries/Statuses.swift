import Model
import SQL

extension Database {
    func statuses(_ query: StatusQuery) throws(StoreError) -> Page<CheckStatus> {
        let filter = Filter(status: query)
        let total = try number("SELECT COUNT(*) FROM checks AS result \(filter.clause)", filter.values)
        let order = query.page.order(
            Self.statusOrders, own: "severity, state_since DESC NULLS LAST, result.host_id, result.plugin_id")
        let names = Self.joinsNames(query.page.sort) ? joinNames : ""
        // The page is cut before names are looked up: only its rows cost more than an index entry.
        let items = try rows(
            """
            SELECT \(Self.resultColumns), state_since, troubles.text, troubles.cause FROM (
                SELECT result.id AS id
                FROM checks AS result \(names) \(filter.clause) \(order) LIMIT ? OFFSET ?
            ) AS page
            \(dialect.join) checks AS result ON result.id = page.id
            \(joinNames) \(Troubles.join) \(order)
            """,
            filter.values + query.page.window
        ) { row in
            var status = Self.status(row)
            status.stateSince = row.optionalTimestamp(Self.resultColumnCount)
            if let trouble = row.optionalText(Self.resultColumnCount + 1) {
                status.add(
                    trouble: trouble, Cause(rawValue: row.text(Self.resultColumnCount + 2)) ?? .internal)
            }
            return status
        }
        return Page(items: items, total: Int(total))
    }

    func history(_ query: HistoryQuery) throws(StoreError) -> HistoryPage {
        let place = query.cursor.flatMap(HistoryCursor.init)
        guard query.cursor == nil || place != nil else {
            throw .invalid(field: "cursor", reason: "it is not one that a page of history ended with")
        }
        let limit = max(1, min(query.limit, 100_000))
        let found = try history(query, after: place, atMost: limit + 1)
        let page = found.prefix(limit)
        guard found.count > limit, let last = page.last, let due = last.status.due else {
            return HistoryPage(items: page.map(\.status), cursor: nil)
        }
        let cursor = HistoryCursor(due: due, check: last.check)
        return HistoryPage(items: page.map(\.status), cursor: cursor.text)
    }

    /// Newest first. That of one host is read after the mark first, then from the index by host.
    private func history(
        _ query: HistoryQuery, after cursor: HistoryCursor?, atMost limit: Int
    ) throws(StoreError) -> [HistoryRow] {
        var newest = Filter(history: query, "result", after: cursor)
        guard query.host != nil, let mark = try dialect.historyMark(in: self) else {
            return try historyRows("FROM history AS result", newest, "result", atMost: limit)
        }
        newest.add("result.due > ?", mark)
        let found = try historyRows("FROM history AS result", newest, "result", atMost: limit)
        guard found.count < limit else { return found }
        let older = Filter(history: query, "place", after: cursor)
        return try found
            + historyRows(
                """
                FROM host_history AS place CROSS JOIN history AS result
                ON result.due = place.due AND result.host_id = place.host_id
                AND result.plugin_id = place.plugin_id
                """, older, "place", atMost: limit - found.count)
    }

    private func historyRows(
        _ source: String, _ filter: Filter, _ key: String, atMost limit: Int
    ) throws(StoreError) -> [HistoryRow] {
        try rows(
            """
            SELECT \(Self.resultColumns), result.host_id, result.plugin_id
            \(source) \(joinNames) \(filter.clause)
            ORDER BY \(key).due DESC, \(key).host_id DESC, \(key).plugin_id DESC LIMIT ?
            """,
            filter.values + [limit.sqlValue]
        ) { row in
            let host = HostID(row.int64(Self.resultColumnCount))
            let plugin = PluginID(row.int64(Self.resultColumnCount + 1))
            return (status: Self.status(row), check: CheckID(host: host, plugin: plugin))
        }
    }

    private typealias HistoryRow = (status: CheckStatus, check: CheckID)

    private var joinNames: String {
        """
        \(dialect.join) hosts ON hosts.id = result.host_id
        \(dialect.join) plugins ON plugins.id = result.plugin_id
        """
    }

    private static func joinsNames(_ sort: String?) -> Bool { sort == "host" || sort == "plugin" }

    private static let statusOrders = [
        "host": "hosts.name", "plugin": "plugins.name", "state": "severity", "scheduled_at": "result.due",
        "started_at": "started", "state_since": "state_since", "duration_ms": "ended - started",
        "latency_ms": "started - result.due", "exit_code": "exit_code", "cause": Troubles.cause,
        "worker": "worker",
        "output": "output",
    ]

    private static let resultColumns = """
        hosts.name, plugins.name, result.state, result.exit_code, result.cause, result.output,
        result.long_output, result.performance_data, result.stderr, result.truncated, result.sanitised,
        result.dropped_bytes, result.due, result.started, result.ended, result.worker, plugins.interval,
        plugins.timeout, hosts.maintenance
        """
    private static let resultColumnCount = 19

    private static func status(_ row: any SQLRow) -> CheckStatus {
        CheckStatus(
            host: row.text(0), plugin: row.text(1), state: CheckState(rawValue: row.int(2)) ?? .unknown,
            exitCode: row.optionalInt64(3).map { Int($0) },
            cause: row.optionalText(4).map { Cause(rawValue: $0) ?? .internal }, output: output(row),
            due: row.optionalTimestamp(12), started: row.optionalTimestamp(13),
            ended: row.optionalTimestamp(14), worker: row.optionalText(15), interval: row.int(16),
            timeout: row.int(17), maintenance: row.bool(18))
    }

    private static func output(_ row: any SQLRow) -> PluginOutput {
        PluginOutput(
            text: row.text(5), longText: row.text(6), performanceText: row.text(7), errorText: row.text(8),
            isTruncated: row.bool(9), isSanitised: row.bool(10), droppedBytes: row.int(11))
    }
}

extension Filter {
    fileprivate init(status query: StatusQuery) {
        self.init()
        // By severity, which has the index; numbers of our own, so the statement can be kept.
        if !query.states.isEmpty { add("result.severity IN (\(list(query.states.map(\.severity))))") }
        add(host: query.host, plugin: query.plugin, suite: query.suite, "result")
        if let maintenance = query.maintenance {
            add("result.host_id IN (SELECT id FROM hosts WHERE maintenance = ?)", maintenance)
        }
    }

    /// `key` is the table whose due time, host and plugin lead.
    fileprivate init(history query: HistoryQuery, _ key: String, after cursor: HistoryCursor?) {
        self.init()
        if !query.states.isEmpty { add("result.state IN (\(list(query.states.map(\.rawValue))))") }
        // Said apart, so that the index of problems can be used.
        if !query.states.isEmpty, !query.states.contains(.ok) { add("result.state <> 0") }
        add(host: query.host, plugin: query.plugin, suite: query.suite, key)
        if let from = query.from { add("\(key).due >= ?", from) }
        if let to = query.to { add("\(key).due <= ?", to) }
        guard let cursor else { return }
        // The first condition is what an index can use.
        add("\(key).due <= ?", cursor.due)
        add(
            "(\(key).due, \(key).host_id, \(key).plugin_id) < (?, ?, ?)", cursor.due, cursor.check.host,
            cursor.check.plugin)
    }

    private func list(_ numbers: [Int]) -> String {
        Set(numbers).sorted().map(String.init).joined(separator: ", ")
    }

    private mutating func add(host: String?, plugin: String?, suite: String?, _ key: String) {
        if let host { add("\(key).host_id = (SELECT id FROM hosts WHERE name = ?)", host) }
        if let plugin { add("\(key).plugin_id = (SELECT id FROM plugins WHERE name = ?)", plugin) }
        if let suite {
            let number = "(SELECT id FROM suites WHERE name = ?)"
            add("\(key).plugin_id IN (SELECT plugin_id FROM plugin_suites WHERE suite_id = \(number))", suite)
            add("\(key).host_id IN (SELECT host_id FROM host_reach WHERE suite_id = \(number))", suite)
        }
    }
}

extension CheckState {
    /// The column `severity` of the schema: problems first.
    fileprivate var severity: Int {
        switch self {
        case .critical: 0
        case .unknown: 1
        case .warning: 2
        case .pending: 3
        case .ok: 4
        }
    }
}

/// Where a page of history ended: the key of its last row, so that new rows shift nothing.
struct HistoryCursor: Equatable {
    var due: Timestamp
    var check: CheckID

    init(due: Timestamp, check: CheckID) {
        self.due = due
        self.check = check
    }

    init?(_ text: String) {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard numbers.count == 3, let due = numbers[0], let host = numbers[1], let plugin = numbers[2] else {
            return nil
        }
        self.init(
            due: Timestamp(microseconds: due), check: CheckID(host: HostID(host), plugin: PluginID(plugin)))
    }

    var text: String { "\(due.microseconds)-\(check.host)-\(check.plugin)" }
}
