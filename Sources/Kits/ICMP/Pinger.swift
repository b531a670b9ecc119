import CLinux
import Glibc
package import Posix

/// Pings thousands of addresses at once over the process's ICMP sockets; confined to its reactor's loop.
///
/// An echo costs no task, no closure and no timer: requests are rows of an ``EchoLedger``, one timer of the
/// reactor serves them all, and messages travel in batches of 64. Round trips end at the kernel's receive
/// time stamp.
package final class Pinger {
    /// Takes finished requests on the loop, never from inside ``start(_:client:token:)``.
    package typealias Handler = (_ token: UInt64, _ report: PingReport) -> Void

    /// Names who gets the report of a request.
    package struct Client: Sendable {
        fileprivate let number: Int
    }

    private let reactor: Reactor
    private let sockets: ICMPSockets
    private var ledger = EchoLedger(now: Clock.monotonicNanoseconds())
    private var handlers: [Handler] = []
    private let buffer = BatchBuffer()
    private var batch: [EchoLedger.Outgoing] = []
    private var timer: Reactor.Timer?
    private var timerDeadline = Int64.max
    /// Not before this is anything sent again, after the kernel had no room; grows from `pauses.lowerBound`.
    private var resumeAt: Int64 = 0
    private var pause = Pinger.pauses.lowerBound
    private var droppedByFamily: [UInt32] = [0, 0]
    /// Called each time after echoes were sent, for a client that starts no more than can be sent soon.
    package var afterSending: (() -> Void)?

    /// Nanoseconds between two tries when the kernel has no room for more packets.
    private static let pauses: ClosedRange<Int64> = 500_000...16_000_000
    /// Batches sent before other work of the loop gets its turn.
    private static let batchesInARow = 4
    /// Batches received before other work of the loop gets its turn.
    private static let receivedInARow = 8

    /// Watches the sockets; without any, every request ends with ``PingFailure/noSocket(_:)``.
    package init(reactor: Reactor, sockets: ICMPSockets) throws(PosixError) {
        self.reactor = reactor
        self.sockets = sockets
        batch.reserveCapacity(BatchBuffer.capacity)
        for socket in sockets.open {
            try reactor.watch(socket.descriptor, for: .read) { [weak self] _ in self?.receive(socket) }
        }
    }

    deinit {
        for socket in sockets.open { reactor.unwatch(socket.descriptor) }
        if let timer { reactor.cancel(timer) }
    }

    /// Registers who takes reports.
    package func addClient(_ handler: @escaping Handler) -> Client {
        handlers.append(handler)
        return Client(number: handlers.count - 1)
    }

    /// Starts a request; `token` comes back with its report.
    @discardableResult
    package func start(_ request: PingRequest, client: Client, token: UInt64) -> EchoLedger.Handle {
        let now = Clock.monotonicNanoseconds()
        let handle = ledger.start(request, client: client.number, token: token, at: now)
        wake(at: max(now, resumeAt))
        return handle
    }

    /// Ends a request now; its report is told soon.
    package func end(_ handle: EchoLedger.Handle) {
        ledger.end(handle)
        wake(at: Clock.monotonicNanoseconds())
    }

    /// What was sent and received since the start.
    package var counters: EchoLedger.Counters { ledger.counters }
    /// Echoes that wait to be sent.
    package var queued: Int { ledger.queued }
    /// Whether sending rests because the kernel had no room for a packet.
    package var isShortOfRoom: Bool { Clock.monotonicNanoseconds() < resumeAt }
    /// Requests that run.
    package var running: Int { ledger.running }
    /// Messages that the kernel dropped because our receive buffer was full.
    package var dropped: UInt64 { droppedByFamily.reduce(0) { $0 + UInt64($1) } }

    private func work() {
        timer = nil
        timerDeadline = .max
        ledger.advance(to: Clock.monotonicNanoseconds())
        if Clock.monotonicNanoseconds() >= resumeAt {
            for family in ICMPAddress.Family.allCases where ledger.hasQueued(family) { send(family) }
        }
        afterSending?()
        settle()
    }

    /// Tells what is finished and sets the timer.
    private func settle() {
        while !ledger.finished.isEmpty {
            let finished = ledger.finished
            ledger.finished.removeAll(keepingCapacity: true)
            for request in finished { handlers[request.client](request.token, request.report) }
        }
        let hasQueued = ledger.hasQueued(.ipv4) || ledger.hasQueued(.ipv6)
        if hasQueued { wake(at: max(resumeAt, Clock.monotonicNanoseconds())) }
        if let next = ledger.nextDeadline { wake(at: next) }
    }

    private func wake(at deadline: Int64) {
        guard deadline < timerDeadline else { return }
        if let timer { reactor.cancel(timer) }
        timerDeadline = deadline
        timer = reactor.schedule(at: deadline) { [weak self] in self?.work() }
    }
}

