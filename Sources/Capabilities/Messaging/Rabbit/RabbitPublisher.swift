import AMQP
import Log
import Posix
import Synchronization

/// The end of a queue that publishes: keeps every message until the broker has confirmed it.
///
/// What a lost connection left unconfirmed is published again, before newer messages: the broker may have it twice.
final class RabbitPublisher<Message: WireMessage>: Sendable {
    private struct Shared {
        /// Accepted and not given to the thread so far.
        var outbox = Ring<Message>()
        /// Given to the thread and not confirmed.
        var underway = 0
        var onSafe: (@Sendable ([Message]) -> Void)?
    }

    let line: RabbitLine
    private let shared = Mutex(Shared())
    private var capacity: Int { line.settings.capacity }

    init(_ settings: RabbitSettings, log: Log) throws(PosixError) {
        line = try RabbitLine(settings, role: "publisher", log: log)
    }

    /// Starts the thread; it lives until the line is closed.
    func start() {
        Thread.start(named: "amqp-out") { [self] in
            var session = PublishingSession(publisher: self)
            line.run(isDone: { [self] in count == 0 }) { connection throws(AMQPError) in
                try session.run(connection)
            }
        }
    }

    /// Accepted from us and not confirmed.
    var count: Int { shared.withLock { $0.outbox.count + $0.underway } }

    func offer(_ messages: [Message]) -> Int {
        guard !messages.isEmpty, line.deadline == nil else { return 0 }
        let accepted = shared.withLock { shared in
            let accepted = max(0, min(messages.count, capacity - shared.outbox.count - shared.underway))
            for message in messages.prefix(accepted) { shared.outbox.append(message) }
            return accepted
        }
        if accepted > 0 { line.waker.wake() }
        return accepted
    }

    func onSafe(_ handler: @escaping @Sendable ([Message]) -> Void) {
        shared.withLock { $0.onSafe = handler }
    }

    /// The next messages to publish, for the thread.
    func take(atMost limit: Int) -> [Message] {
        shared.withLock { shared in
            var messages: [Message] = []
            while messages.count < limit, let message = shared.outbox.popFirst() { messages.append(message) }
            shared.underway += messages.count
            return messages
        }
    }

    /// Says that these need no more care; `isSafe` unless they were dropped.
    func settle(_ messages: [Message], isSafe: Bool) {
        guard !messages.isEmpty else { return }
        let handler = shared.withLock { shared in
            shared.underway -= messages.count
            return isSafe ? shared.onSafe : nil
        }
        handler?(messages)
    }
}
