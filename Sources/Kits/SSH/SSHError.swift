import CSSH2

/// A failed SSH step: what kind of trouble it is and a sentence for people.
package struct SSHError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the trouble means for the caller.
    package enum Kind: Sendable, Equatable {
        /// No connection, or it broke.
        case connection
        /// Both sides share no algorithm, or the exchange of keys failed.
        case keyExchange
        /// The server accepted none of our keys.
        case authentication
        /// The server refused to open one more channel; the connection is well.
        case channelRefused
        /// The server refused to run the command; the connection is well.
        case requestRefused
        /// The library or the server broke the protocol's rules; the connection is of no more use.
        case protocolBroken
    }

    package let kind: Kind
    /// What was tried and why it failed.
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// The only place where a code of libssh2 becomes a Swift error.
    static func of(code: Int32, session: OpaquePointer, attempt: String) -> SSHError {
        var text: UnsafeMutablePointer<CChar>?
        let last = libssh2_session_last_error(session, &text, nil, 0)
        let words = last == code ? text.map { String(cString: $0) } : nil
        let reason = words.map { $0.isEmpty ? "libssh2 error \(code)" : $0 } ?? "libssh2 error \(code)"
        return SSHError(kind(of: code), "cannot \(attempt): \(reason)")
    }

    private static func kind(of code: Int32) -> Kind {
        switch code {
        case LIBSSH2_ERROR_KEX_FAILURE, LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE, LIBSSH2_ERROR_HOSTKEY_INIT,
            LIBSSH2_ERROR_HOSTKEY_SIGN, LIBSSH2_ERROR_METHOD_NONE, LIBSSH2_ERROR_METHOD_NOT_SUPPORTED:
            .keyExchange
        case LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED, LIBSSH2_ERROR_FILE,
            LIBSSH2_ERROR_KEYFILE_AUTH_FAILED:
            .authentication
        case LIBSSH2_ERROR_CHANNEL_FAILURE: .channelRefused
        case LIBSSH2_ERROR_CHANNEL_REQUEST_DENIED: .requestRefused
        case LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_SEND,
            LIBSSH2_ERROR_BANNER_RECV, LIBSSH2_ERROR_BANNER_SEND, LIBSSH2_ERROR_TIMEOUT,
            LIBSSH2_ERROR_BAD_SOCKET:
            .connection
        default: .protocolBroken
        }
    }
}
