import AMQP
import Log
import Posix
import Synchronization

/// The end of a queue that consumes: holds at most as many messages as the broker may hand out unacknowledged.
final class RabbitConsumer<Message: WireMessage>: Sendable {
    /// What the users of the queue want to be told to the broker.
    struct Wishes {
        var acknowledged: [UInt64] = []
        var handedBack: [UInt64] = []

        var isEmpty: Bool { acknowledged.isEmpty && handedBack.isEmpty }
    }

    private struct Shared {
        var inbox = Ring<Delivery<Message>>()
        var wishes = Wishes()
        var onArrival: (@Sendable () -> Void)?
    }

    let line: RabbitLine
    private let shared = Mutex(Shared())

    init(_ settings: RabbitSettings, log: Log) throws(PosixError) {
        line = try RabbitLine(settings, role: "consumer", log: log)
    }

    /// Starts the thread; it lives until the line is closed.
    func start() {
        Thread.start(named: "amqp-in") { [self] in
            var session = ConsumingSession(consumer: self)
            line.run(isDone: { true }) { connection throws(AMQPError) in try session.run(connection) }
        }
    }

    /// Messages that are here and were not taken.
    var count: Int { shared.withLock { $0.inbox.count } }

    func take(atMost limit: Int) -> [Delivery<Message>] {
        shared.withLock { shared in
            var deliveries: [Delivery<Message>] = []
            deliveries.reserveCapacity(max(0, min(limit, shared.inbox.count)))
            while deliveries.count < limit, let next = shared.inbox.popFirst() { deliveries.append(next) }
            return deliveries
        }
    }

    func acknowledge(_ tags: [UInt64]) {
        guard !tags.isEmpty else { return }
        let isDue = shared.withLock { shared in
            let before = shared.wishes.acknowledged.count
            shared.wishes.acknowledged += tags
            return before == 0 || (before < worthTelling && before + tags.count >= worthTelling)
        }
        if isDue { line.waker.wake() }
    }

    /// So many acknowledgements go to the broker at once; fewer wait for others, but not for long.
    private var worthTelling: Int { min(100, max(1, line.settings.prefetch / 4)) }

    /// Gives these back to the broker, and after them what nobody has taken here: so it keeps its order.
    func handBack(_ tags: [UInt64]) {
        guard !tags.isEmpty else { return }
        shared.withLock { shared in
            shared.wishes.handedBack += tags
            while let next = shared.inbox.popFirst() { shared.wishes.handedBack.append(next.tag) }
        }
        line.waker.wake()
    }

    func onArrival(_ handler: @escaping @Sendable () -> Void) {
        let isWaiting = shared.withLock { shared in
            shared.onArrival = handler
            return shared.inbox.count > 0
        }
        if isWaiting { handler() }
    }

    /// Puts what came into the inbox, for the thread.
    func arrive(_ deliveries: [Delivery<Message>]) {
        guard !deliveries.isEmpty else { return }
        let handler = shared.withLock { shared in
            let wasEmpty = shared.inbox.count == 0
            for delivery in deliveries { shared.inbox.append(delivery) }
            return wasEmpty ? shared.onArrival : nil
        }
        handler?()
    }

    /// Whether the broker is to be told something.
    var hasWishes: Bool { shared.withLock { !$0.wishes.isEmpty } }

    /// What to tell the broker, for the thread; nothing while it is too little, unless `all` is wanted.
    func takeWishes(all: Bool) -> Wishes {
        shared.withLock { shared in
            guard
                all || shared.wishes.acknowledged.count >= worthTelling || !shared.wishes.handedBack.isEmpty
            else { return Wishes() }
            defer { shared.wishes = Wishes() }
            return shared.wishes
        }
    }

    /// Forgets what nobody has taken: the broker of a lost connection delivers it again.
    func forget() { shared.withLock { $0.inbox = Ring() } }
}
