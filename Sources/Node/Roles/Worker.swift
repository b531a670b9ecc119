import API
import Execution
import ICMP
import Log
import Messaging
import Model
import Posix
import Statistics

/// Takes jobs as places get free, gives them to their executors and hands results on; lives on the core loop.
actor Worker {
    /// Results that wait for a full result queue; beyond this no job is taken.
    private static let unsentLimit = 50_000
    /// Nanoseconds until a full result queue is tried again.
    private static let retryDelay: Int64 = 20_000_000

    /// One kind of job: where it comes from, who does it and how many at once.
    private struct Lane {
        let queue: any MessageQueue<Job>
        let executor: any JobExecutor
        let limit: Int
    }

    private struct RunKey: Hashable {
        let check: CheckID
        let due: Timestamp
        /// A worker of two zones may be asked for both.
        let observer: String?
    }

    private let loop: EventLoop
    private let name: String
    private let queues: JobQueues
    /// The zones that it serves, the main one having the empty name.
    private let zones: [String]
    /// Addresses of which one at least is always reached.
    private let referenceTargets: [String]
    private let results: any MessageQueue<Outcome>
    private let onFinished: @Sendable ([CheckResult]) -> Void
    /// Whether a job is acknowledged only when a broker has its result for good.
    private let waitsForSafety: Bool
    private let log: Log
    private var lanes: [Lane] = []
    private var executors: [any JobExecutor] = []
    private var sweeps: [any MessageQueue<Job>] = []
    private var discovery: SweepFront?
    private var counts: (() -> ExecutorCounts)?
    private var tags: [RunKey: (queue: any MessageQueue<Job>, tag: UInt64)] = [:]
    private var ended: [CheckResult] = []
    private var unsent: [Outcome] = []
    /// Nil without reference targets.
    private var references: ReferenceWatch?
    private var isFlushPosted = false
    private var isStopping = false
    private(set) var tally = WorkerTally(now: Duration.monotonic)

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The loop lives as long as the actor that holds it.
        unsafe loop.asUnownedSerialExecutor()
    }

    /// `onFinished` is called on the loop with the results of each batch.
    init(
        loop: EventLoop, name: String, queues: JobQueues, zones: [String] = [""],
        referenceTargets: [String] = [],
        results: any MessageQueue<Outcome>,
        waitsForSafety: Bool = false, log: Log, onFinished: @escaping @Sendable ([CheckResult]) -> Void
    ) {
        self.loop = loop
        self.name = name
        self.queues = queues
        self.zones = zones
        self.referenceTargets = referenceTargets
        self.results = results
        self.waitsForSafety = waitsForSafety
        self.log = log
        self.onFinished = onFinished
    }

    /// Makes the executors on the loop and begins to take jobs.
    func start(_ maker: ExecutorMaker) throws(StartFailure) {
        let sinks = ExecutorSinks(
            check: { [weak self] result in self?.assumeIsolated { $0.take(result) } },
            discovery: { [weak self] result in self?.assumeIsolated { $0.send([.discovery(result)]) } })
        let executors = try maker.make(on: loop, sinks)
        discovery = executors.discovery
        counts = executors.counts
        watchReferences(executors)
        let served = zones.compactMap { queues.inZone($0) }
        self.executors = Plugin.Runner.allCases.compactMap { executors.byRunner[$0]?.executor }
        lanes = served.flatMap { queues in
            Plugin.Runner.allCases.compactMap { runner in
                executors.byRunner[runner].map {
                    Lane(queue: queues[runner], executor: $0.executor, limit: $0.limit)
                }
            }
        }
        sweeps = served.map(\.discovery)
        for index in lanes.indices {
            lanes[index].queue.onArrival { [weak self, loop] in
                loop.post { [weak self] in self?.assumeIsolated { $0.pump(index) } }
            }
        }
        if waitsForSafety {
            results.onSafe { [weak self, loop] outcomes in
                let safe = outcomes.compactMap(\.result)
                guard !safe.isEmpty else { return }
                loop.post { [weak self] in self?.assumeIsolated { $0.acknowledge(safe) } }
            }
        }
        for queue in sweeps {
            queue.onArrival { [weak self, loop] in
                loop.post { [weak self] in self?.assumeIsolated { $0.pumpDiscovery() } }
            }
        }
    }

    private func watchReferences(_ executors: Executors) {
        guard !referenceTargets.isEmpty, let pings = executors.byRunner[.builtin]?.executor else { return }
        let reactor = loop.reactor
        let watch = ReferenceWatch(
            targets: referenceTargets, executor: pings, schedule: { reactor.schedule(at: $0, handler: $1) },
            release: { [weak self] results in self?.assumeIsolated { worker in results.forEach(worker.pass) }
            })
        references = watch
        watch.start()
    }

    /// Checks running now.
    var inFlight: Int { executors.reduce(0) { $0 + $1.inFlight } }

    /// Takes no further job, ends what runs within `grace` and hands every result on.
    func stop(within grace: Duration) async {
        isStopping = true
        for executor in executors { executor.stop(within: grace) }
        stopSweeps()
        references?.stop()
        let end = Clock.monotonicNanoseconds() + grace.nanoseconds + 500_000_000
        while inFlight > 0 || sweeping > 0 || !ended.isEmpty || !unsent.isEmpty,
            Clock.monotonicNanoseconds() < end
        {
            flush()
            try? await Task.sleep(for: .milliseconds(10))  // Cancelled: the loop ends at its deadline.
        }
        if inFlight > 0 { log.warning("\(inFlight) checks did not end in time; they are abandoned") }
    }

    private var sweeping: Int { discovery?.inFlight ?? 0 }

    /// Ends the sweeps at once: they can be begun again, and each must be told as over.
    private func stopSweeps() {
        discovery?.stop(within: .zero)
        // Those that wait at a broker are for other workers.
        guard !waitsForSafety else { return }
        for queue in sweeps {
            for delivery in queue.take(atMost: queue.count) {
                refuse(delivery)
                queue.acknowledge([delivery.tag])
            }
        }
    }

    private func refuse(_ delivery: Delivery<Job>) {
        if case .discovery(let job) = delivery.message {
            let never = DiscoveryResult(
                id: job.id, scanned: 0, total: 0, responders: [], isFinished: true,
                failure: "the engine was stopped before the sweep began", assignment: job.assignment)
            send([.discovery(never)])
        }
    }

    /// What happened since the last report.
    func report(at now: Timestamp, version: String, heartbeat: Int, address: String) -> WorkerReport {
        let (beat, residentBytes, cpu) = tally.beat(now: Duration.monotonic)
        return WorkerReport(
            name: name, sentAt: now, version: version, address: address, heartbeat: heartbeat,
            workerCount: executors.count, workerAlive: executors.count, inFlight: inFlight,
            inputQueueSize: zones.reduce(0) { $0 + (queues.inZone($1)?.count ?? 0) },
            throughput: beat.throughput, latencyMilliseconds: beat.latencyMilliseconds,
            executionMilliseconds: beat.executionMilliseconds, ramUsed: residentBytes, cpu: cpu,
            condition: references?.isIsolated == true ? .isolated : .working)
    }

    /// What the executors have counted; nil before the start.
    var executorCounts: ExecutorCounts? { counts?() }

    func health() -> Health.Part {
        if references?.isIsolated == true {
            let targets = referenceTargets.joined(separator: ", ")
            return Health.Part(
                name: "worker", level: .error,
                detail:
                    "it is isolated: none of its reference targets answers (\(targets)); its alarms are not told"
            )
        }
        if let trouble = references?.trouble {
            return Health.Part(
                name: "worker", level: .warning, detail: "its reference targets cannot be asked: \(trouble)")
        }
        guard unsent.isEmpty else {
            return Health.Part(
                name: "worker", level: .warning, detail: "\(unsent.count) results wait for the recorder")
        }
        guard tally.troubled == 0 else {
            return Health.Part(
                name: "worker", level: .warning,
                detail:
                    "\(tally.troubled) checks could not be run lately for want of descriptors, processes or sockets; "
                    + "their output says which")
        }
        if let warm = executorCounts?.plugins.warm, warm.refusals > 0, let refusal = warm.refusal {
            return Health.Part(name: "worker", level: .warning, detail: refusal)
        }
        return Health.Part(name: "worker", level: .ok)
    }

    private func pump(_ index: Int) {
        let lane = lanes[index]
        while !isStopping, unsent.count + (references?.count ?? 0) < Self.unsentLimit {
            let free = lane.limit - lane.executor.inFlight
            guard free > 0 else { return }
            let deliveries = lane.queue.take(atMost: min(free, 256))
            guard !deliveries.isEmpty else { return }
            let now = Timestamp.now
            for delivery in deliveries { start(delivery, in: lane, at: now) }
        }
    }

    private func start(_ delivery: Delivery<Job>, in lane: Lane, at now: Timestamp) {
        guard case .check(let job) = delivery.message else {
            lane.queue.acknowledge([delivery.tag])
            return
        }
        let key = RunKey(check: job.check, due: job.due, observer: job.assignment.observer)
        let isRunning = tags.updateValue((lane.queue, delivery.tag), forKey: key) != nil
        // A broker that was lost and found delivers again what it has no answer for.
        guard !isRunning else { return }
        guard now <= job.deadline else {
            take(
                CheckResult(of: job, started: now, ended: now, ending: .late(by: now - job.due), worker: name)
            )
            return
        }
        lane.executor.start(job)
    }

    private func pumpDiscovery() {
        guard !isStopping, let discovery else { return }
        for queue in sweeps {
            for delivery in queue.take(atMost: 16) {
                if case .discovery(let job) = delivery.message { discovery.start(job) }
                queue.acknowledge([delivery.tag])
            }
        }
    }

    private func take(_ result: CheckResult) {
        if let references, references.take(result) { return }
        pass(result)
    }

    private func pass(_ result: CheckResult) {
        ended.append(result)
        guard !isFlushPosted else { return }
        isFlushPosted = true
        loop.post { [weak self] in self?.assumeIsolated { $0.flush() } }
    }

    private func flush() {
        isFlushPosted = false
        let batch = ended
        ended = []
        for result in batch { tally.record(result) }
        if !batch.isEmpty { onFinished(batch) }
        send(batch.map(Outcome.check))
        if !waitsForSafety { acknowledge(batch) }
        for index in lanes.indices { pump(index) }
    }

    private func acknowledge(_ batch: [CheckResult]) {
        for result in batch {
            let key = RunKey(check: result.check, due: result.due, observer: result.assignment.observer)
            guard let run = tags.removeValue(forKey: key) else { continue }
            run.queue.acknowledge([run.tag])
        }
    }

    /// Hands outcomes on in order; what a full queue refuses is kept and tried again.
    private func send(_ outcomes: [Outcome]) {
        let wasWaiting = !unsent.isEmpty
        unsent += outcomes
        guard !unsent.isEmpty else { return }
        unsent.removeFirst(results.offer(unsent))
        guard !unsent.isEmpty, !wasWaiting else { return }
        loop.reactor.schedule(at: Clock.monotonicNanoseconds() + Self.retryDelay) { [weak self] in
            self?.assumeIsolated { $0.retry() }
        }
    }

    private func retry() {
        let waiting = unsent
        unsent = []
        send(waiting)
        for index in lanes.indices { pump(index) }
    }
}

