import AMQP
import Log
import Posix
import Synchronization

/// One end's connection to the broker: keeps it up, tells of its loss and its return, and knows its state.
///
/// ``run(_:)`` is the body of a thread; everything else is called from any thread.
final class RabbitLine: Sendable {
    /// Why a session ended that did not fail.
    enum SessionEnd {
        /// All is done; the line closes.
        case finished
        /// The queue is gone; a new connection declares it anew.
        case queueIsGone
    }

    /// What is told once, and again after a minute at the earliest.
    enum Complaint: Hashable {
        case loss, fullQueue, unreadable, unsendable
    }

    /// How often the broker is asked for the depth of a queue.
    static let depthInterval = Duration.seconds(5)
    /// How often a trouble that goes on is logged.
    private static let logInterval: Int64 = 60_000_000_000

    let settings: RabbitSettings
    let waker: Waker
    private let log: Log
    private let role: String
    private let state = Mutex(RabbitState())
    private let closing = Mutex<Int64?>(nil)
    private let ended = Latch<Bool>()
    private let lastComplaints = Mutex<[Complaint: Int64]>([:])

    /// `role` is "publisher" or "consumer".
    init(_ settings: RabbitSettings, role: String, log: Log) throws(PosixError) {
        self.settings = settings
        self.role = role
        self.log = log
        waker = try Waker()
        state.withLock { $0.since = Clock.monotonicNanoseconds() }
    }

    var current: RabbitState { state.withLock { $0 } }

    func update(_ change: (inout RabbitState) -> Void) { state.withLock { change(&$0) } }

    /// When to stop at the latest, as nanoseconds of the monotonic clock; nil while nobody asked to.
    var deadline: Int64? { closing.withLock { $0 } }

    /// How long a thread sleeps at most: heartbeats are sent when it looks.
    var tick: Duration { min(.seconds(1), settings.limits.heartbeat / 4) }

    /// Asks the thread to end, at the latest after `limit`.
    func beginClosing(within limit: Duration) {
        let end = Clock.monotonicNanoseconds() + limit.nanoseconds
        closing.withLock { $0 = min($0 ?? end, end) }
        waker.wake()
    }

    /// Waits for the thread's end, a little longer than it was given; whether it came.
    func waitForEnd() -> Bool {
        let rest = (deadline ?? 0) - Clock.monotonicNanoseconds()
        return ended.wait(atMost: .nanoseconds(max(0, rest)) + .milliseconds(500)) ?? false
    }

    /// Connects again and again, with pauses, and has `session` use each connection, until it has finished.
    ///
    /// `isDone` says, once closing was asked for, that no connection is needed any more.
    func run(isDone: () -> Bool, _ session: (AMQPConnection) throws(AMQPError) -> SessionEnd) {
        defer { ended.open(true) }
        var backoff = Backoff()
        var usesQueueAsItIs = false
        while !isOver, deadline == nil || !isDone() {
            let began = Clock.monotonicNanoseconds()
            do throws(AMQPError) {
                let connection = try connect(&usesQueueAsItIs)
                switch try session(connection) {
                case .finished:
                    connection.close()
                    return
                case .queueIsGone:
                    connection.close()
                    throw AMQPError(.channelClosed(code: 404), "queue \(settings.queue) was deleted")
                }
            } catch {
                lose(error, isKnown: usesQueueAsItIs)
            }
            // A connection that held was no failure to connect: the first pause is a short one again.
            if Clock.monotonicNanoseconds() - began > 5_000_000_000 { backoff.reset() }
            waitForNextTry(backoff.pause(chance: .random(in: 0..<1)), isUrgent: usesQueueAsItIs)
        }
    }

    /// Whether closing was asked for and there is no time left.
    private var isOver: Bool { deadline.map { Clock.monotonicNanoseconds() >= $0 } ?? false }

