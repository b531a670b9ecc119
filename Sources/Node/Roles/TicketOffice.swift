import Messaging
import Model
import Secrets
import Synchronization

/// Signs what is given to workers, and knows it again in what they bring: a worker has a ticket for what it was given and for
/// nothing else.
///
/// The key is the database's, so that all schedulers and recorders know it and no worker does.
final class TicketOffice: Sendable {
    /// Bytes of a key.
    static let keySize = 32

    private let key = Mutex<[UInt8]?>(nil)

    /// Before this nothing is signed and nothing is genuine.
    func open(with key: [UInt8]) { self.key.withLock { $0 = key } }

    func signed(_ job: Job) -> Job {
        switch job {
        case .check(var check):
            check.assignment.ticket = ticket(
                Self.message(
                    check.check, check.due, keepsHistory: check.host.history, check.assignment.observer))
            return .check(check)
        case .discovery(var round):
            round.assignment.ticket = ticket(Self.message(ofRound: round.id))
            return .discovery(round)
        }
    }

    func isGenuine(_ result: CheckResult) -> Bool {
        isGenuine(
            result.assignment.ticket,
            Self.message(
                result.check, result.due, keepsHistory: result.keepsHistory, result.assignment.observer))
    }

    func isGenuine(_ part: DiscoveryResult) -> Bool {
        isGenuine(part.assignment.ticket, Self.message(ofRound: part.id))
    }

    private func isGenuine(_ shown: Ticket?, _ message: [UInt8]) -> Bool {
        guard let shown, let own = ticket(message) else { return false }
        return Secrets.areEqual(Array(shown.text.utf8), Array(own.text.utf8))
    }

    private func ticket(_ message: [UInt8]) -> Ticket? {
        key.withLock { key in
            key.flatMap { Ticket(bytes: Secrets.signature(of: message, key: $0)) }
        }
    }

    private static func message(
        _ check: CheckID, _ due: Timestamp, keepsHistory: Bool, _ observer: String?
    ) -> [UInt8] {
        var bytes = Array("check".utf8)
        for number in [check.host.value, check.plugin.value, due.microseconds] { bytes += octets(number) }
        bytes.append(keepsHistory ? 1 : 0)
        // What is no observer differs from the main zone, whose name is empty.
        if let observer { bytes += [0] + Array(observer.utf8) }
        return bytes
    }

    private static func message(ofRound id: Int64) -> [UInt8] { Array("round".utf8) + octets(id) }

    private static func octets(_ number: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}

/// A queue whose jobs leave with tickets.
struct TicketedQueue: MessageQueue {
    let queue: any MessageQueue<Job>
    let office: TicketOffice

    func offer(_ messages: [Job]) -> Int { queue.offer(messages.map(office.signed)) }
    func take(atMost limit: Int) -> [Delivery<Job>] { queue.take(atMost: limit) }
    func acknowledge(_ tags: [UInt64]) { queue.acknowledge(tags) }
    func handBack(_ tags: [UInt64]) { queue.handBack(tags) }
    func onArrival(_ handler: @escaping @Sendable () -> Void) { queue.onArrival(handler) }
    func onSafe(_ handler: @escaping @Sendable ([Job]) -> Void) { queue.onSafe(handler) }
    var count: Int { queue.count }
    var capacity: Int { queue.capacity }
}
