import Log
import Model
import SQL
import Storage
import Synchronization
import TestSupport
import Testing

import class Foundation.FileManager
import func Foundation.NSTemporaryDirectory
import struct Foundation.UUID

/// A store under test with what it told of the schedule.
struct Bench {
    let store: any Store
    let changes: Changes
}

/// Collects what a store tells.
final class Changes: Sendable {
    private let told = Mutex<[ScheduleChange]>([])

    func add(_ change: ScheduleChange) { told.withLock { $0.append(change) } }

    /// All since the last call.
    func take() -> [ScheduleChange] {
        told.withLock { changes in
            defer { changes = [] }
            return changes
        }
    }
}

let quiet = Log(part: "test", sink: { _ in })

/// Makes a folder for one test, passes it in and deletes it.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = NSTemporaryDirectory() + "pp-storage-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// Makes a file as an older version left it, with the rows that `script` adds.
func makeOldDatabase(_ path: String, version: Int, _ script: String) throws {
    let connection = try Connection(path: path, mode: .create)
    try connection.execute(
        "PRAGMA application_id = \(Schema.applicationID); PRAGMA user_version = \(version)")
    for step in Schema.steps.prefix(version) { try connection.execute(step) }
    try connection.execute(script)
}

/// Runs one rule of the contract on a new, empty SQLite store.
func withSQLite(_ body: (Bench) async throws -> Void) async throws {
    try await withFolder { folder in
        let changes = Changes()
        let store = try await SQLStore.open(path: folder + "/test.db", log: quiet) { changes.add($0) }
        try await body(Bench(store: store, changes: changes))
        await store.close()
    }
}

/// Runs one rule of the contract on a new, empty database of a PostgreSQL server.
func withPostgreSQL(_ body: (Bench) async throws -> Void) async throws {
    let changes = Changes()
    let source = try await PostgresDatabases.shared.new()
    let store = try await SQLStore.open(source) { changes.add($0) }
    try await body(Bench(store: store, changes: changes))
    await store.close()
}

/// Databases of one server that all tests of this process share.
actor PostgresDatabases {
    static let shared = PostgresDatabases()
    private var server: Task<PostgreSQLServer, any Error>?
    private var count = 0

    func new() async throws -> PostgresServer {
        let server = try await running()
        count += 1
        return try server.source("test_\(count)", isNew: true)
    }

    private func running() async throws -> PostgreSQLServer {
        let starting = server ?? Task { try await PostgreSQLServer(in: Sandbox()) }
        server = starting
        return try await starting.value
    }
}

extension PostgreSQLServer {
    /// A database of this server, made when it `isNew`.
    func source(_ name: String, isNew: Bool = false, patience: Duration = .seconds(30)) throws
        -> PostgresServer
    {
        if isNew { try makeDatabase(name) }
        let address = try PostgresAddress(uri: uri(name), password: password)
        return PostgresServer(address, log: quiet, patience: patience)
    }
}

func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_700_000_000 + seconds) }

func result(
    _ check: CheckID, _ state: CheckState = .ok, due: Int64, text: String = "fine", history: Bool = true
) -> CheckResult {
    CheckResult(
        check: check, due: at(due), started: at(due) + .milliseconds(5), ended: at(due) + .milliseconds(25),
        state: state, cause: .exited, exitCode: state.rawValue,
        output: PluginOutput(text: text, longText: "more", performanceText: "a=1;2;3", errorText: "oops"),
        worker: "w1", keepsHistory: history)
}

extension Store {
    func addHost(_ name: String, _ address: String, suites: [String] = []) async throws -> Host {
        try await add(Host(name: name, address: address, suites: suites))
    }

    func addPlugin(_ name: String, suites: [String] = []) async throws -> Plugin {
        try await add(Plugin(name: name, script: "check_" + name, suites: suites))
    }
}
