import Posix
import Synchronization

/// Carries outcomes from the spawning threads to the executor's loop, one wake-up for as many as there are.
// `@unchecked`: the executor is touched on its loop only; the outcomes are behind the mutex.
final class PluginOutcomes: @unchecked Sendable {
    private let loop: EventLoop
    private let waiting = Mutex<[SpawnOutcome]>([])
    weak var executor: PluginExecutor?

    init(loop: EventLoop) { self.loop = loop }

    /// Takes outcomes on a spawning thread.
    func add(_ outcomes: [SpawnOutcome]) {
        let isFirst = waiting.withLock { waiting in
            defer { waiting += outcomes }
            return waiting.isEmpty
        }
        if isFirst { loop.post { self.handOver() } }
    }

    private func handOver() {
        let outcomes = waiting.withLock { waiting in
            defer { waiting.removeAll(keepingCapacity: true) }
            return waiting
        }
        for outcome in outcomes {
            if let executor {
                executor.take(outcome)
            } else if case .success(let process) = outcome.result {
                Self.discard(process)
            }
        }
    }

    /// Ends a program that nobody waits for.
    static func discard(_ process: SpawnedProcess) {
        ProcessControl.signal(group: process.pid, .kill)
        for descriptor in [process.output, process.errors, process.pidfd] { ProcessControl.close(descriptor) }
    }
}
