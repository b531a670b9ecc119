import Messaging
import Model
import Synchronization

/// Tells the scheduler that leads, wherever it is, which runs are over.
///
/// Results come to any recorder, the one beside the scheduler or another. A recorder beside the leading scheduler tells it;
/// the others send word through a queue that the leading scheduler alone takes from. What it never hears of is free again
/// at its deadline.
final class EndRelay: Sendable {
    private let scheduler: Scheduler?
    private let outgoing: any MessageQueue<RunEnds>
    private let listen: @Sendable () -> (any MessageQueue<RunEnds>)?
    /// The end that takes, while this scheduler leads.
    private let incoming = Mutex<(any MessageQueue<RunEnds>)?>(nil)

    /// `listen` makes the end that takes; nil when it cannot be made now.
    init(
        scheduler: Scheduler?, outgoing: any MessageQueue<RunEnds>,
        listen: @escaping @Sendable () -> (any MessageQueue<RunEnds>)?
    ) {
        self.scheduler = scheduler
        self.outgoing = outgoing
        self.listen = listen
    }

    /// Passes on that these runs are over.
    func tell(_ results: [CheckResult]) async {
        guard !results.isEmpty else { return }
        let ends = results.map(\.end)
        if let scheduler, await scheduler.isDriving { return await scheduler.finished(ends) }
        let parts = stride(from: 0, to: ends.count, by: RunEnds.most).map {
            RunEnds(Array(ends[$0..<min($0 + RunEnds.most, ends.count)]))
        }
        _ = outgoing.offer(parts)  // Word that does not fit is one that nobody waits for.
    }

    /// Takes word from other recorders; call when the scheduler begins to lead.
    func begin() {
        guard let scheduler else { return }
        let isNew = incoming.withLock { incoming in
            guard incoming == nil else { return false }
            incoming = listen()
            return incoming != nil
        }
        guard isNew, let queue = incoming.withLock({ $0 }) else { return }
        queue.onArrival { [weak self] in
            guard let self, let queue = incoming.withLock({ $0 }) else { return }
            scheduler.loop.post { scheduler.assumeIsolated { Self.take(from: queue, into: $0) } }
        }
    }

    /// Leaves the word to the scheduler that leads now; call when this one has stopped to.
    func end() { incoming.withLock { $0 = nil } }

    private static func take(from queue: any MessageQueue<RunEnds>, into scheduler: isolated Scheduler) {
        while true {
            let deliveries = queue.take(atMost: 16)
            guard !deliveries.isEmpty else { return }
            for delivery in deliveries { scheduler.finished(delivery.message.ends) }
            queue.acknowledge(deliveries.map(\.tag))
        }
    }
}
