import Model
import SQL

/// What becomes of one result, decided from the status that is there.
enum RecordDecision: Equatable {
    /// The check no longer exists.
    case orphaned
    /// The status has the same due time.
    case duplicate
    /// The status is newer.
    case outdated
    /// The result becomes the status; `since` is when its state began.
    case current(since: Timestamp)

    /// The status that is there: state, due time and since when.
    struct Known {
        var state: CheckState
        var due: Timestamp?
        var since: Timestamp?
    }

    /// A status whose due time lies in the future of `now` was written under a wrong clock and gives way.
    init(_ result: CheckResult, known: Known?, now: Timestamp) {
        guard let known else {
            self = .orphaned
            return
        }
        let isBelievable = known.due.map { $0 <= now + .seconds(60) } ?? false
        if let due = known.due, due == result.due {
            self = .duplicate
        } else if let due = known.due, isBelievable, due > result.due {
            self = .outdated
        } else {
            let isSame = known.state == result.state
            self = .current(since: isSame ? known.since ?? result.ended : result.ended)
        }
    }
}

extension Database {
    /// Stores a batch inside the running transaction.
    func record(_ results: [CheckResult], now: Timestamp) throws(StoreError) -> RecordSummary {
        do throws(SQLError) {
            let recording = try Recording(connection)
            for result in results { try recording.record(result, now: now) }
            return recording.summary
        } catch {
            throw failed(error)
        }
    }
}

/// The statements of one batch; the hot path of the store.
private final class Recording {
    private(set) var summary = RecordSummary()
    /// The row in `checks` that `find` found last.
    private var row: Int64 = 0
    private let find: Statement
    private let refresh: Statement
    private let change: Statement
    private let keep: Statement
    private let connection: Connection

    init(_ connection: Connection) throws(SQLError) {
        self.connection = connection
        find = try connection.statement(
            "SELECT state, due, state_since, id FROM checks WHERE host_id = ? AND plugin_id = ?")
        let fields = Self.fields.map { "\($0) = ?" }.joined(separator: ", ")
        // An unchanged state is left alone, which spares the index on it.
        refresh = try connection.statement(
            "UPDATE checks SET \(fields) WHERE id = ?")
        change = try connection.statement(
            "UPDATE checks SET \(fields), state = ?, state_since = ? WHERE id = ?")
        let marks = Self.fields.map { _ in "?, " }.joined()
        keep = try connection.statement(
            """
            INSERT INTO history (\(Self.fields.joined(separator: ", ")), host_id, plugin_id, state)
            VALUES (\(marks)?, ?, ?) ON CONFLICT DO NOTHING
            """)
    }

    func record(_ result: CheckResult, now: Timestamp) throws(SQLError) {
        let known = try known(result.check)
        let decision = RecordDecision(result, known: known, now: now)
        if decision == .orphaned {
            summary.orphaned += 1
            return
        }
        let isNew = try keepHistory(result)
        switch decision {
        case .current(let since):
            try update(result, from: known?.state, since: since)
            summary.stored += 1
        case .outdated where isNew ?? true: summary.outdated += 1
        case .outdated, .duplicate, .orphaned: summary.duplicates += 1
        }
    }

    private func known(_ check: CheckID) throws(SQLError) -> RecordDecision.Known? {
        find.reset()
        defer { find.reset() }
        try find.bind(0, check.host.value)
        try find.bind(1, check.plugin.value)
        guard try find.step() else { return nil }
        row = find.int64(3)
        return RecordDecision.Known(
            state: CheckState(rawValue: find.int(0)) ?? .unknown, due: find.optionalTimestamp(1),
            since: find.optionalTimestamp(2))
    }

    private func update(
        _ result: CheckResult, from state: CheckState?, since: Timestamp
    ) throws(SQLError) {
        let isSame = state == result.state
        let statement = isSame ? refresh : change
        var next = try bind(result, to: statement)
        if !isSame {
            try statement.bind(next, Int64(result.state.rawValue))
            try statement.bind(next + 1, since.microseconds)
            next += 2
        }
        try statement.bind(next, row)
        try statement.run()
    }

    /// Whether the row was new; nil when the host keeps no history.
    private func keepHistory(_ result: CheckResult) throws(SQLError) -> Bool? {
        guard result.keepsHistory else { return nil }
        let next = try bind(result, to: keep)
        try keep.bind(next, result.check.host.value)
        try keep.bind(next + 1, result.check.plugin.value)
        try keep.bind(next + 2, Int64(result.state.rawValue))
        try keep.run()
        return connection.changes > 0
    }

    /// Columns that status and history share, in the order of ``bind(_:to:)``.
    private static let fields = [
        "due", "started", "ended", "cause", "exit_code", "output", "long_output", "performance_data",
        "stderr",
        "truncated", "sanitised", "dropped_bytes", "worker",
    ]

    /// Fills the question marks of ``fields`` and returns the next one.
    private func bind(_ result: CheckResult, to statement: Statement) throws(SQLError) -> Int {
        let output = result.output
        try statement.bind(0, result.due.microseconds)
        try statement.bind(1, result.started.microseconds)
        try statement.bind(2, result.ended.microseconds)
        try statement.bind(3, result.cause.rawValue)
        try statement.bind(4, result.exitCode.map { Int64($0) })
        try statement.bind(5, output.text)
        try statement.bind(6, output.longText)
        try statement.bind(7, output.performanceText)
        try statement.bind(8, output.errorText)
        try statement.bind(9, output.isTruncated ? 1 : 0)
        try statement.bind(10, output.isSanitised ? 1 : 0)
        try statement.bind(11, Int64(output.droppedBytes))
        try statement.bind(12, result.worker)
        return 13
    }
}