extension Pinger {
    private func send(_ family: ICMPAddress.Family) {
        for _ in 0..<Self.batchesInARow {
            ledger.takeBatch(of: family, limit: BatchBuffer.capacity, into: &batch)
            guard !batch.isEmpty else { return }
            switch sockets.socket(family) {
            case .success(let socket):
                let isSent = sendBatch(over: socket)
                // What has come meanwhile is taken at once: while it is in the processor's cache, and before it
                // overflows the buffer.
                let count = socket.receive(buffer)
                if count > 0 { take(count, from: socket) }
                guard isSent else { return }
            case .failure(let error):
                let now = Clock.monotonicNanoseconds()
                for echo in batch { ledger.refused(echo.place, .noSocket(error.description), at: now) }
            }
        }
    }

    /// Sends `batch`; false when the kernel has no room and the rest was put back.
    private func sendBatch(over socket: ICMPSocket) -> Bool {
        var rest = batch[...]
        while !rest.isEmpty {
            let start = Clock.monotonicNanoseconds()
            switch socket.send(rest, buffer) {
            case .success(let count) where count > 0:
                noteSent(rest.prefix(count), from: start)
                rest = rest.dropFirst(count)
                pause = Self.pauses.lowerBound
            case .failure(let error) where !Self.isShortage(error.code):
                guard let echo = rest.popFirst() else { break }
                ledger.refused(echo.place, Self.failure(of: echo.request, error.code), at: start)
            case .success, .failure:
                ledger.putBack(rest, of: socket.family)
                resumeAt = start + pause
                pause = min(pause * 2, Self.pauses.upperBound)
                return false
            }
        }
        return true
    }

    /// A batch takes a third of a millisecond: each echo gets its share of that time as its start.
    private func noteSent(_ echoes: ArraySlice<EchoLedger.Outgoing>, from start: Int64) {
        let share = (Clock.monotonicNanoseconds() - start) / Int64(echoes.count)
        var time = start
        for echo in echoes {
            ledger.sent(echo.place, at: time)
            time += share
        }
    }

    /// For a source that the machine does not have the kernel says EINVAL or ENETUNREACH, as for some routes.
    private static func failure(of request: PingRequest, _ code: Int32) -> PingFailure {
        guard let source = request.source, !source.isOfThisMachine else { return .notSent(code) }
        return .noSource(source)
    }

    /// Whether the machine is short of room for packets, which passes, and not the target to blame.
    private static func isShortage(_ code: Int32) -> Bool {
        code == EAGAIN || code == ENOBUFS || code == ENOMEM || code == EINTR
    }

    private func receive(_ socket: ICMPSocket) {
        while let (message, source) = socket.nextError(buffer) {
            ledger.received(
                message, from: source, at: Clock.monotonicNanoseconds(), identifier: socket.identifier)
        }
        for _ in 0..<Self.receivedInARow {
            let count = socket.receive(buffer)
            if count > 0 { take(count, from: socket) }
            if count < BatchBuffer.capacity { break }
        }
        settle()
    }

    private func take(_ count: Int, from socket: ICMPSocket) {
        let now = (monotonic: Clock.monotonicNanoseconds(), wall: Clock.wallNanoseconds())
        for index in 0..<count {
            let received = buffer.received[index]
            if received.dropped > droppedByFamily[socket.family.rawValue] {
                droppedByFamily[socket.family.rawValue] = received.dropped
            }
            let (message, source) = socket.message(index, buffer)
            let arrival = Self.arrival(
                kernelTime: received.kernel_time, monotonic: now.monotonic, wall: now.wall)
            ledger.received(message, from: source, at: arrival, identifier: socket.identifier)
        }
    }

    /// The monotonic time at which the kernel received a message, from its wall clock stamp.
    ///
    /// Only the time that the message lay in the buffer is taken from the wall clock; when that is negative
    /// or longer than a second, the wall clock was set meanwhile and the time of reading stands in.
    package static func arrival(kernelTime: Int64, monotonic: Int64, wall: Int64) -> Int64 {
        let lay = wall - kernelTime
        guard kernelTime > 0, lay >= 0, lay < 1_000_000_000 else { return monotonic }
        return monotonic - lay
    }
}
