import Model
import SQL

/// A connection whose failures are ``StoreError``s, with what its kind does its own way; confined to the thread of its
/// owner.
package final class Database {
    let session: any SQLSession
    let dialect: any Dialect
    /// What went wrong last, for the owner to react to after a transaction has failed.
    private(set) var lastFailure: SQLError.Kind?

    init(_ session: any SQLSession, _ dialect: any Dialect) {
        self.session = session
        self.dialect = dialect
    }

    /// Runs a statement that returns no rows.
    func run(_ sql: String, _ values: any SQLBindable...) throws(StoreError) {
        do throws(SQLError) {
            try session.run(sql, values.map(\.sqlValue))
        } catch {
            throw failed(error)
        }
    }

    /// Runs an INSERT of one row and returns its number.
    func insert(_ sql: String, _ values: any SQLBindable...) throws(StoreError) -> Int64 {
        try number(sql + " RETURNING id", values.map(\.sqlValue))
    }

    /// Makes a value of each row.
    func rows<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (any SQLRow) -> Value
    ) throws(StoreError) -> [Value] {
        do throws(SQLError) {
            return try session.rows(sql, values, read)
        } catch {
            throw failed(error)
        }
    }

    /// Makes a value of the first row; nil when there is none.
    func first<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (any SQLRow) -> Value
    ) throws(StoreError) -> Value? {
        do throws(SQLError) {
            return try session.first(sql, values, read)
        } catch {
            throw failed(error)
        }
    }

    /// The number in the first column of the first row, zero when there is none.
    func number(_ sql: String, _ values: [SQLValue] = []) throws(StoreError) -> Int64 {
        try first(sql, values) { $0.int64(0) } ?? 0
    }

    /// Runs any number of statements without values.
    func execute(_ script: String) throws(StoreError) {
        do throws(SQLError) {
            try session.execute(script)
        } catch {
            throw failed(error)
        }
    }

    /// Runs `body` whole or not at all.
    func transaction<Value>(
        _ kind: Transaction, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        lastFailure = nil
        do {
            try execute(dialect.begin(kind))
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            rollBack()
            throw error
        }
    }

    enum Transaction {
        /// Sees one moment of the database.
        case read
        /// The same on the connection that writes.
        case look
        /// Changes configured objects; one at a time, whoever edits.
        case edit
        /// Adds results.
        case record
    }

    /// Notes the failure and words it.
    func failed(_ error: SQLError) -> StoreError {
        lastFailure = error.kind
        return dialect.error(error)
    }

    private func rollBack() {
        guard session.isInTransaction else { return }
        do throws(SQLError) {
            try session.run("ROLLBACK", [])
        } catch {
            // The transaction is left for the connection's end, which undoes it.
            lastFailure = lastFailure == .lost ? .lost : .io
        }
    }
}

extension Identifier: SQLBindable {
    var sqlValue: SQLValue { .integer(value) }
}

extension Timestamp: SQLBindable {
    var sqlValue: SQLValue { .integer(microseconds) }
}
