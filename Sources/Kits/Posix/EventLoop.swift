import CLinux
import Glibc
import Synchronization

/// One thread with a ``Reactor``, which is also the executor of the actors that live on it.
///
/// Others reach it by ``post(_:)`` or by calling such an actor; a hop costs a wake-up (13 to 30 us), so cross in
/// batches. On the loop itself actors call each other for 20 ns.
// `@unchecked`: the reactor is touched on the loop's own thread only; everything else is behind `inbox`.
package final class EventLoop: SerialExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var messages: [@Sendable () -> Void] = []
        var isAwake = false
        var isStopping = false
    }

    package let name: String
    private let loopReactor: Reactor
    private let inbox = Mutex(Inbox())
    private let wakeUp: Int32
    private let threadNumber = Atomic<Int32>(0)
    private let finished = Mutex(false)

    /// Makes the loop; nothing runs before ``start()``.
    package init(name: String) throws(PosixError) {
        self.name = name
        loopReactor = try Reactor()
        wakeUp = try system("make an eventfd") { eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)) }
        try loopReactor.watch(wakeUp, for: .read) { [wakeUp] _ in
            var count: UInt64 = 0
            _ = read(wakeUp, &count, 8)
        }
    }

    deinit { close(wakeUp) }

    /// The reactor; a mistake of our own code when asked for on another thread.
    package var reactor: Reactor {
        precondition(isOnLoop, "the reactor of loop \(name) was asked for on another thread")
        return loopReactor
    }

    /// Whether the caller is on the loop's thread.
    package var isOnLoop: Bool { threadNumber.load(ordering: .relaxed) == pp_gettid_cached() }

    /// Starts the thread; call once.
    package func start() {
        Thread.start(named: name) { self.run() }
    }

    /// Runs `message` on the loop's thread soon, in the order of posting.
    package func post(_ message: @escaping @Sendable () -> Void) {
        wake { $0.messages.append(message) }
    }

    /// Ends the thread after what is already posted; does not wait.
    package func stop() {
        wake { $0.isStopping = true }
    }

    /// Whether the thread has ended.
    package var isFinished: Bool { finished.withLock { $0 } }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        wake { $0.jobs.append(unowned) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    package func checkIsolated() {
        precondition(isOnLoop, "not on loop \(name)")
    }

    package func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    private func wake(_ change: (inout Inbox) -> Void) {
        let mustWake = inbox.withLock { inbox in
            change(&inbox)
            defer { inbox.isAwake = true }
            return !inbox.isAwake
        }
        guard mustWake, !isOnLoop else { return }
        var one: UInt64 = 1
        _ = write(wakeUp, &one, 8)
    }

    private func run() {
        threadNumber.store(pp_gettid_cached(), ordering: .relaxed)
        while true {
            let (jobs, messages, isStopping) = inbox.withLock { inbox in
                defer {
                    inbox.jobs = []
                    inbox.messages = []
                    inbox.isAwake = false
                }
                return (inbox.jobs, inbox.messages, inbox.isStopping)
            }
            for message in messages { message() }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            if isStopping, jobs.isEmpty, messages.isEmpty { break }
            let hasMore = inbox.withLock { inbox in
                inbox.isAwake = !inbox.jobs.isEmpty || !inbox.messages.isEmpty || inbox.isStopping
                return inbox.isAwake
            }
            loopReactor.turn(waitingAtMost: hasMore ? 0 : nil)
        }
        finished.withLock { $0 = true }
    }
}
