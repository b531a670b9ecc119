import CPQ
import Glibc

/// Where a PostgreSQL database is and how to get in.
package struct PostgresAddress: Sendable {
    /// The address as people write it, without a password.
    package let name: String
    private let uri: String
    private let password: String?
    private let application: String

    /// `uri` is a URI of libpq: `postgresql://user@host:port/name?sslmode=verify-full&sslrootcert=…`.
    ///
    /// A password in it is refused: it would be shown in settings and logs. Throws a ``SQLError`` of kind `value` with
    /// the reason when the URI is none.
    package init(uri: String, password: String?, application: String = "ppalette") throws(SQLError) {
        self.uri = uri
        self.password = password
        self.application = application
        let options = try Self.options(uri)
        func value(_ key: String) -> String { options[key] ?? "" }
        guard options["password"] == nil else {
            throw SQLError(
                kind: .value, code: 0,
                message:
                    "it has a password; put that into a file and name the file as database_password_file",
                statement: "read the address of the database")
        }
        let host = value("host").isEmpty ? value("hostaddr") : value("host")
        let port = value("port").isEmpty ? "" : ":" + value("port")
        let user = value("user").isEmpty ? "" : value("user") + "@"
        name = "postgresql://\(user)\(host)\(port)/\(value("dbname"))"
    }

    /// Begins to connect; the caller goes on with PQconnectPoll.
    func start() throws(SQLError) -> OpaquePointer {
        var settings: [(String, String)] = [
            ("dbname", uri), ("application_name", application), ("client_encoding", "UTF8"),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "30000"), ("target_session_attrs", "read-write"),
            // What waits for a lock or a dead client longer than this is better tried again.
            (
                "options",
                "-c lock_timeout=10s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
                    + " -c timezone=UTC -c standard_conforming_strings=on"
            ),
        ]
        if let password { settings.append(("password", password)) }
        let keys = settings.map { strdup($0.0) }
        let values = settings.map { strdup($0.1) }
        defer { for text in keys + values { free(text) } }
        let handle = PQconnectStartParams(
            keys.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 1)
        guard let handle else {
            throw SQLError(kind: .lost, code: 0, message: "out of memory", statement: "connect to \(name)")
        }
        return handle
    }

    private static func options(_ uri: String) throws(SQLError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let list = PQconninfoParse(uri, &message) else {
            defer { PQfreemem(message) }
            throw SQLError(
                kind: .value, code: 0, message: PostgresText.sentence(message),
                statement: "read the address of the database")
        }
        defer { PQconninfoFree(list) }
        var options: [String: String] = [:]
        var next = list
        while let key = next.pointee.keyword {
            if let value = next.pointee.val { options[String(cString: key)] = String(cString: value) }
            next += 1
        }
        return options
    }
}
