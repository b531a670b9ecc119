import CSSH2
import Glibc
package import Posix

/// One SSH connection as a client; it never blocks and belongs to the thread that made it.
///
/// Calls that need the network return nil or false for "not yet". Read until a whole pass over all channels
/// has received nothing (``bytesReceived``): one call takes packets of other channels off the socket too,
/// and polling then would wait for data that is here already.
package final class SSHSession {
    let handle: OpaquePointer
    let tap = SessionTap()
    private let socket: FileDescriptor
    /// A place that stays: libssh2 keeps its address during a login.
    private let abstract: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private var isClosed = false

    /// Takes a connected socket that does not block.
    package init(owning socket: consuming FileDescriptor) throws(SSHError) {
        let pointer = Unmanaged.passUnretained(tap).toOpaque()
        guard SSHLibrary.isReady, let handle = libssh2_session_init_ex(nil, tapFree, nil, pointer) else {
            throw SSHError(.protocolBroken, "cannot make an SSH session: libssh2 has no memory")
        }
        self.handle = handle
        self.socket = socket
        abstract = .allocate(capacity: 1)
        abstract.initialize(to: pointer)
        libssh2_session_set_blocking(handle, 0)
        tap.install(in: handle)
    }

    deinit {
        close()
        // Nothing can be sent any more, so this ends; the bound is for bugs of the library.
        for _ in 0..<8 {
            guard libssh2_session_free(handle) == LIBSSH2_ERROR_EAGAIN else { break }
        }
        abstract.deallocate()
    }

    package var descriptor: Int32 { socket.raw }

    /// Bytes received so far.
    package var bytesReceived: UInt64 { tap.received }

    /// To be called when the socket was told ready: until then it counts as empty once it was found empty.
    ///
    /// It counts as empty, too, after 256 KiB: a server that floods us must leave time for others.
    package func socketIsReady() { tap.beginTurn() }

    /// Whether a call waits for room to send.
    package var wantsToWrite: Bool {
        libssh2_session_block_directions(handle) & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0
    }

    /// Whether the other side has closed an idle connection.
    package var isClosedByServer: Bool { SSHSocket.isClosed(socket) }

    /// Why the TCP connection failed; to be asked when the socket is writable for the first time.
    package func checkConnected(to address: String, port: Int) throws(PosixError) {
        try SSHSocket.checkConnected(socket, to: address, port: port)
    }

    /// Exchanges keys, asking for host keys in the order of `preference`; false: call again when the socket
    /// is ready.
    package func handshake(preference: String) throws(SSHError) -> Bool {
        if bytesReceived == 0 {
            try check(
                libssh2_session_method_pref(handle, LIBSSH2_METHOD_HOSTKEY, preference), "choose host keys")
        }
        return try check(libssh2_session_handshake(handle, socket.raw), "agree on keys")
    }

    /// The key that the server has shown; nil before the handshake is over.
    package var hostKey: HostKey? {
        var length = 0
        var number: Int32 = 0
        guard let key = libssh2_session_hostkey(handle, &length, &number),
            let hash = libssh2_hostkey_hash(handle, LIBSSH2_HOSTKEY_HASH_SHA256)
        else { return nil }
        let blob = key.withMemoryRebound(to: UInt8.self, capacity: length) {
            Array(UnsafeBufferPointer(start: $0, count: length))
        }
        let digest = (0..<32).map { UInt8(bitPattern: hash[$0]) }
        return HostKey(
            type: WireReader.keyType(of: blob) ?? "", blob: blob,
            fingerprint: "SHA256:" + Base64.encode(digest, isPadded: false))
    }

    /// Logs in with a private key file without passphrase; false: call again when the socket is ready.
    func logIn(as user: String, keyFile: String) throws(SSHError) -> Bool {
        let code = libssh2_userauth_publickey_fromfile_ex(
            handle, user, UInt32(user.utf8.count), nil, keyFile, nil)
        return try check(code, "log in as \(user) with \(keyFile)")
    }

    /// Logs in with a key that somebody else signs for, through the tap; false: call again.
    func logIn(as user: String, publicKey: [UInt8]) throws(SSHError) -> Bool {
        let code = libssh2_userauth_publickey(handle, user, publicKey, publicKey.count, tapSign, abstract)
        return try check(code, "log in as \(user) with a key of the agent")
    }

    /// Opens a channel for one command; nil: call again. One at a time: others wait until it is there.
    package func openChannel() throws(SSHError) -> SSHChannel? {
        let window: UInt32 = 256 * 1024
        guard let channel = libssh2_channel_open_ex(handle, "session", 7, window, 32768, nil, 0) else {
            try check(libssh2_session_last_errno(handle), "open a channel")
            return nil
        }
        return SSHChannel(channel, number: tap.opened, of: self)
    }

    /// Sends a message that keeps the path open; a lost connection shows itself as an unanswered packet.
    package func keepAlive() throws(SSHError) {
        libssh2_keepalive_config(handle, 0, 2)
        var next: Int32 = 0
        try check(libssh2_keepalive_send(handle, &next), "keep the connection alive")
    }

    /// Says goodbye if that needs no waiting, and gives the connection up.
    package func disconnect() {
        _ = libssh2_session_disconnect_ex(handle, SSH_DISCONNECT_BY_APPLICATION, "idle", "")
        close()
    }

    /// Gives the connection up at once, without a word: the socket is shut here and closed with its owner.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        tap.isDead = true
        shutdown(socket.raw, Int32(SHUT_RDWR))
    }

    /// True when the call is done, false when it must be made again; the library's errors are thrown.
    @discardableResult
    func check(_ code: Int32, _ attempt: String) throws(SSHError) -> Bool {
        if code >= 0 { return true }
        if code == LIBSSH2_ERROR_EAGAIN { return false }
        throw .of(code: code, session: handle, attempt: attempt)
    }
}
