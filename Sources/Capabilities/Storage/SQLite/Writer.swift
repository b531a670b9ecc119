import Log
import Model
import Posix
import SQL

/// Owns the one connection that writes, on a thread of its own.
actor Writer {
    private let executor: ThreadExecutor
    private let file: DatabaseFile
    private let log: Log
    private let tell: @Sendable (ScheduleChange) -> Void
    private var database: Database?
    private var reserve: DiskReserve
    private var isClosed = false

    // `unsafe`: an unowned reference; the actor owns the executor.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(
        file: DatabaseFile, executor: ThreadExecutor, tell: @escaping @Sendable (ScheduleChange) -> Void
    ) {
        self.file = file
        self.executor = executor
        self.tell = tell
        log = file.log
        reserve = DiskReserve(database: file.path, log: file.log)
    }

    func open() throws(StoreError) {
        _ = try usable()
        if !reserve.take() { log.warning("the disk is nearly full", ["path": file.path]) }
    }

    /// One transaction on the configuration; what it changes in the schedule is told after the commit.
    func edit<Value: Sendable>(
        _ body: @Sendable (Database, inout ScheduleChange) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do {
            return try editOnce(body)
        } catch {
            // The reserve is for this: an edit or a deletion on a full disk.
            guard database?.lastFailure == .full, reserve.release() else { throw error }
            return try editOnce(body)
        }
    }

    /// One transaction with results; refused while the disk is full, so that they cannot use up the reserve.
    func record(_ results: [CheckResult]) throws(StoreError) -> RecordSummary {
        let database = try usable()
        guard reserve.take() else {
            throw StoreError(
                SQLError(kind: .full, code: 13, message: "", statement: ""), path: file.path)
        }
        let now = Timestamp(microseconds: Clock.wallNanoseconds() / 1000)
        do {
            return try write(database) { () throws(StoreError) in try database.record(results, now: now) }
        } catch {
            if database.lastFailure == .full { _ = reserve.release() }
            throw error
        }
    }

    func close() {
        isClosed = true
        guard let database else { return }
        do throws(StoreError) {
            _ = try database.rows("PRAGMA wal_checkpoint(TRUNCATE)") { _ in }
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
        let value = try write(database) { () throws(StoreError) in try body(database, &change) }
        if !change.isEmpty { tell(change) }
        return value
    }

    private func write<Value>(
        _ database: Database, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do {
            return try database.transaction(.write, body)
        } catch {
            if database.lastFailure == .io {
                // After a failed sync nobody knows what is on the disk: only a new connection reads it back.
                log.error("the database failed; opening it again", ["path": file.path])
                self.database = nil
            }
            throw error
        }
    }

    private func usable() throws(StoreError) -> Database {
        guard !isClosed else { throw .unavailable("\(file.path) is closed") }
        if let database { return database }
        let new = try file.open()
        database = new
        return new
    }
}

/// Owns the connection that reads, on a thread of its own: a read never waits for a batch.
actor Reader {
    private let executor: ThreadExecutor
    private let file: DatabaseFile
    private var database: Database?
    /// How many connections there have been: each counts the commits of others for itself.
    private var connections = 0
    private var isClosed = false

    // `unsafe`: an unowned reference; the actor owns the executor.
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    init(file: DatabaseFile, executor: ThreadExecutor) {
        self.file = file
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
            if database.lastFailure == .io { self.database = nil }
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
            let now = StoreMoment(
                connection: connection, version: try database.number("PRAGMA data_version"))
            if now == moment { return StatusReading(moment: now, page: nil) }
            return StatusReading(moment: now, page: try database.statuses(query))
        }
    }

    func close() {
        isClosed = true
        database = nil
    }

    private func usable() throws(StoreError) -> Database {
        guard !isClosed else { throw .unavailable("\(file.path) is closed") }
        if let database { return database }
        let new = try file.openReader()
        connections += 1
        database = new
        return new
    }
}
