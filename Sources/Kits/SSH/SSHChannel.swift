import CSSH2
import Glibc

/// One remote command on a session; it never blocks.
package final class SSHChannel {
    /// How the remote command ended.
    package enum Exit: Equatable, Sendable {
        case status(Int32)
        /// The signal's name without "SIG", as "KILL".
        case signal(String)
    }

    /// Which output of the command.
    package enum Stream: Int32, Sendable {
        case output = 0
        case error = 1
    }

    private var handle: OpaquePointer?
    private let number: UInt32?
    // A channel must not outlive its session, which frees all of its channels.
    private let session: SSHSession
    private var knownExit: Exit?

    init(_ handle: OpaquePointer, number: UInt32?, of session: SSHSession) {
        self.handle = handle
        self.number = number
        self.session = session
        // A number is used again only after the channel before is gone; its end must not be taken for ours.
        if let number { session.tap.exits[number] = nil }
    }

    /// Asks the server to run `command`; false: call again with the same words.
    package func run(_ command: String) throws(SSHError) -> Bool {
        let code = libssh2_channel_process_startup(
            handle, "exec", 4, command, UInt32(command.utf8.count))
        return try session.check(code, "run a command")
    }

    /// Reads what is there into `buffer`; 0 when there is nothing (now or ever).
    package func read(_ stream: Stream, into buffer: inout [UInt8]) throws(SSHError) -> Int {
        let count = buffer.withUnsafeMutableBytes { bytes in
            libssh2_channel_read_ex(
                handle, stream.rawValue, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        return try session.check(Int32(clamping: count), "read output") ? count : 0
    }

    /// Whether all output has been read and no more comes.
    package var isAtEnd: Bool { libssh2_channel_eof(handle) == 1 }

    /// How the command ended; nil as long as the server has not told.
    package var exit: Exit? {
        if knownExit == nil, let number, let told = session.tap.exits.removeValue(forKey: number) {
            switch told {
            case .status(let code): knownExit = .status(Int32(bitPattern: code))
            case .signal: knownExit = .signal(signalName() ?? "unknown")
            }
        }
        return knownExit
    }

    /// Whether the server has closed the channel; it then tells no exit any more.
    package var isClosedByServer: Bool { isAtEnd && libssh2_channel_wait_closed(handle) == 0 }

    /// Closes our side and waits for the server's; true when both are closed and the channel is gone.
    package func close() throws(SSHError) -> Bool {
        guard let handle else { return true }
        guard try session.check(libssh2_channel_close(handle), "close a channel"),
            try session.check(libssh2_channel_free(handle), "close a channel")
        else { return false }
        self.handle = nil
        return true
    }

    private func signalName() -> String? {
        var name: UnsafeMutablePointer<CChar>?
        var length = 0
        libssh2_channel_get_exit_signal(handle, &name, &length, nil, nil, nil, nil)
        guard let name else { return nil }
        defer { free(name) }
        return String(cString: name)
    }
}