extension Outcome {
    /// The result, when it is that of a check.
    fileprivate var result: CheckResult? {
        guard case .check(let result) = self else { return nil }
        return result
    }
}

/// Where executors tell what came out; called on the loop.
struct ExecutorSinks {
    let check: ResultHandler
    let discovery: (DiscoveryResult) -> Void
}

/// The executors of a worker with the most that each may run at once.
struct Executors {
    var byRunner: [Plugin.Runner: (executor: any JobExecutor, limit: Int)]
    var discovery: SweepFront?
    /// What they have counted; call on the loop.
    var counts: () -> ExecutorCounts
}

/// What the executors of a worker have counted since it started.
struct ExecutorCounts: Sendable {
    let plugins: PluginCounters
    let echoes: EchoLedger.Counters
    /// Replies that the kernel dropped because our buffer was full.
    let echoesDropped: UInt64
    let ssh: SSHCounters
}

extension Duration {
    /// The monotonic clock.
    static var monotonic: Duration { .nanoseconds(Clock.monotonicNanoseconds()) }
}

extension Timestamp {
    /// The wall clock.
    static var now: Timestamp { Timestamp(microseconds: Clock.wallNanoseconds() / 1000) }
}

/// Carries a value of one loop through a call that the compiler cannot see staying on it.
// `@unchecked`: made and taken apart on the same loop.
struct Confined<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
