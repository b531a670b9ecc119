import Model
import SQL

/// PostgreSQL: one server, any number of nodes.
final class PostgresDialect: Dialect {
    let connection: PostgresConnection
    /// Days, since 1970, that have a partition of the history or are known to get none.
    var preparedDays: Set<Int64> = []
    /// Whether this session holds the lock of the leading scheduler.
    var holdsLead = false

    init(_ connection: PostgresConnection) { self.connection = connection }

    func begin(_ kind: Database.Transaction) -> String {
        switch kind {
        case .read, .look: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        // What one node edits, another may edit as well: one after the other.
        case .edit: "BEGIN; SELECT pg_advisory_xact_lock(\(PostgresSchema.editing))"
        // A batch names its rows: the planner must not read the whole table for a thousand of them.
        case .record: "BEGIN; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
        }
    }

    func error(_ error: SQLError) -> StoreError { StoreError(error, server: connection.name) }

    let farewell: [String] = []
    let like = "ILIKE"
    let join = "JOIN"
    let listedNumbers = "SELECT value::bigint FROM json_array_elements_text(?::json)"
    let bySeverity = ""
    let lockChecks = "FOR UPDATE OF checks"

    let addReached = """
        INSERT INTO checks (host_id, plugin_id)
        SELECT host_id, plugin_id FROM reach WHERE host_id IN (SELECT host_id FROM affected)
        ON CONFLICT (host_id, plugin_id) DO NOTHING
        RETURNING host_id, plugin_id
        """

    func historyMark(in database: Database) throws(StoreError) -> Int64? { nil }

    func version(in database: Database) throws(StoreError) -> Int64? { nil }

    /// Scratch tables of a writing connection, which nobody else sees.
    static let scratchTables = """
        CREATE TEMP TABLE affected (host_id bigint PRIMARY KEY);
        CREATE TEMP TABLE listed (id bigint PRIMARY KEY);
        """
}

extension StoreError {
    /// The only place where a failure of PostgreSQL becomes one of the store.
    init(_ error: SQLError, server: String) {
        switch error.kind {
        case .lost:
            self = .unavailable(
                "cannot reach \(server): \(error.message); see that the server runs and can be reached from here"
            )
        case .access:
            self = .unavailable(
                "\(server) refuses us: \(error.message); check user, database, database_password_file and the "
                    + "server's pg_hba.conf")
        case .busy:
            self = .unavailable("\(server) is busy: \(error.message); it is tried again")
        case .full: self = .unavailable("cannot write to \(server): its disk is full; free some space there")
        case .io: self = .unavailable("\(server) cannot read or write: \(error.message); look after its disk")
        case .damaged:
            self = .unusable("\(server) is damaged: \(error.message); stop ppalette and restore a backup")
        case .constraint, .value: self = .refused("\(server) refused a row: \(error.description)")
        case .other: self = .unavailable("cannot use \(server): \(error.description)")
        }
    }
}
