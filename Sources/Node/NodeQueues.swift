import AMQP
import API
import Execution
import Log
import Messaging
import Model
import Posix

/// The queues of this process, in memory or at a broker.
struct NodeQueues: Sendable {
    /// Results that may wait for the recorder before the worker holds them back.
    static let resultCapacity = 200_000

    let jobs: JobQueues
    let results: any MessageQueue<Outcome>
    /// The ends at a broker; empty for queues in memory.
    let ends: EndList
    /// Whether other processes use the same queues.
    let isShared: Bool
    /// Signs jobs and knows results again; nil for queues in memory.
    let office: TicketOffice?
    /// Tells of runs that are over; nil for queues in memory.
    let finishes: (any MessageQueue<RunEnds>)?
    /// Makes the end that hears of them; nil when it cannot be made now.
    let hearing: @Sendable () -> (any MessageQueue<RunEnds>)?
    private let unserved: @Sendable () -> Set<String>

    /// Queues in memory for a process with all roles.
    static func local(_ settings: Settings) -> NodeQueues {
        let served = Set(settings.worker.zones.map { HostZones.effective($0, inherited: "") })
        let jobs = JobQueues.local(capacity: settings.jobQueueSize)
        return NodeQueues(
            jobs: jobs, results: LocalQueue(capacity: resultCapacity), ends: EndList(),
            isShared: false, office: nil, finishes: nil, hearing: { nil },
            unserved: { Set([""] + (jobs.zones?.all.keys.map { $0 } ?? [])).subtracting(served) })
    }

    /// Queues at `server`, each with the ends that the roles of this process use.
    static func shared(
        _ settings: Settings, _ server: AMQPServer, _ log: Log
    ) throws(StartFailure) -> NodeQueues {
        let ends = EndList()
        let office = TicketOffice()
        let broker = BrokerQueues(settings: settings, server: server, log: log, ends: ends, office: office)
        do throws(PosixError) {
            let results = try broker.results()
            var jobs = try broker.jobs(zone: "")
            jobs.zones = ZoneQueues { zone in
                do throws(PosixError) {
                    return try broker.jobs(zone: zone)
                } catch {
                    log.error("no queues for zone \(zone): \(error)")
                    return nil
                }
            }
            return NodeQueues(
                jobs: jobs, results: results, ends: ends, isShared: true, office: office,
                finishes: try broker.finishes(),
                hearing: {
                    do throws(PosixError) {
                        return try broker.hearing()
                    } catch {
                        log.error("it is not heard which runs are over: \(error)")
                        return nil
                    }
                },
                unserved: { ends.zonesWithoutConsumer })
        } catch {
            throw StartFailure("\(error)")
        }
    }

    /// Zones that jobs go to and nobody takes them from, by name.
    var zonesWithoutWorker: [String] { unserved().map { $0.isEmpty ? HostZones.main : $0 }.sorted() }

    /// Queue by queue, what waits.
    var states: [QueueState] {
        guard isShared else {
            return jobs.states(zone: HostZones.main) + zoneStates + [results.state("results")]
        }
        return ends.all.map { end in
            let states = end.states()
            return QueueState(
                name: end.name, zone: end.zone.map { $0.isEmpty ? HostZones.main : $0 },
                waiting: end.waiting(),
                capacity: end.capacity, consumers: states.lazy.compactMap(\.consumers).first,
                deadLetters: states.lazy.compactMap(\.deadLetters).max() ?? 0,
                trouble: states.lazy.compactMap(\.trouble).first)
        }.sorted { ($0.zone ?? "", $0.name) < ($1.zone ?? "", $1.name) }
    }

    private var zoneStates: [QueueState] {
        (jobs.zones?.all ?? [:]).sorted { $0.key < $1.key }.flatMap { $1.states(zone: $0) }
    }

    /// What is wrong with the broker, in a sentence; nil when all is well.
    var trouble: String? {
        for end in ends.all {
            if let trouble = end.states().lazy.compactMap(\.trouble).first { return trouble }
        }
        return nil
    }

    /// Messages at the broker that nobody could read.
    var deadLetters: Int {
        ends.all.reduce(0) { sum, end in sum + (end.states().lazy.compactMap(\.deadLetters).max() ?? 0) }
    }

    /// Sends what waits; returns how many messages the broker did not confirm in time.
    func close(within limit: Duration) async -> Int {
        // All at once: waiting blocks threads of the pool, which has as many as there are cores.
        for end in ends.all { end.beginClosing(limit) }
        return await withTaskGroup(of: Int.self) { group in
            for end in ends.all { group.addTask { end.close(limit) } }
            var left = 0
            for await count in group { left += count }
            return left
        }
    }
}

extension JobQueues {
    fileprivate func states(zone: String) -> [QueueState] {
        Plugin.Runner.allCases.map { self[$0].state("jobs.\($0.rawValue)", zone: zone) } + [
            discovery.state("jobs.discovery", zone: zone)
        ]
    }
}

extension MessageQueue {
    fileprivate func state(_ name: String, zone: String? = nil) -> QueueState {
        QueueState(name: name, zone: zone, waiting: count, capacity: capacity)
    }
}
