/// Keeps the books of all echoes in flight: whom to ask next, what came back, which request is complete.
///
/// Pure: owns no socket and no clock. Thousands of requests are rows of two tables; nothing is allocated
/// for an echo. The driver sends what ``takeBatch(of:limit:)`` gives, tells what happened, and hands
/// ``finished`` on.
package struct EchoLedger: Sendable {
    /// Names a request; stays harmless when the request is over.
    package struct Handle: Hashable, Sendable {
        var row: Int32
        var generation: UInt32
    }

    /// A request that is over.
    package struct Finished: Sendable {
        /// What ``start(_:client:token:at:)`` was given.
        package let client: Int
        package let token: UInt64
        package let report: PingReport
    }

    /// Replies that count for no request.
    package struct Counters: Equatable, Sendable {
        package internal(set) var sent: UInt64 = 0
        package internal(set) var received: UInt64 = 0
        package internal(set) var duplicates: UInt64 = 0
        package internal(set) var late: UInt64 = 0
        /// Messages that are no answer to anything of ours: forged, damaged or another program's.
        package internal(set) var foreign: UInt64 = 0

        package init() {}
    }

    struct Burst {
        var request: PingRequest
        var report = PingReport()
        var client: Int
        var token: UInt64
        var generation: UInt32
        var isRunning = true
        /// Echoes that have been queued, and those that wait for a reply.
        var asked = 0
        var open = 0
        var nextAt: Int64
        var firstEcho: Int32 = -1
    }

    enum EchoState: UInt8 {
        case free
        /// Waits to be sent; `abandoned` when its request ended before.
        case queued
        case abandoned
        case flying
        case answered
        case lost
    }

    struct Echo {
        var nonce: UInt64 = 0
        var sentAt: Int64 = 0
        var burst: Int32 = -1
        /// The next echo of the same request, or the next free place.
        var next: Int32 = -1
        var sequence: UInt16 = 0
        var state = EchoState.free
    }

    var bursts: [Burst] = []
    var freeBursts: [Int32] = []
    var echoes: [Echo] = []
    var firstFreeEcho: Int32 = -1
    var wheel: TimingWheel
    var queues = [EchoQueue(), EchoQueue()]
    /// Which echo used a sequence number last: ICMP errors quote no more of a request than this.
    var bySequence = [Int32](repeating: -1, count: 65536)
    var lastSequence: UInt16
    var nonces = NonceSource()
    private var due: [Int32] = []
    /// Requests that are over and not yet handed on.
    package var finished: [Finished] = []
    package internal(set) var counters = Counters()
    /// Requests that run.
    package private(set) var running = 0

    package init(now: Int64) {
        wheel = TimingWheel(now: now)
        lastSequence = UInt16.random(in: 0...UInt16.max)
    }

    /// Takes a request in; its first echo is queued at once.
    package mutating func start(
        _ request: PingRequest, client: Int, token: UInt64, at now: Int64
    ) -> Handle {
        let row = freeBursts.popLast() ?? Int32(bursts.count)
        let isNew = Int(row) == bursts.count
        let generation = isNew ? 0 : bursts[Int(row)].generation &+ 1
        let burst = Burst(
            request: request, client: client, token: token, generation: generation, nextAt: now)
        if isNew { bursts.append(burst) } else { bursts[Int(row)] = burst }
        running += 1
        ask(row, at: now)
        return Handle(row: row, generation: generation)
    }

    /// Ends a request with what it has so far.
    package mutating func end(_ handle: Handle) {
        guard bursts[Int(handle.row)].generation == handle.generation, bursts[Int(handle.row)].isRunning
        else { return }
        finish(handle.row)
    }

    /// Does what is due: queues the next echoes, ends requests whose time is over.
    package mutating func advance(to now: Int64) {
        due.removeAll(keepingCapacity: true)
        wheel.takeDue(at: now, into: &due)
        for row in due {
            let index = Int(row)
            if bursts[index].asked < bursts[index].request.packets, now < bursts[index].request.deadline {
                ask(row, at: now)
            } else {
                finish(row)
            }
        }
    }

    /// When ``advance(to:)`` has something to do next.
    package var nextDeadline: Int64? { wheel.nextDeadline }

    /// Queues the next echo of a request and sets when to look at it again.
    private mutating func ask(_ row: Int32, at now: Int64) {
        let echo = takeEcho(for: row)
        let index = Int(row)
        bursts[index].asked += 1
        bursts[index].open += 1
        // A loop that was late does not send two echoes at once.
        bursts[index].nextAt = max(bursts[index].nextAt + bursts[index].request.interval, now)
        queues[bursts[index].request.target.family.rawValue].append(echo)
        let isLast = bursts[index].asked == bursts[index].request.packets
        let deadline = bursts[index].request.deadline
        wheel.set(row, at: isLast ? deadline : min(bursts[index].nextAt, deadline))
    }

    private mutating func takeEcho(for row: Int32) -> Int32 {
        if firstFreeEcho < 0 {
            echoes.append(Echo())
            firstFreeEcho = Int32(echoes.count - 1)
        }
        let place = firstFreeEcho
        firstFreeEcho = echoes[Int(place)].next
        lastSequence &+= 1
        echoes[Int(place)] = Echo(
            nonce: nonces.next(), burst: row, next: bursts[Int(row)].firstEcho, sequence: lastSequence,
            state: .queued)
        bursts[Int(row)].firstEcho = place
        bySequence[Int(lastSequence)] = place
        return place
    }

    /// Moves a request to ``finished`` and frees its rows; echoes still queued are freed in their turn.
    mutating func finish(_ row: Int32) {
        wheel.remove(row)
        var place = bursts[Int(row)].firstEcho
        while place >= 0 {
            let next = echoes[Int(place)].next
            if echoes[Int(place)].state == .queued {
                echoes[Int(place)].state = .abandoned
            } else {
                release(place)
            }
            place = next
        }
        let index = Int(row)
        finished.append(
            Finished(
                client: bursts[index].client, token: bursts[index].token, report: bursts[index].report))
        bursts[index].isRunning = false
        bursts[index].firstEcho = -1
        freeBursts.append(row)
        running -= 1
    }

    /// Frees an echo's row; its nonce stays until the row is used again, so that late replies are known.
    mutating func release(_ place: Int32) {
        echoes[Int(place)].state = .free
        echoes[Int(place)].burst = -1
        echoes[Int(place)].next = firstFreeEcho
        firstFreeEcho = place
    }
}
