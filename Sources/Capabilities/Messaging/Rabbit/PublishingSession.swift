import AMQP
import Posix

/// What the publisher's thread does with one connection after the other.
struct PublishingSession<Message: WireMessage> {
    /// Publications on their way to the broker at once.
    private static var window: Int { 4096 }
    /// Publications and bytes after which the broker's answers are read.
    private static var burst: Int { 256 }
    private static var burstBytes: Int { 256 << 10 }
    /// Nanoseconds to leave a queue alone that is full, and after that twice as long up to the second.
    private static var shortestRest: Int64 { 50_000_000 }
    private static var longestRest: Int64 { 1_000_000_000 }

    private let publisher: RabbitPublisher<Message>
    private var ledger = ConfirmLedger<Message>()
    /// To be published before newer ones: refused, returned, or left by a lost connection.
    private var again: [Message] = []
    private var isBlocked = false
    private var restsUntil: Int64 = 0
    private var rest = shortestRest
    private var nextDepth: Int64 = 0
    /// When the broker last said what became of a publication, or the first one was sent.
    private var lastAnswer: Int64 = 0
    private var queueIsGone = false

    private var line: RabbitLine { publisher.line }

    init(publisher: RabbitPublisher<Message>) { self.publisher = publisher }

    /// Publishes until the connection fails or closing is asked for and done.
    mutating func run(_ connection: AMQPConnection) throws(AMQPError) -> RabbitLine.SessionEnd {
        begin()
        try connection.confirmPublications()
        while true {
            try readAnswers(connection)
            if queueIsGone { return .queueIsGone }
            let now = Clock.monotonicNanoseconds()
            if let deadline = line.deadline, now >= deadline || publisher.count == 0 { return .finished }
            try checkProgress(now)
            try askDepth(connection, now)
            guard try !publishBurst(connection, now) else { continue }
            connection.wait(atMost: .nanoseconds(nextWake(now) - now), orFor: line.waker)
        }
    }

    /// Everything that the last connection did not confirm comes first on this one.
    private mutating func begin() {
        let left = ledger.drain()
        if !left.isEmpty { line.update { $0.republished += left.count } }
        again = left + again
        isBlocked = false
        queueIsGone = false
        restsUntil = 0
        rest = Self.shortestRest
        nextDepth = 0
    }

    private func nextWake(_ now: Int64) -> Int64 {
        var next = now + line.tick.nanoseconds
        if !isBlocked { next = min(next, nextDepth) }
        if restsUntil > now { next = min(next, restsUntil) }
        if let deadline = line.deadline { next = min(next, deadline) }
        return max(next, now)
    }

    /// A queue may be there and do nothing, as one whose nodes are gone.
    private mutating func checkProgress(_ now: Int64) throws(AMQPError) {
        guard ledger.count > 0, !isBlocked else {
            lastAnswer = now
            return
        }
        guard now - lastAnswer > line.settings.limits.sending.nanoseconds else { return }
        throw AMQPError(
            .connection,
            "queue \(line.settings.queue) confirms nothing; does it have a leader? see rabbitmqctl list_queues name "
                + "leader state")
    }

    private mutating func askDepth(_ connection: AMQPConnection, _ now: Int64) throws(AMQPError) {
        guard !isBlocked, now >= nextDepth else { return }
        nextDepth = now + RabbitLine.depthInterval.nanoseconds
        try connection.askDepth(of: line.settings.queue)
        try connection.askDepth(of: line.settings.deadLetterQueue)
    }

    /// Publishes some of what waits; whether there was anything.
    private mutating func publishBurst(_ connection: AMQPConnection, _ now: Int64) throws(AMQPError) -> Bool {
        guard !isBlocked, now >= restsUntil else { return false }
        let room = min(Self.burst, Self.window - ledger.count)
        guard room > 0 else { return false }
        if again.isEmpty { again = publisher.take(atMost: room) }
        var bytes = 0
        var published = 0
        // What fails here is not lost: the ledger has it, or it waits in `again`.
        defer { again.removeFirst(published) }
        while published < min(room, again.count), bytes < Self.burstBytes {
            let message = again[published]
            published += 1
            guard let body = encode(message) else { continue }
            let number = ledger.publish(message)
            try connection.publish(body, to: line.settings.queue, number: number)
            bytes += body.count
        }
        return published > 0
    }

    /// The message as bytes; nil when it is too large, and then it is dropped and told of.
    private func encode(_ message: Message) -> [UInt8]? {
        do throws(WireError) {
            return try message.wireBytes()
        } catch {
            line.update { $0.oversized += 1 }
            line.complain(.unsendable, "a message is dropped: \(error)")
            publisher.settle([message], isSafe: false)
            return nil
        }
    }

    /// Reads all that the broker has said.
    private mutating func readAnswers(_ connection: AMQPConnection) throws(AMQPError) {
        var safe: [Message] = []
        var (refused, returned) = (0, 0)
        // What was confirmed before a failure is confirmed.
        defer { note(safe, refused, returned) }
        while safe.count < Self.window, let event = try connection.nextEvent() {
            switch event {
            case .confirmed(let number, let upTo):
                let settled = ledger.confirm(number, upTo: upTo)
                safe += settled.safe
                again += settled.returned
            case .refused(let number, let upTo):
                let messages = ledger.refuse(number, upTo: upTo)
                refused += messages.count
                again += messages
            case .returned(let number, _):
                ledger.markReturned(number)
                returned += 1
                queueIsGone = true
            case .blocked(let reason):
                isBlocked = true
                line.setBlocked(reason)
            case .unblocked:
                isBlocked = false
                line.setBlocked(nil)
            case .depth(let queue, let messages, let consumers): line.noteDepth(queue, messages, consumers)
            case .delivered, .oversized, .consumerCancelled: break
            }
        }
    }

    private mutating func note(_ safe: [Message], _ refused: Int, _ returned: Int) {
        publisher.settle(safe, isSafe: true)
        if refused + returned + safe.count > 0 { lastAnswer = Clock.monotonicNanoseconds() }
        if refused > 0 {
            restsUntil = Clock.monotonicNanoseconds() + rest
            rest = min(2 * rest, Self.longestRest)
            line.complain(.fullQueue, "the queue is full; messages wait here and are offered again")
        } else if !safe.isEmpty {
            rest = Self.shortestRest
        }
        guard refused + returned + safe.count > 0 else { return }
        line.update { state in
            state.confirmed += safe.count
            state.refused += refused
            state.returned += returned
        }
    }
}
