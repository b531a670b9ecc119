package import Log
package import Model
package import Posix
import Synchronization

/// Runs plugins on hosts over SSH; the face on the worker's loop of what happens on the SSH loop.
///
/// A handshake costs milliseconds of computing, so connections live on a loop of their own; jobs and results
/// cross in batches.
package final class SSHExecutor: JobExecutor {
    private let core: EventLoop
    private let side: SSHLoopSide
    private let results: ResultHandler
    private var outbox: [CheckJob] = []
    package private(set) var inFlight = 0

    /// Makes the executor on the loop `core`, where `results` is called; `sshLoop` must have been started.
    ///
    /// To be stopped before it is let go. `userMacros` holds the values of `$USERn$` by the names `USERn`.
    package init(
        options: SSHOptions, core: EventLoop, sshLoop: EventLoop, worker: String,
        userMacros: [String: String] = [:], log: Log, limits: SSHPool.Limits = SSHPool.Limits(),
        results: @escaping ResultHandler
    ) {
        self.core = core
        self.results = results
        side = SSHLoopSide(core: core, loop: sshLoop)
        side.executor = self
        side.start { side in
            SSHDriver(
                options: options, limits: limits, reactor: sshLoop.reactor, worker: worker,
                userMacros: userMacros, log: log.part("ssh"),
                report: { [weak side] in side?.deliver($0) }, counted: { [weak side] in side?.publish($0) })
        }
    }

    package func start(_ job: CheckJob) {
        inFlight += 1
        outbox.append(job)
        guard outbox.count == 1 else { return }
        core.post { [side] in side.executor?.flush() }
    }

    package func stop(within grace: Duration) {
        flush()
        side.stop(within: grace)
    }

    /// What has been done and what is held now; a moment old.
    package var counters: SSHCounters { side.counters }

    private func flush() {
        guard !outbox.isEmpty else { return }
        side.submit(outbox)
        outbox = []
    }

    fileprivate func take(_ batch: [CheckResult]) {
        inFlight -= batch.count
        for result in batch { results(result) }
    }
}

/// What both loops share.
// `@unchecked`: `executor` is touched on the core loop only, `driver` and `batch` on the SSH loop only; the
// counters are behind a mutex.
private final class SSHLoopSide: @unchecked Sendable {
    weak var executor: SSHExecutor?
    private let core: EventLoop
    private let loop: EventLoop
    private var driver: SSHDriver?
    private var batch: [CheckResult] = []
    private let lastCounters = Mutex(SSHCounters())

    init(core: EventLoop, loop: EventLoop) {
        self.core = core
        self.loop = loop
    }

    var counters: SSHCounters { lastCounters.withLock { $0 } }

    func start(_ make: @escaping @Sendable (SSHLoopSide) -> SSHDriver) {
        loop.post { self.driver = make(self) }
    }

    func submit(_ jobs: [CheckJob]) {
        loop.post { self.driver?.submit(jobs) }
    }

    func stop(within grace: Duration) {
        loop.post {
            self.driver?.stop(within: grace) { self.send() }
        }
    }

    /// Collects results; those of one turn of the loop cross together.
    func deliver(_ result: CheckResult) {
        batch.append(result)
        guard batch.count == 1 else { return }
        loop.post { self.send() }
    }

    private func send() {
        guard !batch.isEmpty else { return }
        let results = batch
        batch = []
        core.post { self.executor?.take(results) }
    }

    func publish(_ counters: SSHCounters) {
        lastCounters.withLock { $0 = counters }
    }
}
