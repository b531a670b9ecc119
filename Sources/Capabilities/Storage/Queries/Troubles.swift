import Model
import SQL

/// Runs that the engine could not carry out: they say nothing of the target, so its status stays as it was and the
/// trouble stands beside it.
extension SQLSession {
    /// Keeps why the last run of a check failed by the engine's own trouble.
    ///
    /// `due` is that of the result that is its status. The trouble holds as long as no other result takes that place, so
    /// results have nothing to tidy up.
    func keepTrouble(after due: Timestamp?, _ result: CheckResult) throws(SQLError) {
        try run(
            """
            INSERT INTO troubles (check_id, after, due, text, cause)
            SELECT id, ?, ?, ?, ? FROM checks WHERE host_id = ? AND plugin_id = ?
            ON CONFLICT (check_id) DO UPDATE SET after = excluded.after, due = excluded.due, text = excluded.text,
            cause = excluded.cause
            """,
            [
                due.map { .integer($0.microseconds) } ?? .null, .integer(result.due.microseconds),
                .text(result.output.text), .text(result.cause.rawValue), .integer(result.check.host.value),
                .integer(result.check.plugin.value),
            ])
    }
}

/// Pieces of statements that read statuses.
enum Troubles {
    /// Adds the trouble of the last run to `checks AS result`.
    static let join =
        "LEFT JOIN troubles ON troubles.check_id = result.id AND troubles.after IS NOT DISTINCT FROM result.due"

    /// How the last run ended, also one that the engine could not carry out.
    static let cause = """
        coalesce((
            SELECT troubles.cause FROM troubles
            WHERE check_id = result.id AND after IS NOT DISTINCT FROM result.due
        ), result.cause)
        """
}

extension CheckStatus {
    /// Says beside the last result that the run after it could not be carried out.
    mutating func add(trouble: String, _ cause: Cause) {
        self.cause = cause
        if due == nil { output.text = trouble } else { output.errorText = trouble }
    }
}
