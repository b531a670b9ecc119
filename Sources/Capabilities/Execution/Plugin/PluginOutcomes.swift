import Posix
import Synchronization

/// Carries outcomes from the spawning threads to the executor's loop without waking it for each.
///
/// A program that was started is added to the loop's ``ExitWatch`` by the thread that started it; the loop learns of it
/// when it has ended, or looks by itself a moment later. Only what went wrong or took long wakes the loop.
// `@unchecked`: the executor is touched on its loop only; the rest is behind the mutex.
final class PluginOutcomes: @unchecked Sendable {
    private struct State {
        var waiting: [SpawnOutcome] = []
        var isHandOverPosted = false
        var isAbandoned = false
    }

    /// Nanoseconds after a request in which the executor looks for its outcome by itself.
    static let longestYouth: Int64 = 500_000_000
    /// Outcomes later than this wake the loop, so that none falls between.
    private static let late = longestYouth / 2

    private let loop: EventLoop
    private let exits: ExitWatch
    private let state = Mutex(State())
    weak var executor: PluginExecutor?

    init(loop: EventLoop, exits: ExitWatch) {
        self.loop = loop
        self.exits = exits
    }

    /// Takes an outcome on a spawning thread.
    func add(_ outcome: SpawnOutcome) {
        let mustPost = state.withLock { state in
            // Under the lock, as the loop may hear of the end before the outcome is there.
            let isQuiet = isWatched(outcome) && Clock.monotonicNanoseconds() - outcome.askedAt < Self.late
            state.waiting.append(outcome)
            guard !isQuiet || state.isAbandoned, !state.isHandOverPosted else { return false }
            state.isHandOverPosted = true
            return true
        }
        if mustPost { loop.post { self.handOver() } }
    }

    /// Whether the end of the program will be told by the watch.
    private func isWatched(_ outcome: SpawnOutcome) -> Bool {
        guard case .success(let process) = outcome.result else { return false }
        return exits.add(process.pidfd, ticket: outcome.ticket)
    }

    /// Gives the executor what there is; on the loop.
    func handOver() {
        let outcomes = state.withLock { state in
            defer {
                state.waiting = []
                state.isHandOverPosted = false
            }
            return state.waiting
        }
        for outcome in outcomes {
            if let executor {
                executor.take(outcome)
            } else if case .success(let process) = outcome.result {
                Self.discard(process)
            }
        }
    }

    /// The executor is gone: what still comes is discarded at once.
    func abandon() {
        state.withLock { $0.isAbandoned = true }
        loop.post { self.handOver() }
    }

    /// Ends a program that nobody waits for.
    static func discard(_ process: SpawnedProcess) {
        ProcessControl.signal(group: process.pid, .kill)
        for descriptor in [process.output, process.errors, process.pidfd] { ProcessControl.close(descriptor) }
    }
}
