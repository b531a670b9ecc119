/// A bounded queue between two roles, at-least-once; an implementation is chosen by the wiring alone.
///
/// No call waits: a full queue accepts less, an empty one gives nothing, and a handler tells when there is more. So event
/// loops and blocking threads use it alike.
package protocol MessageQueue<Message>: Sendable {
    associatedtype Message: Sendable

    /// Appends as many of `messages` as fit, from the front, and returns how many that were.
    func offer(_ messages: [Message]) -> Int

    /// Takes up to `limit` messages in order; each must be acknowledged or handed back.
    func take(atMost limit: Int) -> [Delivery<Message>]

    /// Says that these are dealt with for good.
    func acknowledge(_ tags: [UInt64])

    /// Hands these back; they are delivered again, before newer ones.
    func handBack(_ tags: [UInt64])

    /// Calls `handler` on any thread whenever messages come to an empty queue; one handler a queue.
    func onArrival(_ handler: @escaping @Sendable () -> Void)

    /// Calls `handler` on any thread with messages that were accepted once they are as safe as this queue keeps them: until
    /// then whoever offered them must be able to offer them again. One handler a queue.
    func onSafe(_ handler: @escaping @Sendable ([Message]) -> Void)

    /// How many wait, not counting those taken and not acknowledged.
    var count: Int { get }

    /// The most that wait.
    var capacity: Int { get }
}

extension MessageQueue {
    /// For queues that nobody asks: the handler is never called.
    package func onSafe(_ handler: @escaping @Sendable ([Message]) -> Void) {}
}

/// One message with the tag that acknowledges it.
package struct Delivery<Message: Sendable>: Sendable {
    package let message: Message
    package let tag: UInt64

    package init(message: Message, tag: UInt64) {
        self.message = message
        self.tag = tag
    }
}
