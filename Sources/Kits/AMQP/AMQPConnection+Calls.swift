import CRabbitMQ

/// What a client asks of a broker.
extension AMQPConnection {
    /// Makes a durable queue, or finds it as it should be; its kind `channelClosed(code: 406)` of error says that there is
    /// one with other arguments, and that this connection is of no more use.
    package func declare(_ queue: QueueDeclaration) throws(AMQPError) {
        var arguments: [(String, Table.Value)] = []
        if queue.kind == .quorum { arguments.append(("x-queue-type", .text("quorum"))) }
        if let limit = queue.limit {
            arguments.append(("x-max-length", .number(Int64(limit))))
            arguments.append(("x-overflow", .text(queue.refusesWhenFull ? "reject-publish" : "drop-head")))
        }
        if let other = queue.deadLetterQueue {
            arguments.append(("x-dead-letter-exchange", .text("")))
            arguments.append(("x-dead-letter-routing-key", .text(other)))
        }
        Table.with(arguments) { table in
            _ = withBytes(queue.name) { name in
                amqp_queue_declare(handle, Self.channel, name, 0, 1, 0, 0, table)
            }
        }
        try checkReply("declare queue \(queue.name)")
        releaseBuffers()
    }

    /// Fails with `channelClosed(code: 404)` when there is no such queue.
    package func findQueue(_ name: String) throws(AMQPError) {
        _ = withBytes(name) {
            amqp_queue_declare(handle, Self.channel, $0, 1, 1, 0, 0, amqp_empty_table)
        }
        try checkReply("find queue \(name)")
        releaseBuffers()
    }

    /// Asks how many messages wait in a queue; ``AMQPEvent/depth(queue:messages:consumers:)`` answers.
    package func askDepth(of queue: String) throws(AMQPError) {
        let status = withBytes(queue) { name in
            var method = amqp_queue_declare_t()
            method.queue = name
            method.passive = 1
            return amqp_send_method(handle, Self.channel, AMQP_QUEUE_DECLARE_METHOD, &method)
        }
        try check(status, "ask for the depth of queue \(queue)")
    }

    /// From now on every publication is confirmed or refused.
    package func confirmPublications() throws(AMQPError) {
        amqp_confirm_select(handle, Self.channel)
        try checkReply("switch confirmations on")
        releaseBuffers()
    }

    /// Publishes into a queue, to be kept on disk, and to be returned when there is no such queue.
    ///
    /// `number` is the count of this publication on this connection, from 1; confirmations and returns tell it.
    package func publish(_ body: [UInt8], to queue: String, number: UInt64) throws(AMQPError) {
        var properties = amqp_basic_properties_t()
        properties._flags = UInt32(
            AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG)
        properties.delivery_mode = 2
        let status = withBytes("application/json") { type in
            properties.content_type = type
            return withBytes(String(number)) { identifier in
                properties.message_id = identifier
                return withBytes(queue) { name in
                    body.withUnsafeBytes { bytes in
                        let content = amqp_bytes_t(
                            len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                        return amqp_basic_publish(
                            handle, Self.channel, amqp_empty_bytes, name, 1, 0, &properties, content)
                    }
                }
            }
        }
        try check(status, "publish to queue \(queue)")
    }

    /// Begins to consume; at most `prefetch` messages are with us unacknowledged.
    package func consume(from queue: String, prefetch: Int) throws(AMQPError) {
        amqp_basic_qos(handle, Self.channel, 0, UInt16(clamping: prefetch), 0)
        try checkReply("limit the messages of queue \(queue)")
        _ = withBytes(queue) {
            amqp_basic_consume(handle, Self.channel, $0, amqp_empty_bytes, 0, 0, 0, amqp_empty_table)
        }
        try checkReply("consume from queue \(queue)")
    }

    /// This message, or all up to it, is dealt with.
    package func acknowledge(_ tag: UInt64, upTo: Bool) throws(AMQPError) {
        try check(amqp_basic_ack(handle, Self.channel, tag, upTo ? 1 : 0), "acknowledge a message")
    }

    /// Gives a message back to its queue, or refuses it for good: then it becomes a dead letter.
    package func reject(_ tag: UInt64, requeue: Bool) throws(AMQPError) {
        try check(amqp_basic_reject(handle, Self.channel, tag, requeue ? 1 : 0), "give a message back")
    }

    func releaseBuffers() {
        amqp_maybe_release_buffers_on_channel(handle, Self.channel)
        amqp_maybe_release_buffers_on_channel(handle, 0)
    }
}
