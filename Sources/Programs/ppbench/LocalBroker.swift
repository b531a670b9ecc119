import CommandLine
import Posix

/// A RabbitMQ of our own on free ports of 127.0.0.1, with its data in a folder of its own.
struct LocalBroker: ~Copyable {
    let port: Int
    // The programs go before the folder that holds their data.
    private let broker: Program
    private let mapper: Program
    private let home: TemporaryFolder

    /// Starts it and waits until it takes connections.
    init() throws {
        let program = "/usr/lib/rabbitmq/bin/rabbitmq-server"
        guard Machine.exists(program) else {
            throw BenchmarkFailure(description: "\(program) is not there; install rabbitmq-server")
        }
        let home = try TemporaryFolder()
        let folder = home.path
        let (port, distribution, mapperPort) = (
            try Machine.freePort(), try Machine.freePort(), try Machine.freePort()
        )
        try SmallFile.write(Array("[].\n".utf8), to: folder + "/plugins")
        try SmallFile.write([], to: folder + "/rabbitmq.conf")
        let mapper = try Program(
            "/usr/bin/epmd", ["-port", "\(mapperPort)", "-address", "127.0.0.1"],
            output: folder + "/mapper.log")
        let broker = try Program(
            program, [],
            environment: [
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(folder)", "LANG=C.UTF-8",
                "ERL_EPMD_PORT=\(mapperPort)", "ERL_EPMD_ADDRESS=127.0.0.1",
                "RABBITMQ_NODENAME=bench\(port)@localhost", "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
                "RABBITMQ_NODE_PORT=\(port)", "RABBITMQ_DIST_PORT=\(distribution)",
                "RABBITMQ_LOG_BASE=\(folder)", "RABBITMQ_LOGS=-", "RABBITMQ_MNESIA_BASE=\(folder)",
                "RABBITMQ_MNESIA_DIR=\(folder)/node", "RABBITMQ_PID_FILE=\(folder)/pid",
                "RABBITMQ_ENABLED_PLUGINS_FILE=\(folder)/plugins",
                "RABBITMQ_CONFIG_FILE=\(folder)/rabbitmq", "RABBITMQ_CONF_ENV_FILE=/dev/null",
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1}",
                // Its script then becomes the broker and does not wait beside it.
                "NOTIFY_SOCKET=/dev/null",
            ], output: folder + "/log")
        self.port = port
        self.home = home
        self.mapper = mapper
        self.broker = broker
    }
}
