import Foundation
import Glibc

/// Heads (scheduler, recorder, API) and workers in processes of their own, over a real RabbitMQ and PostgreSQL.
package final class Cluster: @unchecked Sendable {
    // `@unchecked`: one test uses it, from one task at a time.
    package let database: PostgreSQLServer
    package let broker: BrokerServer
    package let heads: [EngineUnderTest]
    /// The folder that the plugins of all workers come from.
    package let plugins: String
    private let name: String
    private let passwords: Sandbox
    private var workers: [(name: String, sandbox: Sandbox, process: RunningProgram)] = []

    package var head: EngineUnderTest { heads[0] }

    /// `address` is one of this machine where the broker listens beside loopback; `extra` goes to the configuration of the
    /// heads.
    package init(_ name: String, heads: Int = 1, address: String? = nil, extra: String = "") async throws {
        self.name = name
        database = try await PostgreSQLServer(in: Sandbox())
        try database.makeDatabase(name)
        broker = try await BrokerServer(in: Sandbox(), address: address)
        passwords = try Sandbox()
        let files = [
            try passwords.write("database", database.password, mode: 0o600),
            try passwords.write("queue", broker.password, mode: 0o600),
        ]
        let lines = """
            roles: [scheduler, recorder, api]
            database: \(database.uri(name))
            database_password_file: \(files[0])
            queue: amqp://\(broker.user)@127.0.0.1:\(broker.port)/
            queue_password_file: \(files[1])
            """
        self.heads = try (0..<heads).map { number in
            let own = "worker: {name: head\(number)}\n" + (number == 0 ? extra : "")
            return try EngineUnderTest(in: Sandbox(), extra: lines + "\n" + own)
        }
        plugins = self.heads[0].plugins
    }

    /// Starts a worker, which knows the broker and nothing else, and returns its process when it is at work.
    ///
    /// `wrapper` is a program with arguments that ends in becoming what follows it; it reaches the broker at `address`.
    @discardableResult
    package func startWorker(
        _ name: String, zones: String = "main", references: String = "", through wrapper: [String] = [],
        address: String = "127.0.0.1", user: String? = nil
    ) async throws -> RunningProgram {
        let sandbox = try folder(ofWorker: name) ?? Sandbox()
        try FileManager.default.createDirectory(
            atPath: sandbox.path + "/plugins", withIntermediateDirectories: true)
        let file = try sandbox.write(
            "worker.yaml",
            """
            state_dir: \(sandbox.path)/state
            roles: [worker]
            queue: amqp://\(user ?? broker.user)@\(address):\(broker.port)/
            queue_password_file: \(passwords.path)/\(user ?? "queue")
            plugin_paths: [/usr/lib/nagios/plugins, \(plugins), \(sandbox.path)/plugins]
            worker: {name: \(name), heartbeat: 1, zones: [\(zones)], reference_targets: [\(references)]}
            """)
        let command = wrapper + [Sandbox.binaries + "/ppalette", "run", "--config", file]
        let process = try sandbox.start(command[0], Array(command.dropFirst()), log: "worker.log")
        guard await eventually({ sandbox.text(of: "worker.log").contains("at work as worker") }) else {
            throw EngineFailure(description: "no worker: \(sandbox.text(of: "worker.log"))")
        }
        workers.removeAll { $0.name == name }
        workers.append((name, sandbox, process))
        return process
    }

    /// Makes a user of the broker who may take the jobs of one zone and give results, and nothing else.
    package func addUser(_ user: String, ofZone zone: String) throws {
        try passwords.write(user, "secret", mode: 0o600)
        try broker.control(["add_user", user, "secret"])
        let own = "ppalette\\.(results|zone\\.\(zone)\\.)"
        try broker.control(["set_permissions", user, "^\(own)", "^(\(own)|amq\\.default$)", "^\(own)"])
    }

    package func folder(ofWorker name: String) -> Sandbox? { workers.first { $0.name == name }?.sandbox }

    package func process(ofWorker name: String) -> RunningProgram? {
        workers.first { $0.name == name }?.process
    }

    /// A part of the health, in words: "state: detail".
    package func health(_ name: String) -> String? {
        let parts = (try? head.get("/health").json["parts"]?.asArray) ?? []
        let part = parts.first { $0["name"]?.asString == name }
        return part.map { "\($0["state"]?.asString ?? ""): \($0["detail"]?.asString ?? "")" }
    }

    /// Rows of a query on the database, in columns.
    package func query(_ sql: String) throws -> [[String]] {
        try database.query(sql, in: name).split(separator: "\n").map {
            $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
    }

    package func logs() -> String {
        workers.map { $0.sandbox.text(of: "worker.log") }.joined(separator: "\n")
    }
}
