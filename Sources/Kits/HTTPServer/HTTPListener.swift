import CMicroHTTPD
import Glibc
import Posix
import Synchronization

/// Serves HTTP/1.1 on one address by libmicrohttpd, on one thread of its own (epoll).
///
/// While a handler works its connection is suspended, so that a slow answer holds up no other. Limits are
/// answered by the server itself: 400 for a target that cannot be read, 413, 414, 431, 503 past the handler's
/// deadline.
// `@unchecked`: the daemon's pointer and everything that changes is behind the mutex.
package final class HTTPListener: @unchecked Sendable {
    package struct Limits: Sendable {
        package var bodyBytes = 1 << 20
        package var targetBytes = 8192
        package var headerBytes = 16384
        /// Each costs a descriptor; when all are taken, new ones wait until an idle one is closed.
        package var connections = 4096
        /// Seconds after which a connection without traffic is closed.
        package var idleSeconds = 60
        /// How long a handler may work; it is cancelled then.
        package var handling = Duration.seconds(340)

        package init() {}
    }

    package typealias Handler = @Sendable (Request) async -> Response
    /// Makes the answer for a status and a sentence.
    package typealias Refusal = @Sendable (Int, String) -> Response

    struct Working: Sendable {
        let exchange: Exchange
        let connection: SendablePointer
        let deadline: Int64
        var task: Task<Void, Never>?
    }

    struct State: Sendable {
        var daemon: SendablePointer?
        var port = 0
        var isStopping = false
        var working: [ObjectIdentifier: Working] = [:]
        var watch: Task<Void, Never>?
    }

    package let listen: ListenAddress
    let limits: Limits
    let handler: Handler
    let refusal: Refusal
    let state = Mutex(State())
    /// Requests begun and not yet ended, that is answered or broken off.
    let open = Atomic(0)

    package init(
        listen: ListenAddress, limits: Limits = Limits(), refusal: @escaping Refusal,
        handler: @escaping Handler
    ) {
        self.listen = listen
        self.limits = limits
        self.refusal = refusal
        self.handler = handler
    }

    /// The port that it listens on, also when 0 was asked for; 0 before the start.
    package var port: Int { state.withLock { $0.port } }

    /// Opens the address and begins to serve.
    package func start() throws(HTTPServerError) {
        let descriptor = try listen.open().take()
        let port = listen.port(of: descriptor)
        guard let daemon = startDaemon(on: descriptor) else {
            let reason = PosixError.reason(of: errno)
            close(descriptor)
            throw HTTPServerError("cannot listen on \(listen): the HTTP library did not start: \(reason)")
        }
        let started = SendablePointer(daemon)
        state.withLock { state in
            state.daemon = started
            state.port = port
            state.watch = Task { await self.watchDeadlines() }
        }
    }

    /// Takes no more connections, gives running handlers up to `grace`, answers 503 for the rest, and ends.
    package func stop(grace: Duration = .seconds(5)) async {
        let (daemon, watch) = state.withLock { state in
            defer { state.isStopping = true }
            return (state.isStopping ? nil : state.daemon, state.watch)
        }
        guard let daemon else { return }
        let descriptor = MHD_quiesce_daemon(daemon.value)
        if descriptor >= 0 { close(descriptor) }
        await wait(atMost: grace) { self.state.withLock { $0.working.isEmpty } }
        expire(at: .max, "the server is stopping")
        watch?.cancel()
        // The library drops what it has not sent when it is stopped.
        await wait(atMost: .seconds(1)) { self.open.load(ordering: .relaxed) == 0 }
        await withCheckedContinuation { continuation in
            Thread.start(named: "http-stop") {
                MHD_stop_daemon(daemon.value)
                continuation.resume()
            }
        }
        state.withLock { $0.daemon = nil }
    }

    private func wait(atMost limit: Duration, until isDone: () -> Bool) async {
        let end = Clock.monotonicNanoseconds() + limit.nanoseconds
        while Clock.monotonicNanoseconds() < end, !isDone() {
            // Cancellation only makes the wait a busy one, and it is bounded.
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func startDaemon(on descriptor: Int32) -> OpaquePointer? {
        let me = Unmanaged.passUnretained(self).toOpaque()
        let options: [any CVarArg] = [
            Int32(MHD_OPTION.LISTEN_SOCKET.rawValue), descriptor,
            Int32(MHD_OPTION.CONNECTION_LIMIT.rawValue), UInt32(limits.connections),
            Int32(MHD_OPTION.CONNECTION_TIMEOUT.rawValue), UInt32(limits.idleSeconds),
            Int32(MHD_OPTION.CONNECTION_MEMORY_LIMIT.rawValue), 65536,
            Int32(MHD_OPTION.STRICT_FOR_CLIENT.rawValue), Int32(1),
            Int32(MHD_OPTION.URI_LOG_CALLBACK.rawValue),
            unsafeBitCast(beginRequest as BeginRequest, to: OpaquePointer.self), OpaquePointer(me),
            Int32(MHD_OPTION.NOTIFY_COMPLETED.rawValue),
            unsafeBitCast(endRequest as EndRequest, to: OpaquePointer.self), OpaquePointer(me),
            Int32(MHD_OPTION.END.rawValue),
        ]
        let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_ALLOW_SUSPEND_RESUME.rawValue
        return withVaList(options) { MHD_start_daemon_va(flags, 0, nil, nil, accessRequest, me, $0) }
    }
}

/// A pointer of the library, which locks by itself, on its way to another thread.
struct SendablePointer: @unchecked Sendable {
    let value: OpaquePointer

    init(_ value: OpaquePointer) { self.value = value }
}
