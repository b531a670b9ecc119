import Log
import Model
import Posix
import SQL

/// Owns the one connection that writes, on a thread of its own.
actor Writer {
    private let executor: ThreadExecutor
    private let source: any DatabaseSource
    private let log: Log
    private let tell: @Sendable (ScheduleChange) -> Void
    private var database: Database?
    private var reserve: DiskReserve?
    /// Up to which change of all nodes the schedule was told; nil where this node is the only one.
    private var lastTold: Int64?
    private var isClosed = false

    // `unsafe`: an unowned reference; the actor owns the executor.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(
        source: any DatabaseSource, executor: ThreadExecutor,
        tell: @escaping @Sendable (ScheduleChange) -> Void
    ) {
        self.source = source
        self.executor = executor
        self.tell = tell
        log = source.log
        reserve = source.reserve
    }

    func open() throws(StoreError) {
        lastTold = try usable().dialect.lastChange(in: try usable())
        if reserve?.take() == false { log.warning("the disk is nearly full", ["path": source.name]) }
    }

    /// One transaction on the configuration; what it changes in the schedule is told after the commit.
    func edit<Value: Sendable>(
        _ body: @Sendable (Database, inout ScheduleChange) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do {
            return try editOnce(body)
        } catch {
            // The reserve is for this: an edit or a deletion on a full disk.
            guard database?.lastFailure == .full, reserve?.release() ?? false else { throw error }
            return try editOnce(body)
        }
    }

    /// One transaction with results; refused while the disk is full, so that they cannot use up the reserve.
    func record(_ results: [CheckResult]) throws(StoreError) -> RecordSummary {
        let database = try usable()
        guard reserve?.take() ?? true else {
            throw database.dialect.error(SQLError(kind: .full, code: 13, message: "", statement: ""))
        }
        do {
            return try write(database, .record) { () throws(StoreError) in
                try record(results, in: database)
            }
        } catch {
            if database.lastFailure == .full { _ = reserve?.release() }
            throw error
        }
    }

    /// One transaction with what comes of runs for which no vote can come any more.
    func settleVotes(at now: Timestamp) throws(StoreError) -> RecordSummary {
        let database = try usable()
        // Most of the time there is nothing to settle, and nothing to write.
        let isDue = try database.first("SELECT 1 FROM votes WHERE closes <= ? LIMIT 1", [now.sqlValue]) { _ in
            true
        }
        guard isDue != nil else { return RecordSummary() }
        return try write(database, .record) { () throws(StoreError) in
            try store(try database.settleVotes(now: now), in: database)
        }
    }

    private func record(_ results: [CheckResult], in database: Database) throws(StoreError) -> RecordSummary {
        guard results.contains(where: { $0.assignment.observer != nil }) else {
            return try database.dialect.record(results, now: now, in: database)
        }
        let votes = results.filter { $0.assignment.observer != nil }
        let cast = try database.cast(votes, now: now)
        var summary = try store(cast.verdicts, in: database)
        summary.duplicates += cast.late
        summary.orphaned += cast.orphaned
        let others = results.filter { $0.assignment.observer == nil }
        let rest = try database.dialect.record(others, now: now, in: database)
        summary.stored += rest.stored
        summary.duplicates += rest.duplicates
        summary.outdated += rest.outdated
        summary.orphaned += rest.orphaned
        return summary
    }

    private func store(_ verdicts: [CheckResult], in database: Database) throws(StoreError) -> RecordSummary {
        var summary = try database.dialect.record(verdicts, now: now, in: database)
        summary.verdicts = verdicts
        return summary
    }

    func close() {
        isClosed = true
        guard let database else { return }
        do throws(StoreError) {
            for statement in database.dialect.farewell { _ = try database.rows(statement) { _ in } }
        } catch {
            log.warning(
                "could not tidy up the database; it is read back at the next start", ["reason": "\(error)"])
        }
        self.database = nil
    }

    private func editOnce<Value>(
        _ body: (Database, inout ScheduleChange) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let database = try usable()
        var change = ScheduleChange()
        let value = try write(database, .edit) { () throws(StoreError) in
            let value = try body(database, &change)
            try database.dialect.note(change, at: now, in: database)
            return value
        }
        if lastTold == nil {
            if !change.isEmpty { tell(change) }
        } else if !change.isEmpty {
            try? tellChanges()  // It is committed; what is not told now is told with the next.
        }
        return value
    }

    /// Tells what all nodes changed since the last call, in the order of the commits.
    func tellChanges() throws(StoreError) {
        guard let last = lastTold else { return }
        let database = try usable()
        let news = try write(database, .look) { () throws(StoreError) in
            try database.dialect.changes(after: last, in: database)
        }
        lastTold = news.last
        if !news.change.isEmpty { tell(news.change) }
    }

    /// Takes or keeps the lead of the schedule for `node`; see ``Store/lead(as:)``.
    func lead(as node: String) throws(StoreError) -> Int64? {
        // Without other nodes nobody else leads, and nothing needs to be written.
        guard lastTold != nil else { return 0 }
        let database = try usable()
        return try write(database, .edit) { () throws(StoreError) in
            try database.dialect.lead(as: node, in: database)
        }
    }

    private var now: Timestamp { Timestamp(microseconds: Clock.wallNanoseconds() / 1000) }

    private func write<Value>(
        _ database: Database, _ kind: Database.Transaction, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do {
            return try database.transaction(kind, body)
        } catch {
            if database.lastFailure == .io || database.lastFailure == .lost {
                // After a failed sync nobody knows what is on the disk: only a new connection reads it back.
                log.error("the database failed; opening it again", ["path": source.name])
                self.database = nil
            }
            throw error
        }
    }

    private func usable() throws(StoreError) -> Database {
        guard !isClosed else { throw .unavailable("\(source.name) is closed") }
        if let database { return database }
        let new = try source.open()
        database = new
        return new
    }
}

/// Owns the connection that reads, on a thread of its own: a read never waits for a batch.
actor Reader {
    private let executor: ThreadExecutor
    private let source: any DatabaseSource
    private var database: Database?
    /// How many connections there have been: each counts the commits of others for itself.
    private var connections = 0
    private var isClosed = false

    // `unsafe`: an unowned reference; the actor owns the executor.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(source: any DatabaseSource, executor: ThreadExecutor) {
        self.source = source
        self.executor = executor
    }

    /// Runs `body` on one moment of the database.
    func read<Value: Sendable>(
        _ body: @Sendable (Database) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let database = try usable()
        do {
            return try database.transaction(.read) { () throws(StoreError) in try body(database) }
        } catch {
            if database.lastFailure == .io || database.lastFailure == .lost { self.database = nil }
            throw error
        }
    }

    /// A list with the moment that it shows; without the list while nothing was committed since `moment`.
    ///
    /// The version is read inside the transaction, so it is that of the snapshot that the list is read from.
    func statuses(
        _ query: StatusQuery, unlessStill moment: StoreMoment?
    ) throws(StoreError) -> StatusReading {
        _ = try usable()
        let connection = connections
        return try read { database throws(StoreError) in
            let version = try database.dialect.version(in: database)
            let now = version.map { StoreMoment(connection: connection, version: $0) }
            if let now, now == moment { return StatusReading(moment: now, page: nil) }
            return StatusReading(moment: now, page: try database.statuses(query))
        }
    }

    func close() {
        isClosed = true
        database = nil
    }

    private func usable() throws(StoreError) -> Database {
        guard !isClosed else { throw .unavailable("\(source.name) is closed") }
        if let database { return database }
        let new = try source.openReader()
        connections += 1
        database = new
        return new
    }
}
