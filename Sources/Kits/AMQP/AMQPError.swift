import CRabbitMQ

/// A failed step with a broker: what kind of trouble it is and a sentence for people.
package struct AMQPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What the trouble means for the caller.
    package enum Kind: Sendable, Equatable {
        /// An address or an option that cannot be used; trying again is of no use.
        case configuration
        /// No connection, or it broke.
        case connection
        /// The broker's certificate or ours is not accepted.
        case certificate
        /// The broker does not let us in.
        case login
        /// The broker closed the channel; the code is AMQP's, as 404 for a queue that is not there.
        case channelClosed(code: Int)
        /// The broker closed the connection.
        case closedByBroker(code: Int)
        /// The library or the broker broke the protocol's rules.
        case protocolBroken
    }

    package let kind: Kind
    /// What was tried and why it failed.
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// The only place where a code of librabbitmq becomes a Swift error.
    static func of(status: Int32, attempt: String) -> AMQPError {
        let reason = amqp_error_string2(status).map { String(cString: $0) } ?? "librabbitmq error \(status)"
        let lower = reason.prefix(1).lowercased() + reason.dropFirst()
        return AMQPError(kind(of: status), "cannot \(attempt): \(sentence(for: status) ?? lower)")
    }

    private static func kind(of status: Int32) -> Kind {
        switch status {
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue, AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue,
            AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue, AMQP_STATUS_SSL_ERROR.rawValue:
            .certificate
        case AMQP_STATUS_BAD_AMQP_DATA.rawValue, AMQP_STATUS_UNKNOWN_CLASS.rawValue,
            AMQP_STATUS_UNKNOWN_METHOD.rawValue, AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION.rawValue,
            AMQP_STATUS_WRONG_METHOD.rawValue, AMQP_STATUS_UNEXPECTED_STATE.rawValue:
            .protocolBroken
        default: .connection
        }
    }

    /// Better words than the library's, where it matters what to do.
    private static func sentence(for status: Int32) -> String? {
        switch status {
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED.rawValue: "there is no address for this name"
        case AMQP_STATUS_SOCKET_ERROR.rawValue: "no connection; is the broker running there?"
        case AMQP_STATUS_TIMEOUT.rawValue: "no answer in time"
        case AMQP_STATUS_HEARTBEAT_TIMEOUT.rawValue: "the broker has been silent for too long"
        case AMQP_STATUS_CONNECTION_CLOSED.rawValue, AMQP_STATUS_SOCKET_CLOSED.rawValue:
            "the connection was closed"
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue:
            "its certificate is for another name; connect by a name that the certificate has"
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue:
            "its certificate is not signed by an authority that we trust; name its CA file"
        case AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue:
            "no agreement on TLS; does this port speak TLS, and is our certificate accepted?"
        default: nil
        }
    }

    /// What the broker's refusal of a call means.
    static func of(reply: amqp_rpc_reply_t, attempt: String) -> AMQPError {
        guard reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION, let decoded = reply.reply.decoded else {
            return of(status: reply.library_error, attempt: attempt)
        }
        switch reply.reply.id {
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            return AMQPError(
                .channelClosed(code: Int(close.reply_code)),
                "cannot \(attempt): the broker says \(close.reply_text.text)")
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            let code = Int(close.reply_code)
            return AMQPError(
                code == 403 || code == 530 ? .login : .closedByBroker(code: code),
                "cannot \(attempt): the broker says \(close.reply_text.text)")
        default:
            return AMQPError(.protocolBroken, "cannot \(attempt): an answer that nobody asked for")
        }
    }
}

extension amqp_bytes_t {
    /// A copy as text.
    var text: String {
        String(decoding: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : len), as: UTF8.self)
    }
}
