import Synchronization

/// Wakes one waiting task from any thread; signals while nobody waits are kept as one.
final class ArrivalSignal: Sendable {
    private struct State {
        var isSignalled = false
        var waiter: (number: Int, continuation: CheckedContinuation<Void, Never>)?
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    func signal() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isSignalled = state.waiter == nil
            return state.waiter
        }
        waiter?.continuation.resume()
    }

    /// Returns at a signal, or after `limit`, or when the task is cancelled; one waiter at a time.
    func wait(atMost limit: Duration) async {
        // Under load there always is a signal: no tasks and no timer for that.
        let isSignalled = state.withLock { state in
            defer { state.isSignalled = false }
            return state.isSignalled
        }
        if isSignalled { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForSignal() }
            group.addTask { try? await Task.sleep(for: limit) }  // Cancelled by the signal.
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForSignal() async {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isSignalled || Task.isCancelled {
                        state.isSignalled = false
                        return true
                    }
                    state.waiter = (number, continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                guard state.waiter?.number == number else {
                    return Optional<CheckedContinuation<Void, Never>>.none
                }
                defer { state.waiter = nil }
                return state.waiter?.continuation
            }
            waiter?.resume()
        }
    }
}
