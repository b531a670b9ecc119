import Model
import SQL

/// A batch of results: one question for the statuses that are there, decisions here, and one statement that writes.
extension PostgresDialect {
    func record(
        _ results: [CheckResult], now: Timestamp, in database: Database
    ) throws(StoreError) -> RecordSummary {
        guard !results.isEmpty else { return RecordSummary() }
        do throws(SQLError) {
            var batch = PostgresBatch(try known(results))
            for result in results { batch.add(result, now: now) }
            try preparePartitions(for: batch.days, now: now)
            let new = Set(try write(batch, now: now))
            for trouble in batch.troubles { try connection.keepTrouble(after: trouble.after, trouble.result) }
            return batch.summary(new: new)
        } catch {
            throw database.failed(error)
        }
    }

    private func known(_ results: [CheckResult]) throws(SQLError) -> [CheckID: RecordDecision.Known] {
        let checks = Set(results.map(\.check))
        let rows = try connection.rows(
            """
            SELECT host_id, plugin_id, state, due, state_since
            FROM unnest($1, $2) AS asked (host_id, plugin_id) JOIN checks USING (host_id, plugin_id)
            """,
            parameters: [.integers(checks.map(\.host.value)), .integers(checks.map(\.plugin.value))]
        ) { row in
            (
                row.checkID,
                RecordDecision.Known(
                    state: CheckState(rawValue: row.int(2)) ?? .unknown, due: row.optionalTimestamp(3),
                    since: row.optionalTimestamp(4))
            )
        }
        return Dictionary(rows) { first, _ in first }
    }

    /// Writes statuses and history, and returns what was new in the history.
    private func write(_ batch: PostgresBatch, now: Timestamp) throws(SQLError) -> [PostgresBatch.Key] {
        try connection.rows(Self.write, parameters: batch.columns + [.single((now + .seconds(60)).sqlValue)])
        {
            PostgresBatch.Key(check: $0.checkID, due: $0.timestamp(2))
        }
    }

    /// Another recorder may have written a newer status since we asked: that one stays.
    private static let write = """
        WITH batch AS MATERIALIZED (
            SELECT * FROM unnest(\((1...18).map { "$\($0)" }.joined(separator: ", "))) AS batch (
                host_id, plugin_id, due, started, ended, state, exit_code, truncated, sanitised, dropped_bytes,
                state_since, use, cause, output, long_output, performance_data, stderr, worker)
        ), changed AS (
            UPDATE checks SET due = batch.due, started = batch.started, ended = batch.ended,
            state = batch.state, exit_code = batch.exit_code, truncated = batch.truncated <> 0,
            sanitised = batch.sanitised <> 0, dropped_bytes = batch.dropped_bytes,
            state_since = batch.state_since, cause = batch.cause, output = batch.output,
            long_output = batch.long_output, performance_data = batch.performance_data, stderr = batch.stderr,
            worker = batch.worker
            FROM batch WHERE batch.use & 1 <> 0
            AND checks.host_id = batch.host_id AND checks.plugin_id = batch.plugin_id
            AND (checks.due IS NULL OR checks.due < batch.due OR checks.due > $19)
        )
        INSERT INTO history (
            host_id, plugin_id, due, started, ended, state, exit_code, truncated, sanitised, dropped_bytes,
            cause, output, long_output, performance_data, stderr, worker)
        SELECT host_id, plugin_id, due, started, ended, state, exit_code, truncated <> 0, sanitised <> 0,
            dropped_bytes, cause, output, long_output, performance_data, stderr, worker
        FROM batch WHERE use & 2 <> 0
        ON CONFLICT DO NOTHING
        RETURNING host_id, plugin_id, due
        """
}

/// Results with what becomes of each, as columns.
struct PostgresBatch {
    struct Key: Hashable {
        var check: CheckID
        var due: Timestamp
    }

    private struct Row {
        var result: CheckResult
        var decision: RecordDecision
        /// Of the status; the row after it may belong to the same check.
        var since: Timestamp?
    }

    private var known: [CheckID: RecordDecision.Known]
    private var rows: [Row] = []
    private var orphaned = 0
    /// The row that becomes the status of a check, by check.
    private var current: [CheckID: Int] = [:]
    private(set) var troubles: [(after: Timestamp?, result: CheckResult)] = []

    init(_ known: [CheckID: RecordDecision.Known]) { self.known = known }

    mutating func add(_ result: CheckResult, now: Timestamp) {
        let decision = RecordDecision(result, known: known[result.check], now: now)
        guard decision != .orphaned else {
            orphaned += 1
            return
        }
        var row = Row(result: result, decision: decision, since: nil)
        if case .current(let since) = decision {
            if !result.cause.isOfTarget {
                troubles.append((known[result.check]?.due, result))
            } else {
                row.since = since
                current[result.check] = rows.count
                known[result.check] = RecordDecision.Known(state: result.state, due: result.due, since: since)
            }
        }
        rows.append(row)
    }

    /// Days since 1970 that the history needs.
    var days: Set<Int64> { Set(rows.lazy.filter(\.result.keepsHistory).map { $0.result.due.day }) }

    /// The columns of the statement, in its order.
    var columns: [PostgresParameter] {
        let results = rows.map(\.result)
        func numbers(_ value: (CheckResult) -> Int64?) -> PostgresParameter { .integers(results.map(value)) }
        func texts(_ value: (CheckResult) -> String) -> PostgresParameter { .texts(results.map(value)) }
        let uses = rows.indices.map { index -> Int64? in
            let isStatus = current[rows[index].result.check] == index
            return (isStatus ? 1 : 0) + (rows[index].result.keepsHistory ? 2 : 0)
        }
        return [
            numbers { $0.check.host.value }, numbers { $0.check.plugin.value },
            numbers { $0.due.microseconds },
            numbers { $0.started.microseconds }, numbers { $0.ended.microseconds },
            numbers { Int64($0.state.rawValue) }, numbers { $0.exitCode.map { Int64($0) } },
            numbers { $0.output.isTruncated ? 1 : 0 }, numbers { $0.output.isSanitised ? 1 : 0 },
            numbers { Int64($0.output.droppedBytes) }, .integers(rows.map { $0.since?.microseconds }),
            .integers(uses), texts { $0.cause.rawValue }, texts { $0.output.text },
            texts { $0.output.longText }, texts { $0.output.performanceText }, texts { $0.output.errorText },
            texts { $0.worker },
        ]
    }

    /// What became of the results, when `new` is what the history did not have.
    func summary(new: Set<Key>) -> RecordSummary {
        var summary = RecordSummary()
        summary.orphaned = orphaned
        var new = new
        for row in rows {
            let key = Key(check: row.result.check, due: row.result.due)
            // The first of two equal ones is the new one; without history nobody can tell.
            let isNew = !row.result.keepsHistory || new.remove(key) != nil
            switch row.decision {
            case .current where !row.result.cause.isOfTarget:
                if isNew { summary.stored += 1 } else { summary.duplicates += 1 }
            case .current: summary.stored += 1
            case .outdated where isNew: summary.outdated += 1
            case .outdated, .duplicate, .orphaned: summary.duplicates += 1
            }
        }
        return summary
    }
}

extension Timestamp {
    /// Days since 1970.
    var day: Int64 { microseconds >= 0 ? microseconds / Self.microsecondsPerDay : -1 }

    static let microsecondsPerDay: Int64 = 86_400_000_000
}
