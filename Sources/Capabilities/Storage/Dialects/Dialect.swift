import Model
import SQL

/// What one kind of SQL database does its own way; the queries are shared.
///
/// Confined to the thread of the ``Database`` that it belongs to, which it is given at each call.
protocol Dialect: AnyObject {
    /// The script that begins a transaction of this kind.
    func begin(_ kind: Database.Transaction) -> String
    /// The words for a failure.
    func error(_ error: SQLError) -> StoreError

    /// Queries that tidy up before the writing connection is closed.
    var farewell: [String] { get }

    // Pieces of statements.

    /// LIKE that ignores letter case.
    var like: String { get }
    /// Joins tables in the order in which they are named, where the planner would not see that it should.
    var join: String { get }
    /// A query for the numbers in a JSON array that is the value of the next question mark.
    var listedNumbers: String { get }
    /// Stands behind the table `checks` where the index by severity must be used.
    var bySeverity: String { get }
    /// Adds the checks that `reach` has for the hosts in `affected`, and returns host and plugin of each.
    var addReached: String { get }

    /// Ends a query for rows of `checks` that nobody else may change or ask for until the transaction ends.
    var lockChecks: String { get }

    // What is written often or much.

    /// Stores a batch inside the running transaction.
    func record(_ results: [CheckResult], now: Timestamp, in database: Database) throws(StoreError)
        -> RecordSummary
    /// Deletes old history first, then that of deleted hosts; returns how many rows went.
    func pruneHistory(before limit: Timestamp, atMost count: Int, in database: Database) throws(StoreError)
        -> Int
    /// Up to which due time the history of one host is found by `host_history`; nil when an index does it.
    func historyMark(in database: Database) throws(StoreError) -> Int64?
    /// Keeps what an edit changed for the other nodes, inside its transaction; nothing where there are none.
    func note(_ change: ScheduleChange, at now: Timestamp, in database: Database) throws(StoreError)
    /// The number of the last change that was noted; nil where there are no other nodes.
    func lastChange(in database: Database) throws(StoreError) -> Int64?
    /// What was noted after that, by whomever, with the number of the last.
    func changes(after last: Int64, in database: Database) throws(StoreError)
        -> (change: ScheduleChange, last: Int64)
    /// Lets this node drive the schedule; nil when another does, else a number that grows with each change of the lead.
    /// Asked only where there are other nodes.
    func lead(as node: String, in database: Database) throws(StoreError) -> Int64?
    /// What counts the commits of others; nil when nothing does.
    func version(in database: Database) throws(StoreError) -> Int64?
}
