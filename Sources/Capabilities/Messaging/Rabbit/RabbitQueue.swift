package import Log
package import Posix

/// A queue at a broker, for roles in different processes; no call waits for the broker.
///
/// What is offered waits here, bounded, until the broker has confirmed it, and is published again when a connection is
/// lost: at least once. While the broker is away or its queue is full, less and less is accepted. What is taken comes
/// again, to us or to another process, unless it is acknowledged on the connection that it came by.
package final class RabbitQueue<Message: WireMessage>: MessageQueue {
    private let settings: RabbitSettings
    private let publisher: RabbitPublisher<Message>?
    private let consumer: RabbitConsumer<Message>?

    /// Starts the threads of the ends in use; they connect by themselves, again and again.
    package init(_ settings: RabbitSettings, log: Log) throws(PosixError) {
        self.settings = settings
        publisher = settings.ends.contains(.publishing) ? try RabbitPublisher(settings, log: log) : nil
        consumer = settings.ends.contains(.consuming) ? try RabbitConsumer(settings, log: log) : nil
        publisher?.start()
        consumer?.start()
    }

    /// Ends the threads; what is not confirmed is lost, see ``close(within:)``.
    deinit {
        for line in lines { line.beginClosing(within: .zero) }
    }

    private var lines: [RabbitLine] { [publisher?.line, consumer?.line].compactMap { $0 } }

    package var capacity: Int { settings.capacity }

    /// What waits here and, as the broker said some seconds ago, there.
    package var count: Int {
        let here = (publisher?.count ?? 0) + (consumer?.count ?? 0)
        return here + (lines.lazy.compactMap(\.current.depth).first ?? 0)
    }

    /// How publishing goes; nil when this process does not.
    package var publishing: RabbitState? {
        guard let publisher else { return nil }
        var state = publisher.line.current
        state.unconfirmed = publisher.count
        return state
    }

    /// How consuming goes; nil when this process does not.
    package var consuming: RabbitState? { consumer?.line.current }

    /// What is wrong, in a sentence; nil when all is well.
    package var trouble: String? { lines.lazy.compactMap(\.current.trouble).first }

    /// Accepts nothing unless this process publishes, and nothing after closing.
    package func offer(_ messages: [Message]) -> Int { publisher?.offer(messages) ?? 0 }

    package func take(atMost limit: Int) -> [Delivery<Message>] { consumer?.take(atMost: limit) ?? [] }

    package func acknowledge(_ tags: [UInt64]) { consumer?.acknowledge(tags) }

    package func handBack(_ tags: [UInt64]) { consumer?.handBack(tags) }

    package func onArrival(_ handler: @escaping @Sendable () -> Void) { consumer?.onArrival(handler) }

    /// Calls `handler`, on the publishing thread, with messages that the broker has confirmed.
    package func onSafe(_ handler: @escaping @Sendable ([Message]) -> Void) { publisher?.onSafe(handler) }

    /// Begins what ``close(within:)`` waits for, so that many queues close at the same time.
    package func beginClosing(within limit: Duration) {
        for line in lines { line.beginClosing(within: limit) }
    }

    /// Accepts nothing more, sends what waits and what is acknowledged, and returns how many messages the broker has not
    /// confirmed at the end of `limit`; what was taken and not acknowledged goes back to the broker.
    ///
    /// Blocks this thread.
    package func close(within limit: Duration) -> Int {
        beginClosing(within: limit)
        for line in lines { _ = line.waitForEnd() }
        return publisher?.count ?? 0
    }
}
