import AMQP
import Log
import Messaging
import Model
import Posix
import Synchronization

/// Makes this process's ends of queues at a broker.
struct BrokerQueues: Sendable {
    /// What a broker hands to a recorder before it acknowledges: some batches.
    private static let resultPrefetch = 5000
    private static let finishesName = "ppalette.ends"
    /// Messages of some seconds; what is older nobody waits for.
    private static let finishesLimit = 1000

    let settings: Settings
    let server: AMQPServer
    let log: Log
    let ends: EndList
    let office: TicketOffice

    private var roles: Set<Settings.Role> { Set(settings.roles) }

    func results() throws(PosixError) -> any MessageQueue<Outcome> {
        var used: RabbitEnds = []
        if roles.contains(.worker) { used.insert(.publishing) }
        if roles.contains(.recorder) { used.insert(.consuming) }
        return try queue(
            "ppalette.results", Outcome.self, used, prefetch: Self.resultPrefetch,
            limit: NodeQueues.resultCapacity,
            zone: nil)
    }

    /// Sends word of runs that are over.
    func finishes() throws(PosixError) -> any MessageQueue<RunEnds> {
        try queue(
            Self.finishesName, RunEnds.self, roles.contains(.recorder) ? .publishing : [], prefetch: 1,
            limit: Self.finishesLimit, zone: nil, keepsNewest: true)
    }

    /// Takes that word; ends with the last reference to it.
    func hearing() throws(PosixError) -> any MessageQueue<RunEnds> {
        var choice = RabbitSettings(
            server: server, queue: Self.finishesName, ends: .consuming, prefetch: 100,
            limit: Self.finishesLimit)
        choice.keepsNewest = true
        return try RabbitQueue<RunEnds>(choice, log: log.part("queue"))
    }

    /// The job queues of a zone, the main one having the empty name.
    func jobs(zone: String) throws(PosixError) -> JobQueues {
        JobQueues(
            builtin: try jobs(zone, "builtin", prefetch: 2000),
            local: try jobs(zone, "local", prefetch: min(2 * settings.worker.concurrency, 65_535)),
            ssh: try jobs(zone, "ssh", prefetch: 1000), discovery: try jobs(zone, "discovery", prefetch: 16))
    }

    private func jobs(
        _ zone: String, _ kind: String, prefetch: Int
    ) throws(PosixError) -> any MessageQueue<Job> {
        var used: RabbitEnds = []
        // A person who asks for a run through the API queues a job, too.
        if roles.contains(.scheduler) || roles.contains(.api) { used.insert(.publishing) }
        let isServed = settings.worker.zones.contains { HostZones.effective($0, inherited: "") == zone }
        if roles.contains(.worker), isServed { used.insert(.consuming) }
        let place = zone.isEmpty ? "ppalette.jobs" : "ppalette.zone.\(zone)"
        return TicketedQueue(
            queue: try queue(
                "\(place).\(kind)", Job.self, used, prefetch: prefetch, limit: settings.jobQueueSize,
                zone: zone), office: office)
    }

    private func queue<Message: WireMessage>(
        _ name: String, _ message: Message.Type, _ used: RabbitEnds, prefetch: Int, limit: Int, zone: String?,
        keepsNewest: Bool = false
    ) throws(PosixError) -> any MessageQueue<Message> {
        var choice = RabbitSettings(
            server: server, queue: name, ends: used, capacity: settings.jobQueueSize, prefetch: prefetch,
            limit: limit)
        choice.keepsNewest = keepsNewest
        let queue = try RabbitQueue<Message>(choice, log: log.part("queue"))
        ends.add(
            EndList.Ends(
                name: name, zone: zone, waiting: { queue.count }, capacity: queue.capacity,
                states: { [queue.publishing, queue.consuming].compactMap { $0 } },
                beginClosing: { queue.beginClosing(within: $0) },
                close: { limit in
                    let left = queue.close(within: limit)
                    // Nobody misses what gives way to newer messages.
                    return keepsNewest ? 0 : left
                }))
        return queue
    }
}

/// All queues of this process at a broker; those of zones come later.
final class EndList: Sendable {
    /// One queue, whatever it carries.
    struct Ends: Sendable {
        let name: String
        /// The zone whose jobs it carries; nil for results.
        let zone: String?
        /// Messages that wait here and at the broker.
        let waiting: @Sendable () -> Int
        let capacity: Int
        let states: @Sendable () -> [RabbitState]
        let beginClosing: @Sendable (Duration) -> Void
        /// Sends what waits and returns how many messages the broker has not confirmed; blocks.
        let close: @Sendable (Duration) -> Int
    }

    private let list = Mutex<[Ends]>([])

    func add(_ ends: Ends) { list.withLock { $0.append(ends) } }

    var all: [Ends] { list.withLock { $0 } }

    /// Zones of which a queue has no consumer in any process, as the broker said lately.
    var zonesWithoutConsumer: Set<String> {
        Set(all.filter { end in end.states().contains { $0.consumers == 0 } }.compactMap(\.zone))
    }
}
