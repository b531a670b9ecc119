import CPQ
import Glibc

/// One connection to a PostgreSQL server, confined to one thread at a time.
///
/// Every wait for the server has a deadline: a server that is frozen or cut off costs that long and the connection, never
/// the thread.
package final class PostgresConnection: SQLSession {
    package let name: String
    let handle: OpaquePointer
    private let patience: Duration
    package private(set) var changes = 0
    /// Set for good when the server was lost: the connection is of no use any more.
    private var isLost = false

    /// Connects as `address` says; every later wait for the server lasts at most `patience`.
    package init(_ address: PostgresAddress, patience: Duration = .seconds(30)) throws(SQLError) {
        name = address.name
        self.patience = patience
        handle = try address.start()
        pp_pq_keep_quiet(handle)
        try connect()
        // What is sent is buffered by the library; nothing may block in a send.
        guard PQsetnonblocking(handle, 1) == 0 else { throw failure("connect to \(name)") }
    }

    deinit { PQfinish(handle) }

    package var isInTransaction: Bool { PQtransactionStatus(handle) != PQTRANS_IDLE }

    package func execute(_ script: String) throws(SQLError) {
        try send(script, PQsendQuery(handle, script))
        _ = try answer(to: script)
    }

    package func run(_ sql: String, _ values: [SQLValue] = []) throws(SQLError) {
        _ = try ask(sql, values)
    }

    package func rows<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (any SQLRow) -> Value
    ) throws(SQLError) -> [Value] {
        let table = try ask(sql, values)
        return (0..<table.count).map { read(table.row($0)) }
    }

    package func first<Value>(
        _ sql: String, _ values: [SQLValue] = [], _ read: (any SQLRow) -> Value
    ) throws(SQLError) -> Value? {
        let table = try ask(sql, values)
        return table.count == 0 ? nil : read(table.row(0))
    }

    /// Runs a query whose parameters are `$1` and so on, and makes a value of each row.
    package func rows<Value>(
        _ sql: String, parameters: [PostgresParameter], _ read: (any SQLRow) -> Value
    ) throws(SQLError) -> [Value] {
        let table = try ask(sql, parameters)
        return (0..<table.count).map { read(table.row($0)) }
    }

    private func ask(_ sql: String, _ parameters: [PostgresParameter]) throws(SQLError) -> PostgresTable {
        try PostgresParameter.withAddresses(parameters) { types, values, lengths, formats throws(SQLError) in
            let sent = PQsendQueryParams(
                handle, sql, Int32(parameters.count), types, values, lengths, formats, 0)
            try send(sql, sent)
        }
        return try answer(to: sql)
    }

    private func ask(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> PostgresTable {
        try ask(PostgresText.numbered(sql), values.map(PostgresParameter.init))
    }

    /// Brings what was handed to the library to the server; what it sends meanwhile is taken in.
    private func send(_ statement: String, _ accepted: Int32) throws(SQLError) {
        guard !isLost, accepted == 1 else { throw lost(statement) }
        let end = Deadline(patience)
        while true {
            let left = PQflush(handle)
            if left == 0 { return }
            guard left > 0, end.wait(for: PQsocket(handle), POLLIN | POLLOUT) else { throw lost(statement) }
            guard PQconsumeInput(handle) == 1 else { throw lost(statement) }
        }
    }

    /// Takes every answer to what was sent; the last one counts, and the first failure.
    private func answer(to statement: String) throws(SQLError) -> PostgresTable {
        let end = Deadline(patience)
        var last: PostgresTable?
        var failed: SQLError?
        while true {
            while PQisBusy(handle) == 1 {
                guard end.wait(for: PQsocket(handle), POLLIN), PQconsumeInput(handle) == 1 else {
                    throw lost(statement)
                }
            }
            guard let result = PQgetResult(handle) else { break }
            let table = PostgresTable(result)
            switch table.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                last = table
                changes = table.changes
            default: failed = failed ?? SQLError(table.result, statement: statement)
            }
        }
        if PQstatus(handle) == CONNECTION_BAD { throw failed.map { lost($0) } ?? lost(statement) }
        if let failed { throw failed }
        guard let last else { throw lost(statement) }
        return last
    }

    private func connect() throws(SQLError) {
        let end = Deadline(min(patience, .seconds(10)))
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
            guard state != PGRES_POLLING_FAILED else { throw failure("connect to \(name)") }
            guard end.wait(for: PQsocket(handle), events) else {
                throw SQLError(
                    kind: .lost, code: 0, message: "it did not answer in time",
                    statement: "connect to \(name)")
            }
            state = PQconnectPoll(handle)
        }
    }

    private func failure(_ attempt: String) -> SQLError {
        let message = PostgresText.sentence(PQerrorMessage(handle))
        let isRefused = PQconnectionNeedsPassword(handle) == 1 || message.contains("authentication failed")
        return SQLError(kind: isRefused ? .access : .lost, code: 0, message: message, statement: attempt)
    }

    private func lost(_ statement: String) -> SQLError {
        isLost = true
        let message = PostgresText.sentence(PQerrorMessage(handle))
        return SQLError(
            kind: .lost, code: 0, message: message.isEmpty ? "it did not answer in time" : message,
            statement: statement)
    }

    private func lost(_ error: SQLError) -> SQLError {
        isLost = true
        return SQLError(kind: .lost, code: error.code, message: error.message, statement: error.statement)
    }
}

/// An end of waiting on the monotonic clock.
private struct Deadline {
    private let end: Int64

    init(_ patience: Duration) {
        let (seconds, attoseconds) = patience.components
        end = Self.now() + seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// Whether `events` or an error came in time.
    func wait(for socket: Int32, _ events: Int32) -> Bool {
        guard socket >= 0 else { return false }
        while true {
            let left = end - Self.now()
            guard left > 0 else { return false }
            var watched = pollfd(fd: socket, events: Int16(events), revents: 0)
            let count = poll(&watched, 1, Int32(min(left, 60_000)))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
