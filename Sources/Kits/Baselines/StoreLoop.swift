import CBaselines
import Glibc

/// The simplest loop in C that writes results into a database that our store has made.
package struct StoreLoop: Sendable {
    /// One result whose check has had its state before.
    package struct Row: Sendable {
        package let host, plugin: Int64
        /// Microseconds since 1970.
        package let due, started, ended: Int64
        package let state: Int
        package let output, performanceData: String

        package init(
            host: Int64, plugin: Int64, due: Int64, started: Int64, ended: Int64, state: Int, output: String,
            performanceData: String
        ) {
            (self.host, self.plugin, self.due) = (host, plugin, due)
            (self.started, self.ended, self.state) = (started, ended, state)
            (self.output, self.performanceData) = (output, performanceData)
        }
    }

    package let path: String
    /// The pragmas of the store.
    package let settings: String
    /// Results in one transaction.
    package let batch: Int
    /// After how many results the history by host follows.
    package let piece: Int

    package init(path: String, settings: String, batch: Int, piece: Int) {
        self.path = path
        self.settings = settings
        self.batch = batch
        self.piece = piece
    }

    /// Writes all rows; texts are made before the time counts. Throws unless each made one status and one history row.
    package func write(_ rows: [Row]) throws(BaselineError) -> LoopTimes {
        let results = rows.map(Self.result)
        defer {
            for result in results {
                free(UnsafeMutablePointer(mutating: result.output))
                free(UnsafeMutablePointer(mutating: result.performance_data))
            }
        }
        var done = pp_baseline_stored()
        var batches = pp_baseline_batches(rows: Int64(batch), piece: Int64(piece))
        let code = pp_baseline_store(path, settings, results, Int64(results.count), &batches, &done)
        guard code == 0 else { throw BaselineError(what: "write \(path)", reason: text(of: &done.message)) }
        guard done.statuses == rows.count, done.history == rows.count else {
            throw BaselineError(
                what: "write \(path)",
                reason: "\(done.statuses) statuses and \(done.history) rows of history for \(rows.count)")
        }
        return LoopTimes(count: rows.count, elapsed: done.elapsed, cpu: done.cpu)
    }

    private static func result(_ row: Row) -> pp_baseline_result {
        pp_baseline_result(
            host: row.host, plugin: row.plugin, due: row.due, started: row.started, ended: row.ended,
            state: Int32(row.state), output: strdup(row.output), performance_data: strdup(row.performanceData)
        )
    }
}
