/// One connection to a SQL database, whatever its kind, confined to one thread at a time.
///
/// Statements have question marks for values (`?`, or `?1` for one that is used again); values never become text of
/// a statement.
package protocol SQLSession: AnyObject {
    /// The file, or the server with the database, for sentences; without a password.
    var name: String { get }

    /// Runs any number of statements without values; rows are dropped.
    func execute(_ script: String) throws(SQLError)

    /// Runs one statement that returns no rows.
    func run(_ sql: String, _ values: [SQLValue]) throws(SQLError)

    /// Runs a query and makes a value of each row.
    func rows<Value>(
        _ sql: String, _ values: [SQLValue], _ read: (any SQLRow) -> Value
    ) throws(SQLError) -> [Value]

    /// Runs a query and makes a value of its first row; nil when there is none.
    func first<Value>(
        _ sql: String, _ values: [SQLValue], _ read: (any SQLRow) -> Value
    ) throws(SQLError) -> Value?

    /// Rows that the last INSERT, UPDATE or DELETE changed.
    var changes: Int { get }

    /// Whether a transaction is open; some errors end it by themselves.
    var isInTransaction: Bool { get }
}

/// A row of an answer; columns count from 0 and may be read until the next row.
package protocol SQLRow {
    func isNull(_ column: Int) -> Bool
    /// The number; 0 for null, 1 and 0 for true and false.
    func int64(_ column: Int) -> Int64
    /// The number; 0 for null.
    func double(_ column: Int) -> Double
    /// The text, with invalid UTF-8 replaced; empty for null.
    func text(_ column: Int) -> String
}

extension SQLRow {
    package func int(_ column: Int) -> Int { Int(int64(column)) }

    package func bool(_ column: Int) -> Bool { int64(column) != 0 }

    package func optionalInt64(_ column: Int) -> Int64? { isNull(column) ? nil : int64(column) }

    package func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
}
