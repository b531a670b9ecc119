import Model
import Posix
import SSH

/// Drives one connection on the SSH loop: connects, checks the host key, logs in, runs commands side by side.
///
/// It tells its ``SSHDriver`` what happened and never asks what to do next. A connection past a deadline is
/// dropped without another call that would need the network.
final class SSHConnection {
    enum Phase {
        case connecting
        case handshaking
        case loggingIn(SSHLogin)
        case ready
        case dead
    }

    let id: SSHPool.ConnectionID
    let endpoint: SSHEndpoint
    let options: SSHOptions
    unowned let driver: SSHDriver
    let session: SSHSession
    let known: KnownKeys
    var phase = Phase.connecting
    var runs: [SSHRun] = []
    var buffer = [UInt8](repeating: 0, count: 32 * 1024)
    private var interest: Reactor.Interest = .write
    private var watchedAgent: Int32?
    private var phaseDeadline: Int64
    private var timer: (at: Int64, id: Reactor.Timer)?

    /// Begins to connect; `names` are those under which `known_hosts` may have the server.
    init(
        id: SSHPool.ConnectionID, endpoint: SSHEndpoint, names: [String], driver: SSHDriver
    ) throws(SSHSetupError) {
        self.id = id
        self.endpoint = endpoint
        self.driver = driver
        options = driver.options
        phaseDeadline = Clock.monotonicNanoseconds() + options.connectTimeout.nanoseconds
        known = try SSHSetupError.reading(options.knownHosts, names: names, port: endpoint.port)
        session = try SSHSetupError.connecting(to: endpoint, patience: options.connectTimeout)
        do {
            try driver.reactor.watch(session.descriptor, for: interest) { [weak self] in self?.isReady($0) }
        } catch {
            throw SSHSetupError(.internal(error.description))
        }
        reschedule()
    }

    /// Takes a command; its channel is opened at once.
    func begin(_ run: SSHRun) {
        run.step = .opening
        run.deadline = Clock.monotonicNanoseconds() + options.connectTimeout.nanoseconds
        runs.append(run)
        session.socketIsReady()
        pump()
    }

    /// Sends something over an idle connection.
    func keepAlive() {
        do { try session.keepAlive() } catch { lose(error.description) }
    }

    /// Drops the connection without another word to the pool.
    func drop(politely: Bool = false) {
        if case .dead = phase { return }
        phase = .dead
        if let timer { driver.reactor.cancel(timer.id) }
        if let watchedAgent { driver.reactor.unwatch(watchedAgent) }
        driver.reactor.unwatch(session.descriptor)
        politely ? session.disconnect() : session.close()
        runs = []
    }

    private func isReady(_ ready: Reactor.Interest) {
        session.socketIsReady()
        if case .connecting = phase {
            finishConnecting()
        } else if case .ready = phase, runs.isEmpty {
            readIdle()
        } else {
            pump()
        }
        driver.carryOn()
    }

    /// Goes on as far as possible without waiting.
    func pump() {
        do {
            switch phase {
            case .handshaking: try stepHandshake()
            case .loggingIn(let login): try stepLogin(login)
            case .ready: try pumpRuns()
            case .connecting, .dead: break
            }
        } catch {
            trouble(error)
        }
        settle()
    }

    /// Watches for what the session waits for, and sets the clock.
    private func settle() {
        if case .dead = phase { return }
        let wanted: Reactor.Interest = session.wantsToWrite ? [.read, .write] : .read
        watch(wanted)
        reschedule()
    }

    private func watch(_ wanted: Reactor.Interest) {
        guard wanted != interest else { return }
        interest = wanted
        do {
            try driver.reactor.change(session.descriptor, to: wanted)
        } catch {
            trouble(SSHError(.connection, error.description))
        }
    }

    /// Without a channel libssh2 cannot be made to read: data waits for the next command, an end is noticed.
    private func readIdle() {
        if session.isClosedByServer {
            lose("the server closed the connection")
        } else {
            watch([])
        }
    }

    private func finishConnecting() {
        do {
            try session.checkConnected(to: endpoint.address, port: endpoint.port)
        } catch {
            fail(.unreachable("\(error.description); \(SSHSetupError.reachAdvice)"))
            return
        }
        phase = .handshaking
        pump()
    }

    private func stepHandshake() throws(SSHError) {
        guard try session.handshake(preference: known.preference()) else { return }
        if let refusal = HostKeyPolicy(endpoint: endpoint, options: options).refusal(
            of: session.hostKey, known)
        {
            fail(refusal)
            return
        }
        phaseDeadline = Clock.monotonicNanoseconds() + options.authTimeout.nanoseconds
        let login = SSHLogin(
            session: session, user: endpoint.login, keyFiles: options.identityFiles,
            agentSocket: options.agentSocket)
        phase = .loggingIn(login)
        try stepLogin(login)
    }

    private func stepLogin(_ login: SSHLogin) throws(SSHError) {
        let isDone = try login.step()
        watchAgent(isDone ? nil : login.agentDescriptor)
        guard isDone else { return }
        phase = .ready
        phaseDeadline = .max
        driver.isConnected(self)
    }

    private func watchAgent(_ descriptor: Int32?) {
        guard descriptor != watchedAgent else { return }
        if let watchedAgent { driver.reactor.unwatch(watchedAgent) }
        watchedAgent = descriptor
        guard let descriptor else { return }
        do {
            try driver.reactor.watch(descriptor, for: .read) { [weak self] _ in
                self?.pump()
                self?.driver.carryOn()
            }
        } catch {
            trouble(SSHError(.connection, error.description))
        }
    }

    /// Turns the trouble of a step into the failure or loss of this connection.
    private func trouble(_ error: SSHError) {
        switch phase {
        case .connecting, .handshaking: fail(SSHSetupError.handshake(error, with: endpoint).ending)
        case .loggingIn: fail(SSHSetupError.login(error, at: endpoint).ending)
        case .ready: lose(error.description)
        case .dead: break
        }
    }

    func fail(_ ending: Ending) {
        drop()
        driver.hasFailed(self, because: ending)
    }

    /// The connection broke: what ran on it is told so.
    func lose(_ reason: String) {
        let cut = runs
        drop()
        driver.isLost(self, cutting: cut, because: reason)
    }

    /// Sets one timer for the earliest deadline here.
    private func reschedule() {
        let next = min(phaseDeadline, runs.map(\.nextDeadline).min() ?? .max)
        guard next != timer?.at ?? .max else { return }
        if let timer { driver.reactor.cancel(timer.id) }
        timer = nil
        guard next != .max else { return }
        let id = driver.reactor.schedule(at: next) { [weak self] in self?.deadlineHasCome() }
        timer = (next, id)
    }

    private func deadlineHasCome() {
        timer = nil
        let now = Clock.monotonicNanoseconds()
        if now >= phaseDeadline {
            fail(SSHSetupError.deadline(of: phase, with: endpoint, options).ending)
        } else {
            endLateRuns(at: now)
            pump()
        }
        driver.carryOn()
    }
}
