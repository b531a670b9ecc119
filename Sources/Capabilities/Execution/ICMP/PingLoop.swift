package import ICMP
package import Model
package import Names
package import Posix
import Synchronization

/// The executors that ping, on an event loop of their own, and the way there and back.
///
/// Sending and receiving echoes can fill a core, so that it is not done where checks are scheduled. Jobs and results
/// cross in batches. A check begins when its echo can be sent soon: those before wait as jobs, which are small, and one
/// that waits past its deadline is told as too late.
// `@unchecked`: `executor`, `sweeps`, `waiting` and `ended` are touched on the ICMP loop only, the two handlers on the
// worker's loop only; the counters are behind a mutex.
package final class PingLoop: @unchecked Sendable {
    /// What was sent and received since the start.
    package struct Counters: Sendable {
        package fileprivate(set) var echoes = EchoLedger.Counters()
        /// Messages that the kernel dropped because our receive buffer was full.
        package fileprivate(set) var dropped: UInt64 = 0
    }

    /// What the executors are made with.
    package struct Parts: Sendable {
        package let sockets: ICMPSockets
        package let worker: String
        /// The values of `$USERn$` by the names `USERn`.
        package var userMacros: [String: String] = [:]
        package var limits = Sweeper.Limits()
        /// Called once, on the ICMP loop; without a resolver, targets after `-H` must be addresses.
        package var resolver: @Sendable () -> Resolver? = { nil }

        package init(sockets: ICMPSockets, worker: String) {
            self.sockets = sockets
            self.worker = worker
        }
    }

    /// No check is begun while this many echoes wait to be sent: what is begun stays in the processor's cache.
    private static let enoughEchoes = 256
    /// Results that cross together, and how long the first of them waits for others.
    private static let batchSize = 256
    private static let gathering: Int64 = 2_000_000

    private let core: EventLoop
    private let loop: EventLoop
    private let worker: String
    private var pinger: Pinger?
    private var executor: ICMPExecutor?
    private var sweeps: DiscoveryExecutor?
    private var waiting = JobLine()
    private var ended: [CheckResult] = []
    private var isSendPlanned = false
    private let lastCounters = Mutex(Counters())
    fileprivate var onResults: (([CheckResult]) -> Void)?
    fileprivate var onSweep: ((DiscoveryResult) -> Void)?

    private init(core: EventLoop, loop: EventLoop, worker: String) {
        self.core = core
        self.loop = loop
        self.worker = worker
    }

    /// Makes the executors on `loop`, for a worker on `core`; throws when the sockets cannot be watched.
    package static func start(
        on loop: EventLoop, for core: EventLoop, _ parts: Parts
    ) async throws(PosixError) -> PingLoop {
        let made = PingLoop(core: core, loop: loop, worker: parts.worker)
        let result = await withCheckedContinuation {
            (waiter: CheckedContinuation<Result<Void, PosixError>, Never>) in
            loop.post {
                waiter.resume(returning: Result { () throws(PosixError) in try made.make(parts) })
            }
        }
        try result.get()
        return made
    }

    /// What has been done; a moment old.
    package var counters: Counters { lastCounters.withLock { $0 } }

    private func make(_ parts: Parts) throws(PosixError) {
        let reactor = loop.reactor
        let pinger = try Pinger(reactor: reactor, sockets: parts.sockets)
        let resolver = parts.resolver()
        self.pinger = pinger
        executor = ICMPExecutor(
            reactor: reactor, pinger: pinger, worker: parts.worker, resolver: resolver,
            userMacros: parts.userMacros, onResult: { [weak self] in self?.deliver($0) })
        sweeps = DiscoveryExecutor(
            reactor: reactor, pinger: pinger, resolver: resolver, limits: parts.limits,
            onResult: { [weak self] in self?.deliver($0) })
        pinger.afterSending = { [weak self] in self?.begin() }
        reactor.beforeWaiting { [weak self] in self?.publish() }
    }

    fileprivate func submit(_ jobs: [CheckJob]) {
        loop.post {
            self.waiting.append(jobs)
            self.begin()
        }
    }

    fileprivate func submit(_ sweep: DiscoveryJob) {
        loop.post { self.sweeps?.start(sweep) }
    }

    /// Begins checks until enough echoes wait; all of them when the kernel has no room, which may be for one target only.
    private func begin() {
        guard !waiting.isEmpty, let pinger, let executor else { return }
        let now = Timestamp.current()
        while pinger.queued < Self.enoughEchoes || pinger.isShortOfRoom, let job = waiting.popFirst() {
            if now <= job.deadline {
                executor.start(job)
            } else {
                deliver(
                    CheckResult(
                        of: job, started: now, ended: now, ending: .late(by: now - job.due), worker: worker))
            }
        }
    }

    fileprivate func stopChecks(within grace: Duration) {
        loop.post {
            // They have been taken, so that they have their time as well.
            while let job = self.waiting.popFirst() { self.executor?.start(job) }
            self.executor?.stop(within: grace)
        }
    }

    fileprivate func stopSweeps(within grace: Duration) {
        loop.post { self.sweeps?.stop(within: grace) }
    }

    private func deliver(_ result: CheckResult) {
        ended.append(result)
        if ended.count >= Self.batchSize { send() }
        guard !isSendPlanned, !ended.isEmpty else { return }
        isSendPlanned = true
        loop.reactor.schedule(at: Clock.monotonicNanoseconds() + Self.gathering) {
            self.isSendPlanned = false
            self.send()
        }
    }

    private func deliver(_ part: DiscoveryResult) {
        core.post { self.onSweep?(part) }
    }

    private func send() {
        guard !ended.isEmpty else { return }
        // Who hears of a result must find it counted.
        publish()
        let results = ended
        ended = []
        ended.reserveCapacity(Self.batchSize)
        core.post { self.onResults?(results) }
    }

    private func publish() {
        guard let pinger else { return }
        let now = Counters(echoes: pinger.counters, dropped: pinger.dropped)
        lastCounters.withLock { $0 = now }
    }
}

