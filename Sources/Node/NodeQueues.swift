import AMQP
import Execution
import Log
import Messaging
import Model
import Posix

/// The queues of this process, in memory or at a broker.
struct NodeQueues: Sendable {
    /// Results that may wait for the recorder before the worker holds them back.
    private static let resultCapacity = 200_000
    /// What a broker hands to a recorder before it acknowledges: some batches.
    private static let resultPrefetch = 5000

    let jobs: JobQueues
    let results: any MessageQueue<Outcome>
    /// The ends at a broker, results first; empty for queues in memory.
    let ends: [Ends]

    /// Whether other processes use the same queues.
    var isShared: Bool { !ends.isEmpty }

    /// One queue at a broker, whatever it carries.
    struct Ends: Sendable {
        let name: String
        let states: @Sendable () -> [RabbitState]
        /// Sends what waits and returns how many messages the broker has not confirmed; blocks.
        let close: @Sendable (Duration) -> Int
    }

    /// Queues in memory for a process with all roles.
    static func local(_ settings: Settings) -> NodeQueues {
        NodeQueues(
            jobs: .local(capacity: settings.jobQueueSize),
            results: LocalQueue(capacity: resultCapacity), ends: [])
    }

    /// Queues at `server`, each with the ends that the roles of this process use.
    static func shared(_ settings: Settings, _ server: AMQPServer, _ log: Log) throws(StartFailure)
        -> NodeQueues
    {
        let roles = Set(settings.roles)
        var ends: [Ends] = []
        func queue<Message: WireMessage>(
            _ name: String, _ message: Message.Type, publishing: Bool, consuming: Bool, prefetch: Int
        ) throws(StartFailure) -> any MessageQueue<Message> {
            var used: RabbitEnds = []
            if publishing { used.insert(.publishing) }
            if consuming { used.insert(.consuming) }
            let choice = RabbitSettings(
                server: server, queue: "ppalette." + name, ends: used, capacity: settings.jobQueueSize,
                prefetch: prefetch, limit: name == "results" ? resultCapacity : settings.jobQueueSize)
            do {
                let queue = try RabbitQueue<Message>(choice, log: log.part("queue"))
                ends.append(
                    Ends(
                        name: choice.queue,
                        states: { [queue.publishing, queue.consuming].compactMap { $0 } },
                        close: { queue.close(within: $0) }))
                return queue
            } catch {
                throw StartFailure("\(error)")
            }
        }
        let results = try queue(
            "results", Outcome.self, publishing: roles.contains(.worker),
            consuming: roles.contains(.recorder),
            prefetch: resultPrefetch)
        // A person who asks for a run through the API queues a job, too.
        let asks = roles.contains(.scheduler) || roles.contains(.api)
        let works = roles.contains(.worker)
        func jobs(_ name: String, prefetch: Int) throws(StartFailure) -> any MessageQueue<Job> {
            try queue("jobs." + name, Job.self, publishing: asks, consuming: works, prefetch: prefetch)
        }
        return NodeQueues(
            jobs: JobQueues(
                builtin: try jobs("builtin", prefetch: 2000),
                local: try jobs("local", prefetch: min(2 * settings.worker.concurrency, 65_535)),
                ssh: try jobs("ssh", prefetch: 1000), discovery: try jobs("discovery", prefetch: 16)),
            results: results, ends: ends)
    }

    /// What is wrong with the broker, in a sentence; nil when all is well.
    var trouble: String? {
        for end in ends {
            if let trouble = end.states().lazy.compactMap(\.trouble).first { return trouble }
        }
        return nil
    }

    /// Messages at the broker that nobody could read.
    var deadLetters: Int {
        ends.reduce(0) { sum, end in sum + (end.states().lazy.compactMap(\.deadLetters).max() ?? 0) }
    }

    /// Sends what waits; returns how many messages the broker did not confirm in time.
    func close(within limit: Duration) async -> Int {
        await withTaskGroup(of: Int.self) { group in
            for end in ends { group.addTask { end.close(limit) } }
            var left = 0
            for await count in group { left += count }
            return left
        }
    }
}
