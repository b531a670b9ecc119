import Model
import Posix

/// Decides when a plugin is ended and when its result is final; owns no process, clock or timer.
///
/// Times are nanoseconds of the monotonic clock.
struct PluginLifecycle: Sendable {
    /// What the driver must do now.
    enum Action: Equatable, Sendable {
        /// Nothing before ``PluginLifecycle/wakeAt``.
        case wait
        /// Send TERM to the group, and CONT for those that are stopped.
        case terminate
        /// Send KILL to the group.
        case kill
        /// The result is final.
        case finish(Ending)
        /// The result is final although the process lives on.
        case abandon(Ending)
    }

    private enum Phase: Equatable, Sendable {
        case starting
        case running
        case terminating
        case killing
    }

    /// How long the pipes may stay open after the exit.
    static let drain: Int64 = 250_000_000
    /// How long before the last moment KILL is sent, so that a death by it still makes it in time.
    static let killWait: Int64 = 50_000_000

    private let timeout: Int64
    private var phase = Phase.starting
    private var terminateAt: Int64
    private var giveUpAt: Int64
    private var drainUntil: Int64?
    private var isStopping = false
    private(set) var end: ProcessEnd?
    private var openPipes = 2

    /// A run that is asked for at `now`, with the plugin's timeout in seconds.
    init(timeoutSeconds: Int, at now: Int64) {
        timeout = Int64(timeoutSeconds) * 1_000_000_000
        terminateAt = now + timeout
        giveUpAt = terminateAt + Self.grace(of: timeout)
    }

    /// A tenth of the timeout, at least 100 ms and at most 5 s.
    static func grace(of timeout: Int64) -> Int64 { min(5_000_000_000, max(100_000_000, timeout / 10)) }

    /// Whether a process is there to be signalled.
    var isStarted: Bool { phase != .starting }

    /// The process runs: its time begins anew, unless it is to be ended already.
    mutating func started(at now: Int64) {
        phase = .running
        guard !isStopping else { return }
        terminateAt = now + timeout
        giveUpAt = terminateAt + Self.grace(of: timeout)
    }

    /// The direct child has ended.
    mutating func exited(_ end: ProcessEnd, at now: Int64) {
        self.end = end
        drainUntil = phase == .running ? now + Self.drain : min(now + Self.drain, giveUpAt)
    }

    /// One of the two pipes has ended.
    mutating func pipeEnded() { openPipes -= 1 }

    /// The engine stops: the run has to be over `grace` from now; three quarters of it are its own to end by itself.
    mutating func stop(at now: Int64, grace: Int64) {
        isStopping = true
        terminateAt = min(terminateAt, now + grace / 4 * 3)
        giveUpAt = min(giveUpAt, now + max(grace, 2 * Self.killWait))
    }

    /// When ``nextAction(at:)`` has to be asked again at the latest.
    var wakeAt: Int64 {
        if let drainUntil { return drainUntil }
        switch phase {
        case .running: return terminateAt
        case .terminating: return giveUpAt - Self.killWait
        case .starting, .killing: return giveUpAt
        }
    }

    /// Returns the next thing to do at `now` and takes it as done.
    mutating func nextAction(at now: Int64) -> Action {
        if let drainUntil {
            return openPipes == 0 || now >= drainUntil ? .finish(ending) : .wait
        }
        switch phase {
        case .starting:
            return now >= giveUpAt ? .abandon(cutOff) : .wait
        case .running:
            guard now >= terminateAt else { return .wait }
            phase = .terminating
            return .terminate
        case .terminating:
            guard now >= giveUpAt - Self.killWait else { return .wait }
            phase = .killing
            return .kill
        case .killing:
            return now >= giveUpAt ? .abandon(cutOff) : .wait
        }
    }

    /// Whether the process has ended without being asked to.
    var endedByItself: Bool { phase == .running && end != nil }

    /// An exit counts only when nobody had asked for it.
    private var ending: Ending {
        guard endedByItself, let end else { return cutOff }
        switch end {
        case .exited(let code): return .exited(code)
        case .signaled(let number): return .signaled(number)
        }
    }

    private var cutOff: Ending { isStopping ? PluginExecutor.stopping : .timedOut }
}
