import CLinux
import Glibc

/// Watches descriptors and keeps timers; confined to the thread of its ``EventLoop``.
///
/// Every handler runs on that thread, one after the other, so that state behind them needs no lock. A handler that
/// blocks delays all others.
package final class Reactor {
    /// Which readiness a descriptor is watched for; errors and hang-ups are always told.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let read = Interest(rawValue: EPOLLIN.rawValue)
        package static let write = Interest(rawValue: EPOLLOUT.rawValue)
        /// Told, never asked for: the other side has gone or the descriptor is broken.
        package static let hangUp = Interest(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
    }

    /// Names a pending timer; stays harmless when the timer has fired.
    package struct Timer: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Watch {
        var generation: UInt32
        var handler: ((Interest) -> Void)?
    }

    /// How often the kernel is asked for more in one turn.
    private static let roundsOfTurn = 16

    private let epoll: Int32
    private var watches: [Watch] = []
    private var events = [epoll_event](repeating: epoll_event(), count: 256)
    private var timers = TimerHeap()
    private var timerHandlers: [UInt64: () -> Void] = [:]
    /// Timers of the present turn, in the order in which they fire.
    private var due: [UInt64] = []
    private var lastTimer: UInt64 = 0
    private var beforeWaiting: [() -> Void] = []

    package init() throws(PosixError) {
        epoll = try system("make an epoll descriptor") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    }

    deinit { close(epoll) }

    /// Calls `handler` whenever `descriptor` is ready; it stays watched until ``unwatch(_:)``, which comes before close.
    package func watch(
        _ descriptor: Int32, for interest: Interest, handler: @escaping (Interest) -> Void
    ) throws(PosixError) {
        let slot = Int(descriptor)
        while watches.count <= slot { watches.append(Watch(generation: 0, handler: nil)) }
        watches[slot].generation &+= 1
        do {
            try control(EPOLL_CTL_ADD, descriptor, interest)
        } catch {
            // Watched already: its events carry the old generation and must still be told.
            watches[slot].generation &-= 1
            throw error
        }
        watches[slot].handler = handler
    }

    /// Changes what a watched descriptor is watched for.
    package func change(_ descriptor: Int32, to interest: Interest) throws(PosixError) {
        try control(EPOLL_CTL_MOD, descriptor, interest)
    }

    /// Stops watching; events that are already on their way are dropped.
    package func unwatch(_ descriptor: Int32) {
        let slot = Int(descriptor)
        guard slot < watches.count, watches[slot].handler != nil else { return }
        watches[slot].handler = nil
        watches[slot].generation &+= 1
        var event = epoll_event()
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, &event)
    }

    /// Calls `handler` once when the monotonic clock reaches `nanoseconds`; those of one moment in the order of asking.
    @discardableResult
    package func schedule(at nanoseconds: Int64, handler: @escaping () -> Void) -> Timer {
        lastTimer += 1
        timers.insert(deadline: nanoseconds, number: lastTimer)
        timerHandlers[lastTimer] = handler
        return Timer(number: lastTimer)
    }

    /// Calls `handler` once after `delay`.
    @discardableResult
    package func schedule(after delay: Duration, handler: @escaping () -> Void) -> Timer {
        schedule(at: Clock.monotonicNanoseconds() + delay.nanoseconds, handler: handler)
    }

    /// Forgets a timer; nothing happens when it has fired already.
    package func cancel(_ timer: Timer) {
        guard timerHandlers.removeValue(forKey: timer.number) != nil else { return }
        if timers.count > 64, timers.count > 4 * timerHandlers.count { dropCancelledTimers() }
    }

    /// Calls `handler` each time before the loop waits: what piled up since then can be handed on at once.
    package func beforeWaiting(_ handler: @escaping () -> Void) { beforeWaiting.append(handler) }

    /// Waits for descriptors and timers once, at most until `limit` (no limit: nil), and runs their handlers.
    func turn(waitingAtMost limit: Int64?) {
        for handler in beforeWaiting { handler() }
        var timeout = limit
        skipCancelledTimers()
        if let next = timers.first {
            let delay = max(0, next - Clock.monotonicNanoseconds())
            timeout = min(delay, timeout ?? delay)
        }
        deliverEvents(waitingAtMost: timeout.map { Int32(clamping: ($0 + 999_999) / 1_000_000) } ?? -1)
        runDueTimers()
    }

    /// Runs the handlers of all descriptors that are ready, as a deadline must not pass before what met it is read.
    ///
    /// A stopped process that goes on finds its wait interrupted, with everything that happened meanwhile unread.
    private func deliverEvents(waitingAtMost milliseconds: Int32) {
        var milliseconds = milliseconds
        // Descriptors that never cease to be ready must not keep timers waiting.
        for _ in 0..<Self.roundsOfTurn {
            let count = Int(epoll_wait(epoll, &events, Int32(events.count), milliseconds))
            for index in 0..<max(0, count) { deliver(events[index]) }
            guard count < 0 || count == events.count else { return }
            milliseconds = 0
        }
    }

    private func deliver(_ event: epoll_event) {
        let slot = Int(event.data.u64 & 0xffff_ffff)
        let generation = UInt32(event.data.u64 >> 32)
        guard slot < watches.count, watches[slot].generation == generation,
            let handler = watches[slot].handler
        else { return }
        handler(Interest(rawValue: event.events))
    }

    /// Runs those that are due now; what they set for a moment that is over waits until descriptors had their turn.
    private func runDueTimers() {
        let now = Clock.monotonicNanoseconds()
        while let deadline = timers.first, deadline <= now { due.append(timers.removeFirst()) }
        for number in due { timerHandlers.removeValue(forKey: number)?() }
        due.removeAll(keepingCapacity: true)
    }

    private func skipCancelledTimers() {
        while let number = timers.firstNumber, timerHandlers[number] == nil { _ = timers.removeFirst() }
    }

    private func dropCancelledTimers() {
        timers.keep { timerHandlers[$0] != nil }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ interest: Interest) throws(PosixError) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = UInt64(watches[Int(descriptor)].generation) << 32 | UInt64(descriptor)
        _ = try system("watch descriptor \(descriptor)") { epoll_ctl(epoll, operation, descriptor, &event) }
    }
}

extension Duration {
    /// The whole duration in nanoseconds, as the monotonic clock counts.
    package var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
