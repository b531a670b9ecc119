import CSQLite

/// One open SQLite database file with its prepared statements, confined to one thread at a time.
///
/// Not Sendable: the library's own locks are off (NOMUTEX), its owner serialises all calls.
package final class Connection: SQLSession {
    package enum Mode: Sendable {
        /// The file must exist.
        case readOnly
        /// The file must exist.
        case readWrite
        /// The file is made when missing.
        case create
    }

    package let name: String
    let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// Opens `path`; statements wait at most `busyTimeout` for a lock that another connection holds.
    package init(path: String, mode: Mode, busyTimeout: Duration = .seconds(5)) throws(SQLError) {
        _ = Self.isPrepared
        var handle: OpaquePointer?
        let flags = mode.flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let error = SQLError(code: code, connection: handle, statement: "open \(path)")
            sqlite3_close_v2(handle)
            throw error
        }
        let (seconds, attoseconds) = busyTimeout.components
        sqlite3_busy_timeout(handle, Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000))
        name = path
        self.handle = handle
    }

    // Version 2 of close waits for statements that somebody still holds.
    deinit { sqlite3_close_v2(handle) }

    /// Leaves the write-ahead log as it is at the end, in place of carrying it into the file.
    package func keepLogAtClose() {
        // It fails for a closed connection only.
        _ = pp_sqlite_keep_log(handle)
    }

    /// Runs any number of statements without values; rows are dropped.
    package func execute(_ script: String) throws(SQLError) {
        let code = sqlite3_exec(handle, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLError(code: code, connection: handle, statement: script) }
    }

    /// The prepared statement for `sql`, made at its first use, kept and reset; one text must not be nested in itself.
    package func statement(_ sql: String) throws(SQLError) -> Statement {
        if let known = statements[sql] {
            known.reset()
            return known
        }
        if statements.count >= Self.statementLimit { statements = [:] }
        let new = try Statement(sql, connection: handle)
        statements[sql] = new
        return new
    }

    /// Runs one statement that returns no rows; `values` fill its question marks.
    package func run(_ sql: String, _ values: [SQLValue] = []) throws(SQLError) {
        let statement = try filled(sql, values)
        try statement.run()
    }

    /// Runs a query and makes a value of each row.
    package func rows<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (any SQLRow) -> Value
    ) throws(SQLError) -> [Value] {
        let statement = try filled(sql, values)
        defer { statement.reset() }
        var rows: [Value] = []
        while try statement.step() { rows.append(read(statement)) }
        return rows
    }

    /// Runs a query and makes a value of its first row; nil when there is none.
    package func first<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (any SQLRow) -> Value
    ) throws(SQLError) -> Value? {
        let statement = try filled(sql, values)
        defer { statement.reset() }
        return try statement.step() ? read(statement) : nil
    }

    /// Rows that the last INSERT, UPDATE or DELETE changed.
    package var changes: Int { Int(sqlite3_changes64(handle)) }

    /// Whether a transaction is open; some errors end it by themselves.
    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    private func filled(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> Statement {
        let statement = try statement(sql)
        for (index, value) in values.enumerated() { try statement.bind(index, value) }
        return statement
    }

    /// Refused when somebody else in the program has used the library before, which costs some speed and nothing else.
    private static let isPrepared = pp_sqlite_count_no_memory() == SQLITE_OK

    /// Texts made from filters are few; the bound only guards against a mistake.
    private static let statementLimit = 500
}

extension Connection.Mode {
    fileprivate var flags: Int32 {
        switch self {
        case .readOnly: SQLITE_OPEN_READONLY
        case .readWrite: SQLITE_OPEN_READWRITE
        case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        }
    }
}
