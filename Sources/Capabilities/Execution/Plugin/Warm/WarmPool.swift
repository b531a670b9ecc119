import Log
import Posix

/// Keeps helpers for scripts that are to be warm and hands runs to them; confined to the executor's loop.
///
/// A run that no helper can take goes cold at once: nothing ever waits for a helper to become ready.
final class WarmPool {
    /// What became of a run that a helper was asked for.
    enum Answer {
        /// Its process waits for the word, a byte written to this descriptor.
        case started(ticket: UInt64, SpawnedProcess, word: Int32)
        /// It must be started cold; nothing of it has run.
        case cold(ticket: UInt64)
        /// A helper was lost that may have left children which wait in vain.
        case lost
    }

    let reactor: Reactor
    let log: Log
    let folder: String
    let limits: WarmLimits
    let answer: (Answer) -> Void
    let tag: UInt64
    let mayGainPrivileges: Bool
    let isolation: ProcessIsolation?
    let environment: [String]
    private let starter: WarmStarter
    private(set) lazy var spawner = starter.makeSpawner(confined: isolation != nil)
    private var hasSpawner = false
    var scripts: [String: WarmScript] = [:]
    /// The helper that takes the runs of each script.
    var current: [String: WarmHelper] = [:]
    /// All that have not ended, by number.
    var helpers: [UInt64: WarmHelper] = [:]
    private var lastNumber: UInt64 = 0
    var timer: Reactor.Timer?
    var scratch = ProcessPipe()
    private(set) var isStopping = false
    var toldReasons: Set<String> = []
    var counters = WarmCounters()

    /// `tag` marks the helpers; each run gets a lower one, as a mark can only be lowered.
    init(
        on loop: EventLoop, settings: PluginExecutor.Settings, folder: String, tag: ProcessTag,
        environment: [String], log: Log, answer: @escaping (Answer) -> Void
    ) {
        reactor = loop.reactor
        self.log = log
        self.folder = folder
        limits = settings.warmLimits
        self.answer = answer
        self.tag = tag.rawValue
        mayGainPrivileges = settings.mayGainPrivileges
        isolation = settings.mayGainPrivileges ? nil : settings.isolation
        self.environment = environment
        starter = WarmStarter(loop: loop)
        starter.pool = self
    }

    deinit {
        if hasSpawner { spawner.stop() }
    }

    /// The processes of helpers, which are nobody's leftovers.
    var processes: Set<Int32> { Set(helpers.values.compactMap { $0.process?.pid }) }

    /// Asks a helper for a run of `script`; false when it must be started cold.
    func take(_ request: SpawnRequest, script: String, interval: Int) -> Bool {
        let now = Clock.monotonicNanoseconds()
        let before = scripts[script, default: WarmScript()].lastRun
        scripts[script, default: WarmScript()].lastRun = now
        if let helper = current[script], helper.isReady, helper.generation != isolation?.generation ?? 0 {
            retire(helper)
        }
        if let helper = current[script] {
            if helper.isReady, ask(helper, request, at: now) {
                counters.warmRuns += 1
                return true
            }
        } else if Int64(interval) * 1_000_000_000 <= limits.idle || before > now - limits.idle {
            start(script, request.paths, at: now)
        }
        counters.coldRuns += 1
        return false
    }

    /// Ends every helper at once.
    func stop() {
        isStopping = true
        endAll()
        if hasSpawner { spawner.stop() }
        if let timer { reactor.cancel(timer) }
        timer = nil
    }

    // From nothing to a process.

    func start(_ script: String, _ paths: [String], at now: Int64) {
        guard !isStopping, scripts[script]?.mayTry(at: now) == true, makeRoom(for: script, at: now) else {
            return
        }
        lastNumber += 1
        let helper = WarmHelper(number: lastNumber, script: script, paths: paths, at: now)
        hasSpawner = true
        helpers[helper.number] = helper
        current[script] = helper
        starter.look(for: helper.number, in: paths)
        keepTime()
    }

    /// Ends the helper that has had nothing to do for the longest time when there are too many.
    private func makeRoom(for script: String, at now: Int64) -> Bool {
        let wanted = helpers.values.filter { $0.killAt == nil && $0.phase != .retired }
        guard wanted.count >= limits.helpers else { return true }
        let spare = current.values.filter {
            $0.asked.isEmpty && now - (scripts[$0.script]?.lastRun ?? now) > limits.spare
        }
        guard let oldest = spare.min(by: { $0.lastProgress < $1.lastProgress }) else {
            refuse(script, "\(limits.helpers) other plugins are kept warm already")
            return false
        }
        retire(oldest)
        return true
    }
}
