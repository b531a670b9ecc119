package import Log
import Model
import Posix
package import SQL

/// Moves all that a SQLite file holds into an empty PostgreSQL database, whole or not at all.
package struct StoreMove {
    /// Rows of one table that are there so far, for people.
    package struct Progress: Sendable {
        package let table: String
        package let moved: Int
        package let total: Int
    }

    private static let rowsAtOnce = 5000

    private let path: String
    private let address: PostgresAddress
    private let log: Log

    /// `path` must not be in use by an engine: what it writes meanwhile would be left behind.
    package init(from path: String, to address: PostgresAddress, log: Log) {
        self.path = path
        self.address = address
        self.log = log
    }

    /// Moves the rows and compares the counts; returns how many rows each table has. `report` is called every few
    /// thousand rows.
    package func run(_ report: (Progress) -> Void) throws(StoreError) -> [Progress] {
        // Opened as the engine does: an older file is carried over first.
        let source = try DatabaseFile(path: path, log: log).open()
        let target = try PostgresServer(address, log: log).open()
        guard let connection = target.session as? PostgresConnection,
            let dialect = target.dialect as? PostgresDialect
        else { preconditionFailure("a PostgresServer opens PostgreSQL") }
        return try source.transaction(.read) { () throws(StoreError) in
            try target.transaction(.edit) { () throws(StoreError) in
                try requireEmpty(target)
                var moved: [Progress] = []
                for table in MovedTable.all {
                    moved.append(try move(table, source, target, connection, dialect, report))
                }
                return moved
            }
        }
    }

    private func requireEmpty(_ target: Database) throws(StoreError) {
        for table in ["suites", "hosts", "plugins", "subnets", "history"] {
            guard try target.number("SELECT EXISTS (SELECT 1 FROM \(table))") == 0 else {
                throw .conflict(
                    "\(address.name) is not empty (table \(table)); give a new database: createdb --owner USER NAME"
                )
            }
        }
    }

    private func move(
        _ table: MovedTable, _ source: Database, _ target: Database, _ connection: PostgresConnection,
        _ dialect: PostgresDialect, _ report: (Progress) -> Void
    ) throws(StoreError) -> Progress {
        let total = Int(try source.number("SELECT count(*) FROM \(table.name)"))
        var moved = 0
        var last: [SQLValue] = []
        while true {
            let rows = try source.rows(
                table.select(isFirst: last.isEmpty), last + [Self.rowsAtOnce.sqlValue]
            ) { row in table.columns.indices.map { Self.value(row, $0, table.columns[$0].kind) } }
            guard let end = rows.last else { break }
            last = Array(end.prefix(table.keyCount))
            do throws(SQLError) {
                if table.name == "history" { try preparePartitions(rows, dialect) }
                _ = try connection.rows(table.insert, parameters: Self.columns(rows, table)) { _ in }
            } catch {
                throw target.failed(error)
            }
            moved += rows.count
            report(Progress(table: table.name, moved: moved, total: total))
        }
        if table.isNumbered, moved > 0 {
            try target.execute(
                "SELECT setval(pg_get_serial_sequence('\(table.name)', 'id'), (SELECT max(id) FROM \(table.name)))"
            )
        }
        let arrived = Int(try target.number("SELECT count(*) FROM \(table.name)"))
        guard arrived == total else {
            throw .unusable(
                "\(arrived) of \(total) rows of \(table.name) arrived in \(address.name); nothing was kept there, "
                    + "and \(path) is as it was")
        }
        return Progress(table: table.name, moved: arrived, total: total)
    }

    private func preparePartitions(_ rows: [[SQLValue]], _ dialect: PostgresDialect) throws(SQLError) {
        var days: Set<Int64> = []
        for row in rows {
            if case .integer(let due)? = row.first { days.insert(Timestamp(microseconds: due).day) }
        }
        let now = Timestamp(microseconds: Clock.wallNanoseconds() / 1000)
        try dialect.preparePartitions(for: days, now: now)
    }

    private static func value(_ row: any SQLRow, _ column: Int, _ kind: MovedTable.Kind) -> SQLValue {
        if row.isNull(column) { return .null }
        switch kind {
        case .integer, .boolean: return .integer(row.int64(column))
        case .real: return .real(row.double(column))
        case .text: return .text(row.text(column))
        }
    }

    private static func columns(_ rows: [[SQLValue]], _ table: MovedTable) -> [PostgresParameter] {
        table.columns.indices.map { index in
            switch table.columns[index].kind {
            case .integer, .boolean:
                .integers(
                    rows.map { row in
                        guard case .integer(let number) = row[index] else { return nil }
                        return number
                    })
            case .real, .text:
                .texts(
                    rows.map { row in
                        switch row[index] {
                        case .text(let text): text
                        case .real(let number): String(number)
                        default: nil
                        }
                    })
            }
        }
    }
}
