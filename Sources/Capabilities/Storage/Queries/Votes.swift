import Model
import SQL

/// Runs that several zones are asked for: each result is a vote, and one result comes of them.
extension Database {
    /// A run whose votes are gathered.
    private struct Run: Hashable {
        let check: CheckID
        let due: Timestamp
    }

    /// What a plugin asks for, and what is known of one check of it.
    private struct Ballot {
        let zones: [String]
        let quorum: Int
        /// The latest that a vote on a run can come after its due time.
        let patience: Duration
        let lastDue: Timestamp?
    }

    /// So long after the first vote the others may come, whatever held them up.
    private static let leastPatience = Duration.seconds(30)
    /// Closed runs that are decided in one transaction.
    private static let settledAtOnce = 500

    /// Keeps `votes` and returns the results of runs that they decide; `late` counts those that came after that.
    func cast(
        _ votes: [CheckResult], now: Timestamp
    ) throws(StoreError) -> (verdicts: [CheckResult], late: Int, orphaned: Int) {
        var (late, orphaned) = (0, 0)
        var touched: [Run] = []
        var ballots: [CheckID: Ballot] = [:]
        // In one order, so that two recorders never wait for each other.
        for check in Set(votes.map(\.check)).sorted(by: { ($0.host, $0.plugin) < ($1.host, $1.plugin) }) {
            ballots[check] = try ballot(of: check)
        }
        for vote in votes {
            guard let ballot = ballots[vote.check] else {
                orphaned += 1
                continue
            }
            guard vote.due != ballot.lastDue else {
                late += 1
                continue
            }
            try keep(vote, until: max(vote.due + ballot.patience, now + Self.leastPatience))
            let run = Run(check: vote.check, due: vote.due)
            if !touched.contains(run) { touched.append(run) }
        }
        var verdicts: [CheckResult] = []
        for run in touched {
            guard let ballot = ballots[run.check],
                // Votes that waited somewhere come one after the other, however old they are: only time closes a run.
                let verdict = try decide(run, ballot, isClosed: false)
            else { continue }
            verdicts.append(verdict)
        }
        return (verdicts, late, orphaned)
    }

    /// The results of runs for which no vote can come any more.
    func settleVotes(now: Timestamp) throws(StoreError) -> [CheckResult] {
        let runs = try rows(
            """
            SELECT DISTINCT host_id, plugin_id, due FROM votes WHERE closes <= ?
            ORDER BY host_id, plugin_id, due LIMIT ?
            """, [now.sqlValue, Self.settledAtOnce.sqlValue]
        ) { Run(check: $0.checkID, due: $0.timestamp(2)) }
        var verdicts: [CheckResult] = []
        for run in runs {
            guard let ballot = try ballot(of: run.check) else {
                try forget(run)  // The check went while its votes were out.
                continue
            }
            if let verdict = try decide(run, ballot, isClosed: true) { verdicts.append(verdict) }
        }
        return verdicts
    }

    /// Locks the check where others may gather votes for it, too; nil when it is gone.
    private func ballot(of check: CheckID) throws(StoreError) -> Ballot? {
        try first(
            """
            SELECT plugins.zones, plugins.quorum, plugins.interval, plugins.timeout, checks.due
            FROM checks JOIN plugins ON plugins.id = checks.plugin_id
            WHERE checks.host_id = ? AND checks.plugin_id = ? \(dialect.lockChecks)
            """, [check.host.sqlValue, check.plugin.sqlValue]
        ) { row in
            let zones = Self.zones(row.text(0)).map { $0 == "main" ? "" : $0 }
            let start = CheckJob.patience(interval: row.int(2))
            return Ballot(
                zones: zones, quorum: max(1, min(row.int(1), max(1, zones.count))),
                patience: start + .seconds(row.int(3) + 3), lastDue: row.optionalTimestamp(4))
        }
    }

    private func keep(_ vote: CheckResult, until closes: Timestamp) throws(StoreError) {
        try run(
            """
            INSERT INTO votes (host_id, plugin_id, due, zone, closes, state, started, ended, cause, exit_code, output,
            long_output, performance_data, stderr, truncated, sanitised, dropped_bytes, worker, history)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            vote.check.host, vote.check.plugin, vote.due, vote.assignment.observer, closes,
            vote.state.rawValue,
            vote.started, vote.ended, vote.cause.rawValue, vote.exitCode, vote.output.text,
            vote.output.longText,
            vote.output.performanceText, vote.output.errorText, vote.output.isTruncated,
            vote.output.isSanitised,
            vote.output.droppedBytes, vote.worker, vote.keepsHistory)
    }

    /// The result of a run when its votes suffice; they are gone then.
    private func decide(_ run: Run, _ ballot: Ballot, isClosed: Bool) throws(StoreError) -> CheckResult? {
        let votes = try rows(
            """
            SELECT zone, state, started, ended, cause, exit_code, output, long_output, performance_data, stderr,
            truncated, sanitised, dropped_bytes, worker, history
            FROM votes WHERE host_id = ? AND plugin_id = ? AND due = ?
            """, [run.check.host.sqlValue, run.check.plugin.sqlValue, run.due.sqlValue]
        ) { row in
            CheckResult(
                check: run.check, due: run.due, started: row.timestamp(2), ended: row.timestamp(3),
                state: CheckState(rawValue: row.int(1)) ?? .unknown,
                cause: Cause(rawValue: row.text(4)) ?? .internal,
                exitCode: row.optionalInt64(5).map { Int($0) },
                output: PluginOutput(
                    text: row.text(6), longText: row.text(7), performanceText: row.text(8),
                    errorText: row.text(9), isTruncated: row.bool(10), isSanitised: row.bool(11),
                    droppedBytes: row.int(12)),
                worker: row.text(13), keepsHistory: row.bool(14),
                assignment: Assignment(observer: row.text(0)))
        }
        let byZone = Dictionary(votes.map { ($0.assignment.observer ?? "", $0) }) { first, _ in first }
        let poll = Poll(zones: ballot.zones, quorum: ballot.quorum, votes: byZone)
        guard let verdict = poll.verdict(isClosed: isClosed) else { return nil }
        try forget(run)
        return verdict
    }

    private func forget(_ run: Run) throws(StoreError) {
        try self.run(
            "DELETE FROM votes WHERE host_id = ? AND plugin_id = ? AND due = ?", run.check.host,
            run.check.plugin, run.due)
    }
}
