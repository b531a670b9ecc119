import CRabbitMQ
import Glibc
import Posix

/// One connection to a broker with one channel; it belongs to the thread that made it.
///
/// Every call ends within ``Limits``, also when the broker hangs: a call that fails leaves a connection that is of no
/// more use. Call ``nextEvent()`` at least every few seconds, as that answers heartbeats.
package final class AMQPConnection {
    /// How long to wait for what, and how much to take.
    package struct Limits: Sendable {
        /// For a TCP connection and its TLS.
        package var connecting = Duration.seconds(5)
        /// For the answer to a call, and for a login.
        package var answer = Duration.seconds(10)
        /// For data that the broker does not take off our hands.
        package var sending = Duration.seconds(30)
        /// A silent broker is given up after two of these.
        package var heartbeat = Duration.seconds(10)
        /// Larger bodies are dropped.
        package var bodyBytes = 256 << 10

        package init() {}
    }

    static let channel: amqp_channel_t = 1
    let handle: amqp_connection_state_t
    let limits: Limits
    /// For people: "amqp@host:5672".
    package let serverName: String
    /// The content that is being received.
    var incoming: IncomingContent?

    /// Connects, logs in and opens the channel.
    package init(to server: AMQPServer, limits: Limits = Limits()) throws(AMQPError) {
        guard let handle = amqp_new_connection() else {
            throw AMQPError(.connection, "cannot make a connection: there is no memory")
        }
        self.handle = handle
        self.limits = limits
        serverName = server.name
        try open(server)
        boundSending()
        try login(server)
        amqp_channel_open(handle, Self.channel)
        try checkReply("open a channel at \(serverName)")
    }

    /// Closes the socket without a word; the broker gives back what was not acknowledged.
    deinit { amqp_destroy_connection(handle) }

    /// Tells the broker that we go, waiting a second at most.
    package func close() {
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        amqp_set_rpc_timeout(handle, &limit)
        // Whatever comes of it: the socket is closed next.
        amqp_connection_close(handle, AMQP_REPLY_SUCCESS)
    }

    /// Blocks until the broker sends something or somebody wakes us, at most `limit`.
    package func wait(atMost limit: Duration, orFor waker: Waker) {
        guard amqp_data_in_buffer(handle) == 0, amqp_frames_enqueued(handle) == 0 else { return }
        waker.wait(atMost: limit, orFor: amqp_get_sockfd(handle))
    }

    private func open(_ server: AMQPServer) throws(AMQPError) {
        let attempt = "connect to the broker at \(serverName)"
        guard let socket = try socket(server) else {
            throw AMQPError(.connection, "cannot \(attempt): there is no memory")
        }
        var limit = timeval(limits.connecting)
        var (answer, reply) = (timeval(limits.answer), timeval(limits.answer))
        amqp_set_handshake_timeout(handle, &answer)
        amqp_set_rpc_timeout(handle, &reply)
        let status = amqp_socket_open_noblock(socket, server.host, Int32(server.port), &limit)
        guard status == AMQP_STATUS_OK.rawValue else { throw .of(status: status, attempt: attempt) }
    }

    private func socket(_ server: AMQPServer) throws(AMQPError) -> OpaquePointer? {
        guard let tls = server.tls else { return amqp_tcp_socket_new(handle) }
        guard let socket = amqp_ssl_socket_new(handle) else { return nil }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        amqp_ssl_socket_set_verify_hostname(socket, 1)
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        guard amqp_ssl_socket_set_cacert(socket, tls.authorities) == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(
                .configuration,
                "cannot read the authorities in \(tls.authorities); it must be a file of certificates in PEM")
        }
        guard let certificate = tls.certificate else { return socket }
        let key = tls.key ?? certificate
        guard amqp_ssl_socket_set_key(socket, certificate, key) == AMQP_STATUS_OK.rawValue else {
            throw AMQPError(
                .configuration,
                "cannot use the certificate \(certificate) with the key \(key); both must be in PEM, belong to "
                    + "each other and be readable")
        }
        return socket
    }

    /// A broker that takes nothing off us must not hold this thread for ever: librabbitmq sends without a deadline.
    private func boundSending() {
        let socket = amqp_get_sockfd(handle)
        var milliseconds = Int32(clamping: limits.sending.nanoseconds / 1_000_000)
        // From linux/tcp.h and socket(7); without it only heartbeats end a hanging send.
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, 4)
        var isOn: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &isOn, 4)
    }

    private func login(_ server: AMQPServer) throws(AMQPError) {
        let attempt = "log in to the broker at \(serverName), virtual host \(server.virtualHost)"
        let seconds = Int32(clamping: limits.heartbeat.nanoseconds / 1_000_000_000)
        let reply = Table.withClientProperties { properties in
            withUnsafePointer(to: properties) {
                pp_amqp_login(handle, server.virtualHost, seconds, $0, server.user, server.password.text)
            }
        }
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else {
            if reply.library_error == AMQP_STATUS_CONNECTION_CLOSED.rawValue {
                throw AMQPError(
                    .login, "cannot \(attempt): the broker closed the connection; does this port speak AMQP?")
            }
            throw .of(reply: reply, attempt: attempt)
        }
    }

    /// Throws when the last call that waits for an answer failed.
    func checkReply(_ attempt: @autoclosure () -> String) throws(AMQPError) {
        let reply = amqp_get_rpc_reply(handle)
        guard reply.reply_type != AMQP_RESPONSE_NORMAL else { return }
        throw .of(reply: reply, attempt: attempt())
    }

    /// Throws when a call that waits for nothing failed.
    func check(_ status: Int32, _ attempt: @autoclosure () -> String) throws(AMQPError) {
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw .of(status: status, attempt: attempt())
    }
}

extension timeval {
    init(_ duration: Duration) {
        let microseconds = duration.nanoseconds / 1000
        self.init(
            tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    }
}
