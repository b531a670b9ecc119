import Model
import SQL

/// A SQLite connection whose failures are ``StoreError``s; confined to the thread of its owner.
final class Database {
    let connection: Connection
    /// What went wrong last, for the owner to react to after a transaction has failed.
    private(set) var lastFailure: SQLError.Kind?
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

    /// Runs a statement that returns no rows.
    func run(_ sql: String, _ values: any SQLBindable...) throws(StoreError) {
        do throws(SQLError) {
            try connection.run(sql, values.map(\.sqlValue))
        } catch {
            throw failed(error)
        }
    }

    /// Runs an INSERT and returns the new row's number.
    func insert(_ sql: String, _ values: any SQLBindable...) throws(StoreError) -> Int64 {
        do throws(SQLError) {
            try connection.run(sql, values.map(\.sqlValue))
            return connection.lastInsertedRow
        } catch {
            throw failed(error)
        }
    }

    /// Makes a value of each row.
    func rows<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (Statement) -> Value
    ) throws(StoreError) -> [Value] {
        do throws(SQLError) {
            return try connection.rows(sql, values, read)
        } catch {
            throw failed(error)
        }
    }

    /// Makes a value of the first row; nil when there is none.
    func first<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (Statement) -> Value
    ) throws(StoreError) -> Value? {
        do throws(SQLError) {
            return try connection.first(sql, values, read)
        } catch {
            throw failed(error)
        }
    }

    /// The number in the first column of the first row, zero when there is none.
    func number(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) -> Int64 {
        try first(sql, values) { $0.int64(0) } ?? 0
    }

    /// Runs `body` whole or not at all: BEGIN IMMEDIATE for writers, so that a read never turns into a refused write.
    func transaction<Value>(
        _ kind: Transaction, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        lastFailure = nil
        try run(kind.rawValue)
        do {
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    enum Transaction: String {
        case read = "BEGIN"
        case write = "BEGIN IMMEDIATE"
    }

    /// Notes the failure and words it.
    func failed(_ error: SQLError) -> StoreError {
        lastFailure = error.kind
        return StoreError(error, path: connection.path)
    }

    private func rollBack() {
        guard connection.isInTransaction else { return }
        do throws(SQLError) {
            try connection.run("ROLLBACK")
        } catch {
            // The transaction is left for the connection's end, which undoes it.
            lastFailure = .io
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
        case .io:
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

extension Identifier: SQLBindable {
    var sqlValue: SQLValue { .integer(value) }
}

extension Timestamp: SQLBindable {
    var sqlValue: SQLValue { .integer(microseconds) }
}
