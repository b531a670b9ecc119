import AMQP
import Posix

/// What the consumer's thread does with one connection after the other.
struct ConsumingSession<Message: WireMessage> {
    /// Messages read before others can take them.
    private static var burst: Int { 256 }
    /// Nanoseconds that an acknowledgement waits for others: each word is an entry in the broker's log.
    private static var gathering: Int64 { 2_000_000 }
    /// The tags of one connection begin with its number: those of an earlier one mean nothing any more.
    private static var numberBits: UInt64 { 48 }

    private let consumer: RabbitConsumer<Message>
    private var ledger = DeliveryLedger()
    private var connectionNumber: UInt64 = 0
    private var nextDepth: Int64 = 0
    private var lastWord: Int64 = 0
    private var queueIsGone = false

    private var line: RabbitLine { consumer.line }

    init(consumer: RabbitConsumer<Message>) { self.consumer = consumer }

    /// Consumes until the connection fails or closing is asked for.
    mutating func run(_ connection: AMQPConnection) throws(AMQPError) -> RabbitLine.SessionEnd {
        connectionNumber += 1
        ledger = DeliveryLedger()
        nextDepth = 0
        queueIsGone = false
        try connection.consume(from: line.settings.queue, prefetch: line.settings.prefetch)
        do throws(AMQPError) {
            return try consume(connection)
        } catch {
            // The broker delivers again what nobody has taken, but nothing of a queue that is gone.
            if error.kind != .channelClosed(code: 404) { consumer.forget() }
            throw error
        }
    }

    private mutating func consume(_ connection: AMQPConnection) throws(AMQPError) -> RabbitLine.SessionEnd {
        while true {
            // Asked first: what was acknowledged before closing is told.
            let isClosing = line.deadline != nil
            let isMore = try read(connection)
            try tell(connection, all: isClosing)
            // Messages of a deleted queue that are here are the last of their kind: they stay in the inbox.
            if queueIsGone { return .queueIsGone }
            if isClosing {
                consumer.forget()
                return .finished
            }
            let now = Clock.monotonicNanoseconds()
            try askDepth(connection, now)
            guard !isMore else { continue }
            var next = min(nextDepth, now + line.tick.nanoseconds)
            if consumer.hasWishes { next = min(next, lastWord + Self.gathering) }
            connection.wait(atMost: .nanoseconds(max(0, next - now)), orFor: line.waker)
        }
    }

    private mutating func askDepth(_ connection: AMQPConnection, _ now: Int64) throws(AMQPError) {
        guard now >= nextDepth else { return }
        nextDepth = now + RabbitLine.depthInterval.nanoseconds
        try connection.askDepth(of: line.settings.queue)
        try connection.askDepth(of: line.settings.deadLetterQueue)
    }

    /// Reads what the broker has sent, up to a bound; whether there may be more.
    private mutating func read(_ connection: AMQPConnection) throws(AMQPError) -> Bool {
        var arrived: [Delivery<Message>] = []
        var redelivered = 0
        defer {
            if !arrived.isEmpty {
                line.update { state in
                    state.delivered += arrived.count
                    state.redelivered += redelivered
                }
                consumer.arrive(arrived)
            }
        }
        for _ in 0..<Self.burst {
            guard let event = try connection.nextEvent() else { return false }
            switch event {
            case .delivered(let tag, let isRedelivered, let body):
                ledger.deliver(tag)
                guard let message = try decode(body, tag, connection) else { continue }
                redelivered += isRedelivered ? 1 : 0
                arrived.append(Delivery(message: message, tag: connectionNumber << Self.numberBits | tag))
            case .oversized(let tag, let bytes):
                ledger.deliver(tag)
                try bury(tag, "it has \(bytes) bytes, more than \(WireFormat.sizeLimit)", connection)
            case .consumerCancelled: queueIsGone = true
            case .depth(let queue, let messages, let consumers): line.noteDepth(queue, messages, consumers)
            case .confirmed, .refused, .returned, .blocked, .unblocked: break
            }
        }
        return true
    }

    /// The message; nil when it cannot be read, and then it becomes a dead letter.
    private mutating func decode(
        _ body: [UInt8], _ tag: UInt64, _ connection: AMQPConnection
    ) throws(AMQPError) -> Message? {
        let reason: String
        do throws(WireError) {
            return try Message(wireBytes: body)
        } catch {
            reason = error.description
        }
        try bury(tag, reason, connection)
        return nil
    }

    private mutating func bury(
        _ tag: UInt64, _ reason: String, _ connection: AMQPConnection
    ) throws(AMQPError) {
        guard ledger.settle(tag) else { return }
        line.update { $0.unreadable += 1 }
        line.complain(
            .unreadable, "a message cannot be read and goes to \(line.settings.deadLetterQueue): \(reason)")
        try connection.reject(tag, requeue: false)
    }

    /// Tells the broker what is dealt with and what comes back.
    private mutating func tell(_ connection: AMQPConnection, all: Bool) throws(AMQPError) {
        let now = Clock.monotonicNanoseconds()
        let wishes = consumer.takeWishes(all: all || now - lastWord >= Self.gathering)
        guard !wishes.isEmpty else { return }
        lastWord = now
        for word in ledger.acknowledge(wishes.acknowledged.compactMap(ownTag)) {
            try connection.acknowledge(word.tag, upTo: word.upTo)
        }
        // In rising order: the first to be back is the first to come again.
        for tag in wishes.handedBack.compactMap(ownTag).sorted() where ledger.settle(tag) {
            try connection.reject(tag, requeue: true)
        }
    }

    /// The broker's own tag; nil when it was given on an earlier connection.
    private func ownTag(_ tag: UInt64) -> UInt64? {
        guard tag >> Self.numberBits == connectionNumber & ((1 << (64 - Self.numberBits)) - 1) else {
            return nil
        }
        return tag & ((1 << Self.numberBits) - 1)
    }
}
