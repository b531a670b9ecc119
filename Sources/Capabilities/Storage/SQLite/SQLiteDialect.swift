import Model
import SQL

/// SQLite: one file, one connection that writes.
final class SQLiteDialect: Dialect {
    let connection: Connection
    /// Rows of history that are not in the index by host yet, about; nil before they were counted.
    var unindexedHistory: Int?
    /// How many of them make a piece.
    let indexedPiece: Int
    /// Up to which host the index by host was pruned in the running turn.
    var lastPrunedHost: Int64 = 0

    init(_ connection: Connection, indexedPiece: Int) {
        self.connection = connection
        self.indexedPiece = indexedPiece
    }

    /// BEGIN IMMEDIATE for writers, so that a read never turns into a refused write.
    func begin(_ kind: Database.Transaction) -> String {
        kind == .read || kind == .look ? "BEGIN" : "BEGIN IMMEDIATE"
    }

    func error(_ error: SQLError) -> StoreError { StoreError(error, path: connection.name) }

    let farewell = ["PRAGMA wal_checkpoint(TRUNCATE)"]
    let like = "LIKE"
    let join = "CROSS JOIN"
    let listedNumbers = "SELECT value FROM json_each(?)"
    let bySeverity = "INDEXED BY checks_by_severity"
    /// There is one who writes.
    let lockChecks = ""

    func note(_ change: ScheduleChange, at now: Timestamp, in database: Database) throws(StoreError) {}

    func lastChange(in database: Database) throws(StoreError) -> Int64? { nil }

    func changes(
        after last: Int64, in database: Database
    ) throws(StoreError) -> (change: ScheduleChange, last: Int64) { (ScheduleChange(), last) }

    /// The lock on the state directory lets one engine use the file.
    func lead(as node: String, in database: Database) throws(StoreError) -> Int64? { 0 }

    func version(in database: Database) throws(StoreError) -> Int64? {
        try database.number("PRAGMA data_version")
    }

    /// The view `reach`, written out so that the affected hosts are the outer loop.
    ///
    /// A check's number says where in its interval it runs, so that results that come together lie together; those of
    /// one millisecond are counted on. Later edits of the interval leave it: that costs some speed and nothing else.
    let addReached = """
        INSERT INTO checks (id, host_id, plugin_id)
        SELECT
            row_number() OVER (PARTITION BY phase) + coalesce(
                (SELECT max(id) FROM checks WHERE id >= phase << 20 AND id < phase + 1 << 20), phase << 20),
            host_id, plugin_id
        FROM (
            SELECT host_id, plugin_id, check_phase(host_id, plugin_id, interval) AS phase FROM (
                SELECT affected.host_id, plugin_suites.plugin_id FROM temp.affected
                CROSS JOIN host_suites ON host_suites.host_id = affected.host_id
                CROSS JOIN plugin_suites ON plugin_suites.suite_id = host_suites.suite_id
                UNION
                SELECT affected.host_id, plugin_suites.plugin_id FROM temp.affected
                CROSS JOIN hosts ON hosts.id = affected.host_id
                CROSS JOIN subnets ON subnets.id = hosts.subnet_id
                CROSS JOIN plugin_suites ON plugin_suites.suite_id = subnets.suite_id
            ) AS reached
            CROSS JOIN plugins ON plugins.id = reached.plugin_id
            WHERE NOT EXISTS (
                SELECT 1 FROM checks
                WHERE checks.host_id = reached.host_id AND checks.plugin_id = reached.plugin_id))
        WHERE true
        ON CONFLICT (host_id, plugin_id) DO NOTHING
        RETURNING host_id, plugin_id
        """

    /// Scratch tables of the writing connection; they live in memory and never reach the file.
    static let scratchTables = """
        CREATE TEMP TABLE affected (host_id INTEGER PRIMARY KEY);
        CREATE TEMP TABLE listed (id INTEGER PRIMARY KEY);
        """

    /// Makes known to statements where in its interval, in seconds, a check of host and plugin runs, in milliseconds.
    static func defineFunctions(on connection: Connection) throws(SQLError) {
        try connection.define("check_phase", arguments: 3) { numbers in
            let check = CheckID(host: HostID(numbers[0]), plugin: PluginID(numbers[1]))
            return Phase.milliseconds(of: check, interval: max(1, numbers[2]) * 1000)
        }
    }
}

extension StoreError {
    /// The only place where a failure of SQLite becomes one of the store.
    init(_ error: SQLError, path: String) {
        switch error.kind {
        case .busy:
            self = .unavailable(
                "cannot use \(path): another program holds it locked; end that program or wait for it")
        case .full:
            self = .unavailable("cannot write to \(path): the disk is full; free some space")
        case .damaged:
            self = .unusable(
                "\(path) is damaged (\(error.message)); stop ppalette, keep a copy of the file, and put a backup "
                    + "in its place or save what can be read with: sqlite3 \(path) .dump (operating.md has the steps)"
            )
        case .io, .lost:
            self = .unavailable("cannot read or write \(path): \(error.message); look after the disk")
        case .access:
            self = .unavailable(
                "cannot open \(path): \(error.message); see that the user of ppalette may write there")
        case .constraint, .value:
            self = .refused("\(path) refused a row: \(error.description)")
        case .other:
            self = .unavailable("cannot use \(path): \(error.description)")
        }
    }
}
