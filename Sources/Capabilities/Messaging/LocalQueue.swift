import Synchronization

/// A queue in memory for roles in one process: values are handed over as they are, nothing is encoded.
///
/// What was taken and not acknowledged is remembered, so that handing back works as with a broker; all of it is lost with
/// the process, which the timetable heals at the next run.
package final class LocalQueue<Message: Sendable>: MessageQueue {
    private struct State {
        var waiting = Ring<Delivery<Message>>()
        var returned = Ring<Delivery<Message>>()
        var taken: [UInt64: Message] = [:]
        var lastTag: UInt64 = 0
        var onArrival: (@Sendable () -> Void)?
        var onSafe: (@Sendable ([Message]) -> Void)?

        var count: Int { waiting.count + returned.count }
    }

    package let capacity: Int
    private let state = Mutex(State())

    /// An empty queue in which at most `capacity` messages wait.
    package init(capacity: Int) {
        self.capacity = capacity
    }

    package var count: Int { state.withLock { $0.count } }

    package func offer(_ messages: [Message]) -> Int {
        guard !messages.isEmpty else { return 0 }
        let (accepted, handler, onSafe) = state.withLock { state in
            let wasEmpty = state.count == 0
            let accepted = max(0, min(messages.count, capacity - state.count))
            for message in messages.prefix(accepted) {
                state.lastTag += 1
                state.waiting.append(Delivery(message: message, tag: state.lastTag))
            }
            return (accepted, wasEmpty && accepted > 0 ? state.onArrival : nil, state.onSafe)
        }
        handler?()
        if let onSafe, accepted > 0 { onSafe(Array(messages.prefix(accepted))) }
        return accepted
    }

    package func take(atMost limit: Int) -> [Delivery<Message>] {
        state.withLock { state in
            var deliveries: [Delivery<Message>] = []
            deliveries.reserveCapacity(min(limit, state.count))
            while deliveries.count < limit, let next = state.returned.popFirst() ?? state.waiting.popFirst() {
                state.taken[next.tag] = next.message
                deliveries.append(next)
            }
            return deliveries
        }
    }

    package func acknowledge(_ tags: [UInt64]) {
        state.withLock { state in
            for tag in tags { state.taken[tag] = nil }
        }
    }

    package func handBack(_ tags: [UInt64]) {
        let handler = state.withLock { state in
            let wasEmpty = state.count == 0
            for tag in tags.sorted() {
                guard let message = state.taken.removeValue(forKey: tag) else { continue }
                state.returned.append(Delivery(message: message, tag: tag))
            }
            return wasEmpty && state.count > 0 ? state.onArrival : nil
        }
        handler?()
    }

    /// Called at once by ``offer(_:)``: messages live as long as this process, and no longer.
    package func onSafe(_ handler: @escaping @Sendable ([Message]) -> Void) {
        state.withLock { $0.onSafe = handler }
    }

    package func onArrival(_ handler: @escaping @Sendable () -> Void) {
        let isWaiting = state.withLock { state in
            state.onArrival = handler
            return state.count > 0
        }
        if isWaiting { handler() }
    }
}
