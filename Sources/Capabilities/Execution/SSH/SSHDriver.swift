import Log
import Model
import Posix
import SSH

/// Runs the pool's actions on the SSH loop and tells it what came of them.
final class SSHDriver {
    let options: SSHOptions
    let reactor: Reactor
    private let worker: String
    private let userMacros: [String: String]
    private let log: Log
    private let report: ResultHandler
    private let counted: (SSHCounters) -> Void
    private var pool: SSHPool
    private var connections: [SSHPool.ConnectionID: SSHConnection] = [:]
    private var runs: [SSHPool.RunID: SSHRun] = [:]
    private var lastRun: SSHPool.RunID = 0
    private var tick: Reactor.Timer?
    private var isCarryingOn = false
    private var isStopping = false

    /// `report` takes results, `counted` the counters whenever they may have changed; both on the SSH loop.
    init(
        options: SSHOptions, limits: SSHPool.Limits, reactor: Reactor, worker: String,
        userMacros: [String: String], log: Log, report: @escaping ResultHandler,
        counted: @escaping (SSHCounters) -> Void
    ) {
        self.options = options
        self.reactor = reactor
        self.worker = worker
        self.userMacros = userMacros
        self.log = log
        self.report = report
        self.counted = counted
        pool = SSHPool(limits: limits)
    }

    static func wallTime() -> Timestamp {
        Timestamp(microseconds: Clock.wallNanoseconds() / 1000)
    }

    /// Takes jobs; each comes back as one result.
    func submit(_ jobs: [CheckJob]) {
        for job in jobs { submit(job) }
        carryOn()
    }

    private func submit(_ job: CheckJob) {
        let now = Clock.monotonicNanoseconds()
        let patience = (job.deadline - Self.wallTime()).nanoseconds
        let command: RemoteCommand
        do {
            guard !isStopping else { throw SSHSetupError(.internal(Self.stopping)) }
            guard patience > 0 else { throw SSHSetupError(.late(by: Self.wallTime() - job.due)) }
            command = try remoteCommand(for: job)
        } catch let error as SSHSetupError {
            tell(job, error.ending)
            return
        } catch {
            tell(job, .internal("\(error)"))
            return
        }
        lastRun += 1
        let host = job.host.value
        let endpoint = SSHEndpoint(
            address: host.address, port: host.port, login: host.login, identity: options.identity)
        runs[lastRun] = SSHRun(id: lastRun, job: job, endpoint: endpoint, command: command)
        pool.submit(lastRun, to: endpoint, deadline: now + patience, at: now)
    }

    private func remoteCommand(for job: CheckJob) throws -> RemoteCommand {
        let plugin = job.plugin.value
        let arguments: [String]
        do {
            arguments = try CommandTemplate(arguments: plugin.arguments)
                .expand(host: job.host.value, userMacros: userMacros)
        } catch {
            throw SSHSetupError(.internal("cannot use the arguments of \(plugin.name): \(error.description)"))
        }
        return RemoteCommand(
            path: "\(options.remotePluginPath)/\(plugin.script)", arguments: arguments,
            seconds: plugin.timeout + 1, keepsBackground: plugin.allowBackground)
    }

    /// Carries out what the pool wants until it wants no more.
    func carryOn() {
        guard !isCarryingOn else { return }
        isCarryingOn = true
        while case let actions = pool.takeActions(), !actions.isEmpty {
            for action in actions { perform(action) }
        }
        isCarryingOn = false
        counted(pool.counters)
        scheduleTick()
    }

    private func perform(_ action: SSHPool.Action) {
        switch action {
        case .connect(let id, let endpoint): connect(id, to: endpoint)
        case .open(let run, let connection):
            guard let run = runs[run] else { return }
            connections[connection]?.begin(run)
        case .fail(let run, let ending):
            if let run = runs.removeValue(forKey: run) { hasEnded(run, ending) }
        case .keepAlive(let connection): connections[connection]?.keepAlive()
        case .close(let connection):
            connections.removeValue(forKey: connection)?.drop(politely: true)
        }
    }

    private func connect(_ id: SSHPool.ConnectionID, to endpoint: SSHEndpoint) {
        let waiting = runs.values.first { $0.endpoint == endpoint }
        let names = [endpoint.address] + (waiting.map { [$0.job.host.value.name] } ?? [])
        do {
            connections[id] = try SSHConnection(id: id, endpoint: endpoint, names: names, driver: self)
        } catch {
            pool.failed(id, because: error.ending, at: Clock.monotonicNanoseconds())
        }
    }

