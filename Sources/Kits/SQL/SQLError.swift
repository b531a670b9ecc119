import CSQLite
import Glibc

/// A failed SQLite call: what it was, the library's code and words, and the statement.
package struct SQLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a caller can do about it.
    package enum Kind: Equatable, Sendable {
        /// Another connection holds the lock and did not let go in time.
        case busy
        /// No space left for the database.
        case full
        /// The file is not a database or its content is inconsistent.
        case damaged
        case constraint(Constraint)
        /// A value is too big or of the wrong type.
        case value
        /// Reading, writing or syncing the file failed; the connection must not be used any more.
        case io
        /// The file cannot be opened, or not for writing.
        case access
        case other
    }

    package enum Constraint: Equatable, Sendable {
        case unique, foreignKey, other
    }

    package let kind: Kind
    /// SQLite's extended result code.
    package let code: Int32
    /// The library's words, with the system's reason where there is one.
    package let message: String
    /// The statement, or what else was tried.
    package let statement: String

    package init(kind: Kind, code: Int32, message: String, statement: String) {
        self.kind = kind
        self.code = code
        self.message = message
        self.statement = statement
    }

    package var description: String { "\(message) (code \(code), in: \(statement))" }
}

extension SQLError {
    /// The only place where a SQLite code becomes an error.
    init(code: Int32, connection: OpaquePointer?, statement: String) {
        var message =
            connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        let system = connection.map { sqlite3_system_errno($0) } ?? 0
        let kind = Self.kind(of: code, systemCode: system)
        if system != 0, kind == .io || kind == .access || kind == .full {
            message += ": " + String(cString: strerror(system)).lowercased()
        }
        self.init(kind: kind, code: code, message: message, statement: statement)
    }

    private static func kind(of code: Int32, systemCode: Int32) -> Kind {
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .full
        case SQLITE_CORRUPT, SQLITE_NOTADB: .damaged
        case SQLITE_IOERR: systemCode == ENOSPC || systemCode == EDQUOT ? .full : .io
        case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .access
        case SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE: .value
        case SQLITE_CONSTRAINT: .constraint(constraint(of: code))
        default: .other
        }
    }

    private static func constraint(of code: Int32) -> Constraint {
        switch code >> 8 {
        case 6, 8, 10: .unique
        case 3: .foreignKey
        default: .other
        }
    }
}
