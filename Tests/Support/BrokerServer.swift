import Foundation
import Glibc
import Posix

/// A real RabbitMQ on loopback, in a folder of its own; it goes with its owner, and with the test program at the latest.
package final class BrokerServer: @unchecked Sendable {
    // `@unchecked`: one test uses it at a time; what several share is not changed after the start.
    /// What listens where; ports stay the same over restarts.
    package let port = Sandbox.freePort()
    /// The port for TLS; 0 without.
    package let tlsPort: Int
    package let user = "guest"
    package let password = "guest"
    private let sandbox: Sandbox
    private let distributionPort = Sandbox.freePort()
    private let mapperPort = Sandbox.freePort()
    private var process: RunningProgram?

    private static let folder = "/usr/lib/rabbitmq/bin"
    package static let isAvailable =
        FileManager.default.isExecutableFile(atPath: folder + "/rabbitmq-server")
        && FileManager.default.isExecutableFile(atPath: "/usr/bin/epmd")

    /// Starts it and waits until it takes connections, on loopback and at `address` when there is one; `configuration` makes more lines of rabbitmq.conf out of the sandbox
    /// and the port for TLS.
    package init(
        in sandbox: Sandbox, usesTLS: Bool = false, address: String? = nil,
        configuration: (Int) -> String = { _ in "" }
    ) async throws {
        self.sandbox = sandbox
        tlsPort = usesTLS ? Sandbox.freePort() : 0
        for name in ["log", "data"] {
            try FileManager.default.createDirectory(
                atPath: sandbox.path + "/broker/" + name, withIntermediateDirectories: true)
        }
        try sandbox.write("broker/plugins", "[].")
        let listeners = address.map {
            "listeners.tcp.own = 127.0.0.1:\(port)\nlisteners.tcp.other = \($0):\(port)\n"
        }
        // Its default user may log in from loopback only.
        let users = address == nil ? "" : "loopback_users = none\n"
        try sandbox.write(
            "broker/rabbitmq.conf",
            "vm_memory_high_watermark.relative = 0.4\n" + (listeners ?? "") + users + configuration(tlsPort))
        try startKeeper()
        // Started by us, so that no other node of this machine depends on it and it can be ended.
        _ = try sandbox.start(
            "/bin/sh",
            [
                "-c",
                "echo $$ > \(path("mapper.pid")); exec /usr/bin/epmd -port \(mapperPort) -address 127.0.0.1",
            ], log: "broker/mapper.log")
        try await start()
    }

    deinit { kill() }

    /// Starts it again after ``kill()``, on the same ports and with the same data.
    package func start() async throws {
        process = try sandbox.start(
            Self.folder + "/rabbitmq-server", [], environment: environment, log: "broker/output.log")
        guard await eventually(within: 90, { self.isListening }) else {
            throw EngineFailure(description: "RabbitMQ did not start: \(log.suffix(4000))")
        }
    }

    /// Ends it at once, as a power cut would.
    package func kill() { process?.killNow() }

    /// Stops it where it is, or lets it go on.
    package func freeze(_ isFrozen: Bool) {
        guard let process else { return }
        Glibc.kill(process.pid, isFrozen ? SIGSTOP : SIGCONT)
    }

    /// Runs `rabbitmqctl` against it; throws what it said when it failed.
    @discardableResult
    package func control(_ arguments: [String]) throws -> String {
        let result = try Sandbox.run(
            Self.folder + "/rabbitmqctl", arguments, environment: environment, limit: .seconds(90))
        guard result.code == 0 else {
            throw EngineFailure(
                description: "rabbitmqctl \(arguments) failed: \(result.output) \(result.errors)")
        }
        return result.output
    }

    /// Has it write down which queues there are: one whose broker is killed in the first seconds after its declaration
    /// never has a leader again.
    package func settle() throws { try control(["eval", "[dets:sync(Table) || Table <- dets:all()]."]) }

    package var log: String { sandbox.text(of: "broker/output.log") }

    private func path(_ name: String) -> String { sandbox.path + "/broker/" + name }

    private var isListening: Bool { process?.isRunning == true && Self.canConnect(to: port) }

    private static func canConnect(to port: Int) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private var environment: [String: String] {
        [
            "HOME": sandbox.path + "/broker", "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": "\(mapperPort)", "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "test\(port)@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": "\(port)",
            "RABBITMQ_DIST_PORT": "\(distributionPort)",
            "RABBITMQ_LOG_BASE": path("log"), "RABBITMQ_LOGS": "-",
            "RABBITMQ_MNESIA_BASE": path("data"), "RABBITMQ_MNESIA_DIR": path("data/node"),
            "RABBITMQ_PID_FILE": path("broker.pid"),
            // Its script then becomes the broker and does not wait beside it.
            "NOTIFY_SOCKET": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": path("plugins"),
            "RABBITMQ_CONFIG_FILE": path("rabbitmq"), "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        ]
    }

    /// A broker outlives whoever started its script: this ends it, and its folder, when the test program is no more.
    private func startKeeper() throws {
        let script = """
            while kill -0 \(getpid()) 2>/dev/null && [ -d \(sandbox.path) ]; do sleep 1; done
            for file in \(path("broker.pid")) \(path("mapper.pid")); do
              [ -f "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null
            done
            rm -rf \(sandbox.path)
            """
        let file = try sandbox.write("broker/keeper.sh", script)
        // Not one of the sandbox's programs, which it outlives.
        _ = try Sandbox.run("/bin/sh", ["-c", "setsid sh \(file) >/dev/null 2>&1 </dev/null &"])
    }
}