    private func scheduleTick() {
        let now = Clock.monotonicNanoseconds()
        guard tick == nil, let next = pool.nextTick(after: now) else { return }
        tick = reactor.schedule(at: next) { [weak self] in
            guard let self else { return }
            tick = nil
            pool.tick(at: Clock.monotonicNanoseconds())
            carryOn()
        }
    }
}

/// What connections tell.
extension SSHDriver {
    func isConnected(_ connection: SSHConnection) {
        log.debug("logged in over SSH", ["host": connection.endpoint.description])
        pool.connected(connection.id, at: Clock.monotonicNanoseconds())
    }

    func hasFailed(_ connection: SSHConnection, because ending: Ending) {
        connections[connection.id] = nil
        let sentence = ending.sentence(timeout: 0) ?? "no SSH connection"
        // Results tell the rest; a changed key may be an attack, and a person has to look.
        if ending.cause == .hostKeyMismatch { log.warning(sentence) } else { log.debug(sentence) }
        pool.failed(connection.id, because: ending, at: Clock.monotonicNanoseconds())
    }

    /// The connection broke; what it had begun to run is told so, the rest is tried again.
    func isLost(_ connection: SSHConnection, cutting cut: [SSHRun], because reason: String) {
        connections[connection.id] = nil
        let sentence = "lost the SSH connection to \(connection.endpoint): \(reason)"
        log.info(sentence)
        for run in cut {
            switch run.step {
            case .opening, .waiting:
                run.step = .waiting
            case .starting:
                hasEnded(run, .unreachable("\(sentence), while a command was sent"))
                runs[run.id] = nil
            case .draining:
                hasEnded(run, run.channel?.exit.map(run.ending) ?? .unreachable(sentence))
                runs[run.id] = nil
            case .running:
                hasEnded(run, .unreachable("\(sentence), while \(run.command.path) ran"))
                runs[run.id] = nil
            case .closing, .gone:
                runs[run.id] = nil
            }
            run.channel = nil
        }
        pool.lost(connection.id, because: .unreachable(sentence), at: Clock.monotonicNanoseconds())
    }

    func isOpened(_ run: SSHRun) {
        pool.opened(run.id, at: Clock.monotonicNanoseconds())
    }

    func isRefused(_ run: SSHRun) {
        pool.refused(run.id, at: Clock.monotonicNanoseconds())
    }

    func isGone(_ run: SSHRun) {
        runs[run.id] = nil
        pool.finished(run.id, at: Clock.monotonicNanoseconds())
    }

    /// A channel does not close: no new commands on its connection.
    func isStuck(_ connection: SSHConnection) {
        pool.retire(connection.id, at: Clock.monotonicNanoseconds())
    }

    /// Tells the result of a command, once.
    func hasEnded(_ run: SSHRun, _ ending: Ending) {
        guard run.claimTelling() else { return }
        let output = PluginOutput.parse(
            standardOutput: run.output, standardError: run.errorOutput, droppedBytes: run.droppedBytes)
        tell(run.job, ending, output, started: run.started)
    }

    private func tell(
        _ job: CheckJob, _ ending: Ending,
        _ output: PluginOutput = PluginOutput(text: PluginOutput.noOutput), started: Timestamp? = nil
    ) {
        let now = Self.wallTime()
        report(
            CheckResult(
                of: job, started: started ?? now, ended: now, ending: ending, output: output, worker: worker))
    }
}

/// The end.
extension SSHDriver {
    private static var stopping: String { "engine is stopping" }

    /// Takes no more jobs, lets commands go on for `grace`, then cuts them off and calls `done`.
    func stop(within grace: Duration, done: @escaping () -> Void) {
        isStopping = true
        guard !runs.isEmpty, grace > .zero else { return cutOff(done) }
        reactor.schedule(after: min(grace, .milliseconds(50))) { [weak self] in
            self?.stop(within: grace - .milliseconds(50), done: done)
        }
    }

    private func cutOff(_ done: () -> Void) {
        for run in runs.values { hasEnded(run, .internal(Self.stopping)) }
        runs = [:]
        for connection in connections.values { connection.drop(politely: true) }
        connections = [:]
        if let tick { reactor.cancel(tick) }
        done()
    }
}
