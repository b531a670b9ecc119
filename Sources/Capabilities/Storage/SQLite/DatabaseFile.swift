package import Log
import Posix
import SQL

/// Opens the file of a store for writing: makes it, refuses what is not fit for use, carries old data over.
package struct DatabaseFile: DatabaseSource {
    package let name: String
    var path: String { name }
    package let log: Log
    private let steps: [String]
    private let busyTimeout: Duration
    private let indexedPiece: Int

    /// The file at `path`; tests give other `steps` of the schema, and less time to wait for a lock.
    ///
    /// The history by host follows in pieces of `indexedPiece` rows.
    package init(
        path: String, log: Log, steps: [String] = Schema.steps, busyTimeout: Duration = .seconds(5),
        indexedPiece: Int = Self.indexedPiece
    ) {
        name = path
        self.log = log
        self.steps = steps
        self.busyTimeout = busyTimeout
        self.indexedPiece = indexedPiece
    }

    package var reserve: DiskReserve? { DiskReserve(database: path, log: log) }

    /// A file that is damaged, emptied or not ours is refused and never begun anew.
    package func open() throws(StoreError) -> Database {
        let isLeftOpen = try size(path + "-wal") > 0
        switch try existingSize() {
        case nil: try make(isLeftOpen: isLeftOpen)
        case let size? where size < Self.smallest:
            throw .unusable(
                "\(path) was cut to \(size) bytes, so its data is lost; put a backup in its place, or delete it "
                    + "to begin anew")
        default: break
        }
        let database = try connect(path, .readWrite)
        do {
            try check(database, isLeftOpen: isLeftOpen)
        } catch {
            // What is refused stays as it is, for those who save what can be read.
            (database.session as? Connection)?.keepLogAtClose()
            throw error
        }
        try configure(database)
        try migrate(database)
        for setting in Self.laterSettings { try database.execute(setting) }
        return database
    }

    /// A second connection that can only read.
    package func openReader() throws(StoreError) -> Database {
        let database = try connect(path, .readOnly)
        try database.execute("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000")
        return database
    }

    /// Makes the tables under another name first, so that a file of this name is always complete.
    private func make(isLeftOpen: Bool) throws(StoreError) {
        guard !isLeftOpen else {
            throw .unusable(
                "\(path) is missing but its journal \(path)-wal is there; put the database back, or delete the "
                    + "journal to begin anew")
        }
        let draft = path + ".new"
        try posix { () throws(PosixError) in
            for file in [draft, draft + "-journal", path + "-wal"] { try DurableFile.remove(file) }
            try DurableFile.allocate(draft, bytes: 0)
        }
        do {
            let database = try connect(draft, .readWrite)
            try database.execute("PRAGMA page_size = 4096; PRAGMA application_id = \(Schema.applicationID)")
            try migrate(database)
        }
        try posix { () throws(PosixError) in try DurableFile.rename(draft, to: path) }
        log.info("made a new database", ["path": path])
    }

    private func check(_ database: Database, isLeftOpen: Bool) throws(StoreError) {
        guard try database.number("PRAGMA application_id") == Schema.applicationID else {
            throw .unusable(
                "\(path) is a database, but not of ppalette; move it away or set another state_dir")
        }
        let version = Int(try database.number("PRAGMA user_version"))
        guard version <= steps.count else {
            throw .unusable(
                "\(path) was written by a newer ppalette (schema \(version), this one knows \(steps.count)); "
                    + "install that version again or put back a backup from before")
        }
        guard isLeftOpen, try size(path) <= Self.checkedBytes else { return }
        log.info("the database was not closed; checking it", ["path": path])
        let finding = try database.first("PRAGMA quick_check(1)") { $0.text(0) } ?? "ok"
        guard finding == "ok" else {
            let error = SQLError(kind: .damaged, code: 11, message: finding, statement: "PRAGMA quick_check")
            throw StoreError(error, path: path)
        }
    }

    private func configure(_ database: Database) throws(StoreError) {
        for setting in Self.settings { try database.execute(setting) }
    }

    private func migrate(_ database: Database) throws(StoreError) {
        let version = Int(try database.number("PRAGMA user_version"))
        for number in version..<max(version, steps.count) {
            try database.transaction(.edit) { () throws(StoreError) in
                try database.execute(steps[number])
                try database.execute("PRAGMA user_version = \(number + 1)")
                guard try database.first("PRAGMA foreign_key_check", [], { $0.text(0) }) == nil else {
                    throw .unusable(
                        "\(path) cannot be carried over to schema \(number + 1): it is inconsistent")
                }
            }
            if version > 0 { log.info("carried the database over", ["schema": String(number + 1)]) }
        }
    }

    private func connect(_ path: String, _ mode: Connection.Mode) throws(StoreError) -> Database {
        do throws(SQLError) {
            let connection = try Connection(path: path, mode: mode, busyTimeout: busyTimeout)
            try SQLiteDialect.defineFunctions(on: connection)
            return Database(connection, SQLiteDialect(connection, indexedPiece: indexedPiece))
        } catch {
            throw StoreError(error, path: path)
        }
    }

    private func existingSize() throws(StoreError) -> Int64? {
        try posix { () throws(PosixError) in try DurableFile.size(of: path) }
    }

    private func size(_ path: String) throws(StoreError) -> Int64 {
        try posix { () throws(PosixError) in try DurableFile.size(of: path) } ?? 0
    }

    private func posix<Value>(_ body: () throws(PosixError) -> Value) throws(StoreError) -> Value {
        do throws(PosixError) {
            return try body()
        } catch {
            throw .unavailable("\(error); see that the user of ppalette may write there")
        }
    }

    /// The write-ahead log is synced at every commit (FULL): what was committed survives a power cut.
    ///
    /// Results of 100,000 checks come in no order, so each batch touches a thousand pages: small pages, and a log of
    /// 32 MB that gathers several batches before pages go to the file, doubled the rate against the defaults. A cache of
    /// 8 MB: SQLite walks through all of it at each commit after a page of an index was split, and what is not in it
    /// is in the kernel's.
    package static let settings = [
        "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA temp_store = MEMORY",
        "PRAGMA cache_size = -8000", "PRAGMA wal_autocheckpoint = 8000",
        "PRAGMA journal_size_limit = 67108864",
    ]

    /// After migrations, which may rebuild tables that others refer to.
    private static let laterSettings = ["PRAGMA foreign_keys = ON", SQLiteDialect.scratchTables]

    /// So many rows of history are read one by one in some 20 ms, and are some rows a page in the index by host.
    package static let indexedPiece = 50_000

    /// SQLite takes a shorter file for a new one.
    private static let smallest: Int64 = 512

    /// A quick check reads the whole file: up to this size it takes about a second.
    private static let checkedBytes: Int64 = 512 << 20
}