/// The face of ICMP checks on the worker's loop.
package final class PingFront: JobExecutor {
    private let core: EventLoop
    private let pings: PingLoop
    private var outbox: [CheckJob] = []
    private var isFlushPlanned = false
    package private(set) var inFlight = 0

    /// Makes the only face of `pings`, on the loop `core`, where `results` is called.
    package init(_ pings: PingLoop, core: EventLoop, results: @escaping ResultHandler) {
        self.core = core
        self.pings = pings
        pings.onResults = { [weak self] batch in
            self?.inFlight -= batch.count
            for result in batch { results(result) }
        }
    }

    package func start(_ job: CheckJob) {
        inFlight += 1
        outbox.append(job)
        guard !isFlushPlanned else { return }
        isFlushPlanned = true
        // As a timer, since what is posted to a loop must not refer to what lives on it.
        core.reactor.schedule(at: 0) { [weak self] in self?.flush() }
    }

    package func stop(within grace: Duration) {
        flush()
        pings.stopChecks(within: grace)
    }

    private func flush() {
        isFlushPlanned = false
        guard !outbox.isEmpty else { return }
        pings.submit(outbox)
        outbox = []
    }
}

/// The face of sweeps on the worker's loop.
package final class SweepFront {
    private let pings: PingLoop
    /// Sweeps begun and not told as finished.
    package private(set) var inFlight = 0

    /// Makes the only face of the sweeps of `pings`; `results` is called on the worker's loop.
    package init(_ pings: PingLoop, results: @escaping DiscoveryExecutor.Handler) {
        self.pings = pings
        pings.onSweep = { [weak self] part in
            if part.isFinished { self?.inFlight -= 1 }
            results(part)
        }
    }

    /// Starts a round; what comes of it is told soon.
    package func start(_ job: DiscoveryJob) {
        inFlight += 1
        pings.submit(job)
    }

    /// Ends every round within `grace`; what is cut off is told as finished, with a failure.
    package func stop(within grace: Duration) { pings.stopSweeps(within: grace) }
}

/// Jobs that wait to be begun, first in, first out.
private struct JobLine {
    private var jobs: [CheckJob?] = []
    private var head = 0

    var isEmpty: Bool { head == jobs.count }

    mutating func append(_ more: [CheckJob]) {
        if head > jobs.count / 2 {
            jobs.removeFirst(head)
            head = 0
        }
        jobs.append(contentsOf: more.lazy.map(Optional.some))
    }

    mutating func popFirst() -> CheckJob? {
        guard head < jobs.count else { return nil }
        defer { head += 1 }
        return jobs[head].take()
    }
}
