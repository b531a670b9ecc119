import Glibc
package import Posix

/// Makes the TCP socket below a session.
package enum SSHSocket {
    /// Starts to connect to a numeric address and returns at once; the socket is writable when that is over.
    ///
    /// Without delays for small packets, and dead peers are noticed: unanswered data within `patience`, a
    /// silent idle connection within about a minute.
    package static func connect(
        to address: String, port: Int, patience: Duration
    ) throws(PosixError) -> FileDescriptor {
        let place = "connect to \(address) port \(port)"
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard (1...65535).contains(port), getaddrinfo(address, String(port), &hints, &found) == 0,
            let info = found?.pointee
        else { throw PosixError(place, code: EINVAL) }
        defer { freeaddrinfo(found) }
        let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let raw = try system("make a socket") { socket(info.ai_family, flags, 0) }
        let descriptor = FileDescriptor(owning: raw)
        tune(raw, patience: patience)
        if Glibc.connect(raw, info.ai_addr, info.ai_addrlen) != 0, errno != EINPROGRESS {
            throw PosixError(place)
        }
        return descriptor
    }

    /// Throws why a connection that was started by ``connect(to:port:patience:)`` failed; nothing when it
    /// stands.
    package static func checkConnected(
        _ descriptor: borrowing FileDescriptor, to address: String, port: Int
    ) throws(PosixError) {
        let code = option(SO_ERROR, of: descriptor.raw)
        guard code == 0 else { throw PosixError("connect to \(address) port \(port)", code: code) }
    }

    /// Whether the other side has closed; data that waits is left there.
    package static func isClosed(_ descriptor: borrowing FileDescriptor) -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor.raw, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
    }

    /// TCP_USER_TIMEOUT of tcp(7), which Glibc's module leaves out.
    private static let userTimeout: Int32 = 18

    private static func option(_ name: Int32, of socket: Int32) -> Int32 {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket, SOL_SOCKET, name, &value, &size) == 0 else { return errno }
        return value
    }

    /// A refused option costs speed or patience, never correctness: our own deadlines stand.
    private static func tune(_ socket: Int32, patience: Duration) {
        let milliseconds = Int32(clamping: patience.nanoseconds / 1_000_000)
        let tcp = Int32(IPPROTO_TCP)
        let options: [(level: Int32, name: Int32, value: Int32)] = [
            (tcp, TCP_NODELAY, 1), (tcp, userTimeout, milliseconds),
            (SOL_SOCKET, SO_KEEPALIVE, 1), (tcp, TCP_KEEPIDLE, 30), (tcp, TCP_KEEPINTVL, 10),
            (tcp, TCP_KEEPCNT, 3),
        ]
        for option in options {
            var value = option.value
            setsockopt(socket, option.level, option.name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}
