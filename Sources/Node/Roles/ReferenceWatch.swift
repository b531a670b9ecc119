import Execution
import Model
import Posix

/// Pings a worker's reference targets once a second, and holds back what looks like an alarm until one has answered since:
/// a worker that reaches none of them sees nothing but its own trouble. Confined to the core loop.
final class ReferenceWatch {
    /// Nanoseconds between the beginnings of two rounds.
    private static let step: Int64 = 1_000_000_000
    /// Characters of what was seen that an isolated result tells.
    private static let toldCharacters = 300
    /// Stands in the place of a host and a plugin, which have numbers above 0.
    private static let check = CheckID(host: HostID(-1), plugin: PluginID(-1))

    private struct Held {
        let result: CheckResult
        let at: Int64
    }

    private let targets: [String]
    private let executor: any JobExecutor
    private let schedule: (Int64, @escaping () -> Void) -> Void
    private let release: ([CheckResult]) -> Void
    private var held: [Held] = []
    private var roundBegan: Int64 = 0
    private var isStopped = false
    private(set) var isIsolated = false
    /// Why the targets cannot be asked; results are believed then.
    private(set) var trouble: String?

    /// `schedule` calls at a monotonic time; `release` takes results that were held back. All on the loop.
    init(
        targets: [String], executor: any JobExecutor,
        schedule: @escaping (Int64, @escaping () -> Void) -> Void, release: @escaping ([CheckResult]) -> Void
    ) {
        self.targets = targets
        self.executor = executor
        self.schedule = schedule
        self.release = release
    }

    /// How many results wait for an answer.
    var count: Int { held.count }

    func start() { beginRound() }

    /// Takes the end of a round, and what has to wait; false for results that nobody needs to doubt.
    func take(_ result: CheckResult) -> Bool {
        if result.check == Self.check {
            endRound(result)
            return true
        }
        guard result.isAlarm else { return false }
        guard !isStopped else {
            // No round can tell any more: what was known at the stop holds.
            if isIsolated { release([isolated(result)]) }
            return isIsolated
        }
        held.append(Held(result: result, at: Clock.monotonicNanoseconds()))
        return true
    }

    /// Lets go of what is held back, as the last round has it.
    func stop() {
        isStopped = true
        letGo(heldUntil: .max)
    }

    /// All targets in one check, for which one that answers is enough.
    private func beginRound() {
        guard !isStopped else { return }
        roundBegan = Clock.monotonicNanoseconds()
        let host = Host(id: Self.check.host, name: "reference", address: targets.first ?? "")
        let options = targets.map { "-H \($0)" } + ["-m 1 -n 2 -i 100ms -t 1 -w 1000,100% -c 1000,100%"]
        let plugin = Plugin(
            id: Self.check.plugin, name: "reference", runner: .builtin, script: "icmp",
            arguments: options.joined(separator: " "), interval: 1, timeout: 2)
        let now = Timestamp.now
        executor.start(
            CheckJob(host: Shared(host), plugin: Shared(plugin), due: now, deadline: now + .seconds(60)))
    }

    private func endRound(_ result: CheckResult) {
        // A round that the stop cut off says nothing.
        guard !isStopped else { return }
        trouble = result.cause.isOfTarget ? nil : result.output.text
        isIsolated = result.cause.isOfTarget && result.state != .ok
        letGo(heldUntil: roundBegan)
        schedule(max(Clock.monotonicNanoseconds(), roundBegan + Self.step)) { [weak self] in
            self?.beginRound()
        }
    }

    /// Lets go of what came before the last round began.
    private func letGo(heldUntil end: Int64) {
        let count = held.firstIndex { $0.at > end } ?? held.count
        guard count > 0 else { return }
        let results = held.prefix(count).map(\.result)
        held.removeFirst(count)
        release(isIsolated ? results.map(isolated) : results)
    }

    /// The result as one that says nothing of the target.
    private func isolated(_ seen: CheckResult) -> CheckResult {
        var result = seen
        result.state = .unknown
        result.cause = .observerIsolated
        result.output.longText = ""
        result.output.performanceText = ""
        result.output.text =
            "this worker reaches none of its reference targets (\(targets.joined(separator: ", "))); what it saw: "
            + "\(seen.state.name), \(seen.output.text.prefix(Self.toldCharacters))"
        return result
    }
}

extension CheckResult {
    /// Whether trouble of the observer's own network could have made it.
    fileprivate var isAlarm: Bool {
        state != .ok
            && [.exited, .timeout, .unreachable, .noOutput, .signaled, .outOfRange].contains(cause)
    }
}
