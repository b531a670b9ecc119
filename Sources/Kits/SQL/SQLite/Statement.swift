import CSQLite

/// A prepared statement of one ``Connection``, confined to the thread that uses the connection.
///
/// Question marks and columns count from 0. Columns are copied out; they may be read until the next step or reset.
package final class Statement: SQLRow {
    package let sql: String
    let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ sql: String, connection: OpaquePointer) throws(SQLError) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else {
            throw SQLError(code: code, connection: connection, statement: sql)
        }
        self.sql = sql
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// Fills one question mark.
    package func bind(_ index: Int, _ value: SQLValue) throws(SQLError) {
        switch value {
        case .null: try check(sqlite3_bind_null(handle, Int32(index + 1)))
        case .integer(let number): try bind(index, number)
        case .boolean(let isTrue): try bind(index, Int64(isTrue ? 1 : 0))
        case .real(let number): try check(sqlite3_bind_double(handle, Int32(index + 1), number))
        case .text(let text): try bind(index, text)
        }
    }

    package func bind(_ index: Int, _ number: Int64) throws(SQLError) {
        try check(sqlite3_bind_int64(handle, Int32(index + 1), number))
    }

    package func bind(_ index: Int, _ number: Int64?) throws(SQLError) {
        guard let number else { return try check(sqlite3_bind_null(handle, Int32(index + 1))) }
        try bind(index, number)
    }

    package func bind(_ index: Int, _ text: String) throws(SQLError) {
        var text = text
        let code = text.withUTF8 { bytes in
            // An empty string may have no address; SQLite would take that for null.
            guard let start = bytes.baseAddress else {
                return sqlite3_bind_text64(handle, Int32(index + 1), "", 0, transient, UInt8(SQLITE_UTF8))
            }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text64(
                    handle, Int32(index + 1), $0, UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
            }
        }
        try check(code)
    }

    /// Goes to the next row; false when there is none.
    package func step() throws(SQLError) -> Bool {
        let code = sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            throw SQLError(code: sqlite3_extended_errcode(connection), connection: connection, statement: sql)
        }
    }

    /// Runs a statement that returns no rows, and makes it ready for the next values.
    package func run() throws(SQLError) {
        defer { reset() }
        _ = try step()
    }

    /// Makes it ready to run again; values stay bound until replaced.
    package func reset() {
        // The code repeats the failure of the last step, which has been thrown already.
        sqlite3_reset(handle)
    }

    package func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
    }

    package func int64(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

    package func double(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

    /// The text, with invalid UTF-8 replaced; empty for null.
    package func text(_ column: Int) -> String {
        guard let start = sqlite3_column_text(handle, Int32(column)) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func check(_ code: Int32) throws(SQLError) {
        guard code != SQLITE_OK else { return }
        throw SQLError(code: code, connection: connection, statement: sql)
    }
}

/// Tells SQLite to copy what is bound. The C macro is a cast, which Swift does not import.
nonisolated(unsafe) private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
