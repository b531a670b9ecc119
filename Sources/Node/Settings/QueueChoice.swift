import AMQP

/// Which queues the settings name.
enum QueueChoice {
    /// In memory, within one process.
    case local
    /// At a broker, between processes.
    case broker(AMQPServer)

    /// Reads the password too; throws a sentence when something about it cannot be used.
    init(_ settings: Settings) throws(StartFailure) {
        guard settings.queue != "local" else {
            self = .local
            return
        }
        guard settings.queue.hasPrefix("amqp://") || settings.queue.hasPrefix("amqps://") else {
            throw StartFailure(
                "queue must be local or amqp://user@host:port/vhost, not \"\(settings.queue.prefix { $0 != ":" })\""
            )
        }
        let password = try PasswordSetting.read(
            file: settings.queuePasswordFile, text: settings.queuePassword, "queue_password_file")
        do throws(AMQPError) {
            self = .broker(
                try AMQPServer(
                    url: settings.queue, password: Password(password ?? "guest"),
                    tls: Self.encryption(settings)))
        } catch {
            throw StartFailure("queue: \(error)")
        }
    }

    private static func encryption(_ settings: Settings) -> AMQPServer.TLS {
        settings.queueAuthorities.isEmpty
            ? AMQPServer.TLS() : AMQPServer.TLS(authorities: settings.queueAuthorities)
    }
}
