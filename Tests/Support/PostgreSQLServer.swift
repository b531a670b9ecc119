import Foundation
import Glibc

/// A real PostgreSQL server on loopback, in a folder of its own; it ends with the process of the tests.
package final class PostgreSQLServer: @unchecked Sendable {
    // `@unchecked`: one test or one actor uses it at a time.
    package let port: Int
    package let password = "a pass'word \\ of tests"
    private let sandbox: Sandbox
    private let folder: String
    private var process: RunningProgram?

    /// Debian's folder of the newest installed version.
    private static let programs: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.compactMap(Int.init).max().map { "/usr/lib/postgresql/\($0)/bin" }
    }()

    package static let isAvailable = programs != nil

    /// Makes a cluster and starts it.
    package init(in sandbox: Sandbox) async throws {
        self.sandbox = sandbox
        port = Sandbox.freePort()
        folder = sandbox.path + "/postgresql"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if Self.isRoot { try Self.give(folder) }
        let passwords = try sandbox.write("password", password, mode: 0o644)
        let made = try run(
            "initdb",
            ["-D", folder + "/data", "-U", "ppalette", "-A", "scram-sha-256", "--pwfile", passwords, "-N"])
        guard made.code == 0 else { throw EngineFailure(description: "initdb failed: \(made.errors)") }
        try await start()
    }

    /// Starts the server, again when it was stopped, and waits until it answers.
    package func start() async throws {
        let (program, arguments) = command(
            "postgres",
            [
                "-D", folder + "/data", "-k", "", "-h", "127.0.0.1", "-p", String(port), "-c", "fsync=off",
                "-c",
                "max_connections=200",
            ])
        let process = try sandbox.start(program, arguments, log: "postgresql.log")
        self.process = process
        Leftovers.add(process.pid, sandbox.path)
        let isUp = await eventually {
            (try? Sandbox.run(Self.path("pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]).code)
                == 0
        }
        guard isUp else {
            throw EngineFailure(
                description: "PostgreSQL did not start: \(sandbox.text(of: "postgresql.log"))")
        }
    }

    /// Ends the server as a power cut would.
    package func killHard() async {
        guard let process else { return }
        // The postmaster's children notice and end, which takes a moment; a new one refuses to start before.
        kill(process.pid, SIGQUIT)
        _ = await eventually { !process.isRunning }
    }

    package func signal(_ number: Int32) {
        guard let process else { return }
        kill(process.pid, number)
    }

    package func makeDatabase(_ name: String) throws {
        try query("CREATE DATABASE \(name) TEMPLATE template0", in: "postgres")
    }

    /// Runs statements by psql and returns what it printed, bare.
    @discardableResult
    package func query(_ sql: String, in database: String) throws -> String {
        let result = try Sandbox.run(
            Self.path("psql"), ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, uri(database)],
            environment: ["PGPASSWORD": password])
        guard result.code == 0 else { throw EngineFailure(description: "psql: \(result.errors)") }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    package func uri(_ database: String) -> String { "postgresql://ppalette@127.0.0.1:\(port)/\(database)" }

    private func run(_ name: String, _ arguments: [String]) throws -> (
        code: Int32, output: String, errors: String
    ) {
        let (program, words) = command(name, arguments)
        return try Sandbox.run(program, words)
    }

    /// The server refuses to run as root.
    private func command(_ name: String, _ arguments: [String]) -> (String, [String]) {
        guard Self.isRoot else { return (Self.path(name), arguments) }
        return (
            "/usr/bin/setpriv",
            ["--reuid=postgres", "--regid=postgres", "--init-groups", "--", Self.path(name)] + arguments
        )
    }

    private static func path(_ name: String) -> String { (programs ?? "/usr/bin") + "/" + name }

    private static let isRoot = geteuid() == 0

    private static func give(_ folder: String) throws {
        try FileManager.default.setAttributes([.ownerAccountName: "postgres"], ofItemAtPath: folder)
    }
}

/// Servers that end with our process, and their folders: what a static holds is never let go.
private enum Leftovers {
    private nonisolated(unsafe) static var all: [(pid: Int32, folder: String)] = []

    static func add(_ pid: Int32, _ folder: String) {
        if all.isEmpty { atexit { Leftovers.tidyUp() } }
        all.append((pid, folder))
    }

    private static func tidyUp() {
        for (pid, folder) in all {
            kill(pid, SIGQUIT)
            var ending: Int32 = 0
            waitpid(pid, &ending, 0)
            try? FileManager.default.removeItem(atPath: folder)  // A left-over folder in /tmp harms nobody.
        }
    }
}
