import CSSH2
import Glibc

/// What libssh2 tells through callbacks during its calls; one a session, found again through its abstract
/// pointer.
final class SessionTap {
    /// How a remote command ended.
    enum Exit {
        case status(UInt32)
        case signal
    }

    /// Bytes received so far.
    var received: UInt64 = 0
    /// Whether the socket is known to be empty; it is not asked again before it is told ready.
    var isDrained = false
    /// How much more is taken off the socket before others get their turn, however fast the server sends.
    private var budget = SessionTap.turn
    /// Whether the connection is given up: nothing is sent or received any more.
    var isDead = false
    /// Our number of the channel that the server opened last.
    var opened: UInt32?
    /// Ends that were told and not asked for yet, by our number of the channel.
    var exits: [UInt32: Exit] = [:]
    /// What has to be signed to log in, and the signature once it is there.
    var signatureRequest: [UInt8]?
    var signature: [UInt8]?

    private static let turn = 256 * 1024

    /// The socket may have something again, and a new turn begins.
    func beginTurn() {
        isDrained = false
        budget = Self.turn
    }

    func receive(_ socket: Int32, _ buffer: UnsafeMutableRawPointer?, _ length: Int) -> Int {
        guard !isDead else { return -Int(ECONNRESET) }
        guard !isDrained else { return -Int(EAGAIN) }
        let count = recv(socket, buffer, length, Int32(MSG_DONTWAIT))
        guard count >= 0 else {
            let code = errno == EINTR ? EAGAIN : errno
            isDrained = code == EAGAIN
            return -Int(code)
        }
        budget -= count
        isDrained = count > 0 && (count < length || budget <= 0)
        received += UInt64(count)
        return count
    }

    func send(_ socket: Int32, _ buffer: UnsafeRawPointer?, _ length: Int) -> Int {
        guard !isDead else { return -Int(ECONNRESET) }
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        let count = Glibc.send(socket, buffer, length, flags)
        return count >= 0 ? count : -Int(errno == EINTR ? EAGAIN : errno)
    }

    func inspect(_ memory: UnsafeMutableRawPointer?) {
        var channel: UInt32 = 0
        var status: UInt32 = 0
        switch pp_ssh2_tap(memory, &channel, &status) {
        case Int32(PP_SSH2_OPENED.rawValue): opened = channel
        case Int32(PP_SSH2_EXIT_STATUS.rawValue): exits[channel] = .status(status)
        case Int32(PP_SSH2_EXIT_SIGNAL.rawValue): exits[channel] = .signal
        default: break
        }
    }

    /// Installs the callbacks that go by the session; the one that frees is given to its maker.
    func install(in session: OpaquePointer) {
        let receive = unsafeBitCast(tapReceive, to: UnsafeMutableRawPointer.self)
        let send = unsafeBitCast(tapSend, to: UnsafeMutableRawPointer.self)
        _ = libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, receive)
        _ = libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND, send)
    }

    fileprivate static func of(_ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> SessionTap? {
        guard let pointer = abstract?.pointee else { return nil }
        return Unmanaged<SessionTap>.fromOpaque(pointer).takeUnretainedValue()
    }
}

private let tapReceive:
    @convention(c) (
        Int32, UnsafeMutableRawPointer?, Int, Int32, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Int = { socket, buffer, length, _, abstract in
        SessionTap.of(abstract)?.receive(socket, buffer, length) ?? -Int(ECONNRESET)
    }

private let tapSend:
    @convention(c) (
        Int32, UnsafeRawPointer?, Int, Int32, UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    ) -> Int = { socket, buffer, length, _, abstract in
        SessionTap.of(abstract)?.send(socket, buffer, length) ?? -Int(ECONNRESET)
    }

/// Frees memory of libssh2, after a look at the packet that it may hold.
func tapFree(_ memory: UnsafeMutableRawPointer?, _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?)
{
    SessionTap.of(abstract)?.inspect(memory)
    free(memory)
}

/// Hands libssh2 the signature that an agent made, or tells it to come again.
func tapSign(
    _ session: OpaquePointer?, _ signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?,
    _ length: UnsafeMutablePointer<Int>?, _ data: UnsafePointer<UInt8>?, _ dataLength: Int,
    _ abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    guard let tap = SessionTap.of(abstract) else { return -1 }
    guard let ready = tap.signature else {
        if tap.signatureRequest == nil {
            tap.signatureRequest = Array(UnsafeBufferPointer(start: data, count: dataLength))
        }
        return LIBSSH2_ERROR_EAGAIN
    }
    // libssh2 frees it with the callback above.
    guard let copy = malloc(max(1, ready.count))?.assumingMemoryBound(to: UInt8.self) else { return -1 }
    for (index, byte) in ready.enumerated() { copy[index] = byte }
    signature?.pointee = copy
    length?.pointee = ready.count
    return 0
}