    private func waitForNextTry(_ pause: Duration, isUrgent: Bool) {
        guard !isUrgent else { return }
        let wasClosing = deadline != nil
        let end =
            Clock.monotonicNanoseconds() + (wasClosing ? min(pause, .milliseconds(200)) : pause).nanoseconds
        // Offers wake this thread too and must not shorten the pause; the wish to close does.
        while case let now = Clock.monotonicNanoseconds(), now < min(end, deadline ?? .max),
            wasClosing == (deadline != nil)
        {
            waker.wait(atMost: .nanoseconds(min(end, deadline ?? .max) - now))
        }
    }

    /// Connects and declares the queues; the broker closes the channel when there is one that has other limits, and then
    /// `usesQueueAsItIs` is set for the next try.
    private func connect(_ usesQueueAsItIs: inout Bool) throws(AMQPError) -> AMQPConnection {
        let connection = try AMQPConnection(to: settings.server, limits: settings.limits)
        let findsOnly = usesQueueAsItIs
        usesQueueAsItIs = false
        do throws(AMQPError) {
            for declaration in settings.declarations {
                if findsOnly {
                    try connection.findQueue(declaration.name)
                } else {
                    try connection.declare(declaration)
                }
            }
        } catch {
            usesQueueAsItIs = error.kind == .channelClosed(code: 406)
            throw error
        }
        find(connection.serverName)
        return connection
    }

    private func find(_ server: String) {
        let now = Clock.monotonicNanoseconds()
        let (isFirst, away) = state.withLock { state in
            defer {
                state.isConnected = true
                state.since = now
                state.trouble = nil
                state.connections += 1
            }
            return (state.connections == 0 && state.trouble == nil, now - state.since)
        }
        log.info(
            isFirst ? "connected to the broker" : "the broker can be used again",
            [
                "broker": server, "queue": settings.queue, "as": role,
                "after": "\(away / 1_000_000) ms",
            ])
        // A loss that comes next is a new one.
        lastComplaints.withLock { $0[.loss] = nil }
    }

    private func lose(_ error: AMQPError, isKnown hasOtherLimits: Bool) {
        state.withLock { state in
            if state.isConnected { state.since = Clock.monotonicNanoseconds() }
            state.isConnected = false
            state.trouble = error.description
        }
        if hasOtherLimits {
            log.warning(
                "a queue has other limits than ours; it is used as it is: delete it, or give it the limits of our "
                    + "settings by a policy of the broker",
                ["queue": settings.queue, "reason": error.description])
        } else if error.kind == .channelClosed(code: 404) {
            log.warning(
                "a queue is gone; it is declared anew",
                ["queue": settings.queue, "as": role, "reason": error.description])
        } else {
            complain(.loss, "no connection to the broker; trying again: \(error)")
        }
    }

    /// Logs a trouble, but not again within a minute.
    func complain(_ complaint: Complaint, _ sentence: String) {
        let now = Clock.monotonicNanoseconds()
        let isDue = lastComplaints.withLock { last in
            if let then = last[complaint], now - then < Self.logInterval { return false }
            last[complaint] = now
            return true
        }
        guard isDue else { return }
        log.warning(sentence, ["queue": settings.queue, "as": role])
    }

    /// The broker takes nothing from us, or takes it again.
    func setBlocked(_ reason: String?) {
        if let reason {
            update { $0.trouble = "the broker accepts no messages: \(reason)" }
            log.warning(
                "the broker accepts no messages for now; they wait here: \(reason)",
                ["queue": settings.queue, "as": role])
        } else {
            update { $0.trouble = nil }
            log.info("the broker accepts messages again", ["queue": settings.queue, "as": role])
        }
    }

    /// Notes what the broker says of one of our queues.
    func noteDepth(_ queue: String, _ messages: Int, _ consumers: Int) {
        update { state in
            if queue == settings.queue {
                state.depth = messages
                state.consumers = consumers
            } else {
                state.deadLetters = messages
            }
        }
    }
}
