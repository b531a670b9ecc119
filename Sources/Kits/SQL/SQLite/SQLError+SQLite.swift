import CSQLite
import Glibc

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
