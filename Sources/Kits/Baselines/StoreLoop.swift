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
        let results = rows.map(\.copied)
        defer { for result in results { result.release() } }
        var done = pp_baseline_stored()
        var batches = pp_baseline_batches(rows: Int64(batch), piece: Int64(piece))
        let code = pp_baseline_store(path, settings, results, Int64(results.count), &batches, &done)
        guard code == 0 else { throw BaselineError(what: "write \(path)", reason: text(of: &done.message)) }
        return try done.times(of: rows.count, what: "write \(path)")
    }
}

/// The simplest loop in C that writes the same rows into PostgreSQL by COPY, into tables of its own.
package struct CopyLoop: Sendable {
    /// A URI of libpq of a database that our store has made.
    package let address: String
    /// Results in one transaction.
    package let batch: Int

    package init(address: String, batch: Int) {
        self.address = address
        self.batch = batch
    }

    /// Writes all rows; texts are made before the time counts. Throws unless each made one status and one history row.
    package func write(_ rows: [StoreLoop.Row]) throws(BaselineError) -> LoopTimes {
        let results = rows.map(\.copied)
        defer { for result in results { result.release() } }
        var done = pp_baseline_stored()
        let code = pp_baseline_copy(address, results, Int64(results.count), Int64(batch), &done)
        guard code == 0 else { throw BaselineError(what: "copy", reason: text(of: &done.message)) }
        return try done.times(of: rows.count, what: "copy")
    }
}

extension StoreLoop.Row {
    /// The row with its texts as C wants them, to be let go with `release()`.
    fileprivate var copied: pp_baseline_result {
        pp_baseline_result(
            host: host, plugin: plugin, due: due, started: started, ended: ended, state: Int32(state),
            output: strdup(output), performance_data: strdup(performanceData))
    }
}

extension pp_baseline_result {
    fileprivate func release() {
        free(UnsafeMutablePointer(mutating: output))
        free(UnsafeMutablePointer(mutating: performance_data))
    }
}

extension pp_baseline_stored {
    fileprivate func times(of count: Int, what: String) throws(BaselineError) -> LoopTimes {
        guard statuses == count, history == count else {
            throw BaselineError(
                what: what, reason: "\(statuses) statuses and \(history) rows of history for \(count)")
        }
        return LoopTimes(count: count, elapsed: elapsed, cpu: cpu)
    }
}
