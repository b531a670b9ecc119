import CRabbitMQ
import Glibc

/// A message of which parts are still on their way.
struct IncomingContent {
    enum Kind {
        case delivery(tag: UInt64, isRedelivered: Bool)
        case returned(reason: String)
    }

    let kind: Kind
    var number: UInt64?
    /// Bytes in all; nil before the header has come.
    var size: UInt64?
    var received: UInt64 = 0
    var body: [UInt8] = []
}

/// What a broker says.
extension AMQPConnection {
    /// What has come from the broker, without waiting; nil when that is all.
    ///
    /// Heartbeats are answered and sent here.
    package func nextEvent() throws(AMQPError) -> AMQPEvent? {
        while true {
            var frame = amqp_frame_t()
            var noTime = timeval()
            let status = amqp_simple_wait_frame_noblock(handle, &frame, &noTime)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return nil }
            try check(status, "receive from the broker at \(serverName)")
            if let event = try take(&frame) { return event }
        }
    }

    private func take(_ frame: inout amqp_frame_t) throws(AMQPError) -> AMQPEvent? {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: return try take(frame.payload.method)
        case AMQP_FRAME_HEADER: return try takeHeader(frame.payload.properties.body_size, frame)
        case AMQP_FRAME_BODY: return try takeBody(frame.payload.body_fragment)
        default: return nil
        }
    }

    private func take(_ method: amqp_method_t) throws(AMQPError) -> AMQPEvent? {
        guard let decoded = method.decoded else { return nil }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let delivery = decoded.assumingMemoryBound(to: amqp_basic_deliver_t.self).pointee
            incoming = IncomingContent(
                kind: .delivery(tag: delivery.delivery_tag, isRedelivered: delivery.redelivered != 0))
            return nil
        case AMQP_BASIC_RETURN_METHOD:
            let returned = decoded.assumingMemoryBound(to: amqp_basic_return_t.self).pointee
            incoming = IncomingContent(kind: .returned(reason: returned.reply_text.text))
            return nil
        default:
            defer { releaseBuffers() }
            return try event(method.id, decoded)
        }
    }

    private func event(
        _ method: amqp_method_number_t, _ decoded: UnsafeMutableRawPointer
    ) throws(AMQPError) -> AMQPEvent? {
        switch method {
        case AMQP_BASIC_ACK_METHOD:
            let confirmation = decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            return .confirmed(number: confirmation.delivery_tag, upTo: confirmation.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let refusal = decoded.assumingMemoryBound(to: amqp_basic_nack_t.self).pointee
            return .refused(number: refusal.delivery_tag, upTo: refusal.multiple != 0)
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let answer = decoded.assumingMemoryBound(to: amqp_queue_declare_ok_t.self).pointee
            return .depth(
                queue: answer.queue.text, messages: Int(answer.message_count),
                consumers: Int(answer.consumer_count))
        case AMQP_BASIC_CANCEL_METHOD: return .consumerCancelled
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return .blocked(
                reason: decoded.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee.reason.text)
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return .unblocked
        case AMQP_CHANNEL_CLOSE_METHOD, AMQP_CONNECTION_CLOSE_METHOD:
            throw closed(by: method, decoded)
        default: return nil
        }
    }

    private func closed(by method: amqp_method_number_t, _ decoded: UnsafeMutableRawPointer) -> AMQPError {
        let reply = amqp_rpc_reply_t(
            reply_type: AMQP_RESPONSE_SERVER_EXCEPTION, reply: amqp_method_t(id: method, decoded: decoded),
            library_error: 0)
        return .of(reply: reply, attempt: "use the connection to \(serverName)")
    }

    private func takeHeader(_ size: UInt64, _ frame: amqp_frame_t) throws(AMQPError) -> AMQPEvent? {
        guard incoming != nil else { return nil }
        incoming?.size = size
        if case .returned = incoming?.kind, let decoded = frame.payload.properties.decoded {
            let properties = decoded.assumingMemoryBound(to: amqp_basic_properties_t.self).pointee
            if properties._flags & UInt32(AMQP_BASIC_MESSAGE_ID_FLAG) != 0 {
                incoming?.number = UInt64(properties.message_id.text)
            }
        } else if size <= UInt64(limits.bodyBytes) {
            incoming?.body.reserveCapacity(Int(size))
        }
        return size == 0 ? finish() : nil
    }

    private func takeBody(_ part: amqp_bytes_t) throws(AMQPError) -> AMQPEvent? {
        guard let size = incoming?.size else { return nil }
        incoming?.received += UInt64(part.len)
        if case .delivery = incoming?.kind, size <= UInt64(limits.bodyBytes) {
            incoming?.body.append(contentsOf: UnsafeRawBufferPointer(start: part.bytes, count: part.len))
        }
        return (incoming?.received ?? 0) >= size ? finish() : nil
    }

    private func finish() -> AMQPEvent? {
        defer { releaseBuffers() }
        guard let content = incoming.take() else { return nil }
        let size = content.size ?? 0
        switch content.kind {
        case .delivery(let tag, _) where size > UInt64(limits.bodyBytes):
            return .oversized(tag: tag, bytes: size)
        case .delivery(let tag, let isRedelivered):
            return .delivered(tag: tag, isRedelivered: isRedelivered, body: content.body)
        case .returned(let reason):
            return .returned(number: content.number ?? 0, reason: reason)
        }
    }
}
