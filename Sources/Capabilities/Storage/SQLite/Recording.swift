import Model
import SQL

extension SQLiteDialect {
    func record(
        _ results: [CheckResult], now: Timestamp, in database: Database
    ) throws(StoreError) -> RecordSummary {
        let mark = try historyMark(in: database) ?? 0
        let recording: Recording
        do throws(SQLError) {
            recording = try Recording(connection, mark: mark)
            for result in results { try recording.record(result, now: now) }
        } catch {
            throw database.failed(error)
        }
        try noteHistory(recording.unindexed, mark: mark, now: now, in: database)
        return recording.summary
    }
}

/// The statements of one batch; the hot path of the store.
///
/// Almost every result is newer than the status and has its state: one statement says so and writes it. Texts are laid
/// down once for both tables.
private final class Recording {
    private(set) var summary = RecordSummary()
    /// Rows of history after the mark.
    private(set) var unindexed = 0
    private let mark: Int64
    private let refresh: Statement
    private let find: Statement
    private let change: Statement
    private let keep: Statement
    private let index: Statement
    private let texts = TextBuffer()
    private let connection: Connection

    init(_ connection: Connection, mark: Int64) throws(SQLError) {
        self.connection = connection
        self.mark = mark
        // An unchanged state is left alone, which spares the index on it.
        refresh = try connection.statement(
            """
            UPDATE checks SET \(Self.assignments)
            WHERE host_id = ?14 AND plugin_id = ?15 AND state = ?16 AND due < ?1
            """)
        find = try connection.statement(
            "SELECT state, due, state_since FROM checks WHERE host_id = ? AND plugin_id = ?")
        change = try connection.statement(
            """
            UPDATE checks SET \(Self.assignments), state = ?16, state_since = ?17
            WHERE host_id = ?14 AND plugin_id = ?15
            """)
        keep = try connection.statement(
            """
            INSERT INTO history (\(Self.fields.joined(separator: ", ")), host_id, plugin_id, state)
            VALUES (\((1...16).map { "?\($0)" }.joined(separator: ", "))) ON CONFLICT DO NOTHING
            """)
        index = try connection.statement("INSERT OR IGNORE INTO host_history VALUES (?, ?, ?)")
    }

    func record(_ result: CheckResult, now: Timestamp) throws(SQLError) {
        let row = RowTexts(result, in: texts)
        if try refreshes(result, row) {
            _ = try keepHistory(result, row)
            summary.stored += 1
            return
        }
        let known = try known(result.check)
        let decision = RecordDecision(result, known: known, now: now)
        if decision == .orphaned {
            summary.orphaned += 1
            return
        }
        let isNew = try keepHistory(result, row)
        switch decision {
        case .current where !result.cause.isOfTarget:
            try connection.keepTrouble(after: known?.due, result)
            if isNew ?? true { summary.stored += 1 } else { summary.duplicates += 1 }
        case .current(let since):
            try update(result, row, since: since)
            summary.stored += 1
        case .outdated where isNew ?? true: summary.outdated += 1
        case .outdated, .duplicate, .orphaned: summary.duplicates += 1
        }
    }

    /// Writes the status when the result is newer and its state the same; false when nothing was written.
    private func refreshes(_ result: CheckResult, _ row: RowTexts) throws(SQLError) -> Bool {
        // The engine's own trouble is looked at more closely.
        guard result.cause.isOfTarget else { return false }
        try bind(result, row, to: refresh)
        try refresh.run()
        return connection.changes > 0
    }

    private func update(_ result: CheckResult, _ row: RowTexts, since: Timestamp) throws(SQLError) {
        try bind(result, row, to: change)
        try change.bind(16, since.microseconds)
        try change.run()
    }

    private func known(_ check: CheckID) throws(SQLError) -> RecordDecision.Known? {
        find.reset()
        defer { find.reset() }
        try find.bind(0, check.host.value)
        try find.bind(1, check.plugin.value)
        guard try find.step() else { return nil }
        return RecordDecision.Known(
            state: CheckState(rawValue: find.int(0)) ?? .unknown, due: find.optionalTimestamp(1),
            since: find.optionalTimestamp(2))
    }

    /// Whether the row was new; nil when the host keeps no history.
    private func keepHistory(_ result: CheckResult, _ row: RowTexts) throws(SQLError) -> Bool? {
        guard result.keepsHistory else { return nil }
        try bind(result, row, to: keep)
        try keep.run()
        guard connection.changes > 0 else { return false }
        if result.due.microseconds > mark {
            unindexed += 1
        } else {
            try index.bind(0, result.check.host.value)
            try index.bind(1, result.due.microseconds)
            try index.bind(2, result.check.plugin.value)
            try index.run()
        }
        return true
    }

    /// Columns that status and history share, in the order of ``bind(_:_:to:)``.
    private static let fields = [
        "due", "started", "ended", "cause", "exit_code", "output", "long_output", "performance_data",
        "stderr", "truncated", "sanitised", "dropped_bytes", "worker",
    ]

    private static let assignments = fields.enumerated().map { "\($1) = ?\($0 + 1)" }.joined(separator: ", ")

    /// The texts of one result in the buffer.
    private struct RowTexts {
        let cause, output, longOutput, performanceData, standardError, worker: TextBuffer.Place

        init(_ result: CheckResult, in buffer: TextBuffer) {
            buffer.clear()
            cause = buffer.put(result.cause.rawValue)
            output = buffer.put(result.output.text)
            longOutput = buffer.put(result.output.longText)
            performanceData = buffer.put(result.output.performanceText)
            standardError = buffer.put(result.output.errorText)
            worker = buffer.put(result.worker)
        }
    }

    /// Fills the question marks of ``fields``, host, plugin and state.
    private func bind(_ result: CheckResult, _ row: RowTexts, to statement: Statement) throws(SQLError) {
        try statement.bind(0, result.due.microseconds)
        try statement.bind(1, result.started.microseconds)
        try statement.bind(2, result.ended.microseconds)
        try statement.bind(3, row.cause, in: texts)
        try statement.bind(4, result.exitCode.map { Int64($0) })
        try statement.bind(5, row.output, in: texts)
        try statement.bind(6, row.longOutput, in: texts)
        try statement.bind(7, row.performanceData, in: texts)
        try statement.bind(8, row.standardError, in: texts)
        try statement.bind(9, result.output.isTruncated ? 1 : 0)
        try statement.bind(10, result.output.isSanitised ? 1 : 0)
        try statement.bind(11, Int64(result.output.droppedBytes))
        try statement.bind(12, row.worker, in: texts)
        try statement.bind(13, result.check.host.value)
        try statement.bind(14, result.check.plugin.value)
        try statement.bind(15, Int64(result.state.rawValue))
    }
}
