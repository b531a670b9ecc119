package import Log
import Posix
package import SQL
import Synchronization

/// A PostgreSQL database: makes its tables, carries older ones over, and is left alone for a moment when it failed.
package final class PostgresServer: DatabaseSource {
    package let log: Log
    package let reserve: DiskReserve? = nil
    private let address: PostgresAddress
    private let steps: [String]
    private let patience: Duration
    private let lastFailure = Mutex<(error: StoreError, until: Int64)?>(nil)

    package var name: String { address.name }

    /// The database at `address`; waits for the server last at most `patience` each. Tests give other `steps`.
    package init(
        _ address: PostgresAddress, log: Log, patience: Duration = .seconds(30),
        steps: [String] = PostgresSchema.steps
    ) {
        self.address = address
        self.log = log
        self.patience = patience
        self.steps = steps
    }

    package func open() throws(StoreError) -> Database {
        let database = try connect()
        try migrate(database)
        try database.execute(PostgresDialect.scratchTables)
        return database
    }

    package func openReader() throws(StoreError) -> Database { try connect() }

    /// A server that did not answer is not asked again at once: everybody would wait for it in turn.
    private func connect() throws(StoreError) -> Database {
        let known = lastFailure.withLock { $0 }
        if let known, known.until > Clock.monotonicNanoseconds() { throw known.error }
        let began = Clock.monotonicNanoseconds()
        do throws(SQLError) {
            let connection = try PostgresConnection(address, patience: patience)
            lastFailure.withLock { $0 = nil }
            return Database(connection, PostgresDialect(connection))
        } catch {
            let failure = StoreError(error, server: name)
            let now = Clock.monotonicNanoseconds()
            let pause = max(500_000_000, min(10_000_000_000, now - began))
            lastFailure.withLock { $0 = (failure, now + pause) }
            throw failure
        }
    }

    private func migrate(_ database: Database) throws(StoreError) {
        try database.transaction(.edit) { () throws(StoreError) in
            let version = try self.version(database)
            guard version <= steps.count else {
                throw .unusable(
                    "\(name) was written by a newer ppalette (schema \(version), this one knows \(steps.count)); "
                        + "install that version on this node too")
            }
            for number in version..<steps.count { try database.execute(steps[number]) }
            guard version < steps.count else { return }
            try database.execute(
                """
                CREATE TABLE IF NOT EXISTS ppalette_schema (version integer NOT NULL);
                DELETE FROM ppalette_schema; INSERT INTO ppalette_schema VALUES (\(steps.count))
                """)
            log.info(
                version == 0 ? "made the tables of a new database" : "carried the database over",
                ["database": name, "schema": String(steps.count)])
        }
    }

    /// 0 for a database without tables; one that has other people's is refused.
    private func version(_ database: Database) throws(StoreError) -> Int {
        let isOurs = try database.number("SELECT to_regclass('ppalette_schema') IS NOT NULL") != 0
        if isOurs { return Int(try database.number("SELECT version FROM ppalette_schema")) }
        guard try database.number("SELECT to_regclass('hosts') IS NOT NULL") == 0 else {
            throw .unusable(
                "\(name) has tables that are not of ppalette; give ppalette a database of its own: "
                    + "createdb --owner USER ppalette")
        }
        return 0
    }
}
