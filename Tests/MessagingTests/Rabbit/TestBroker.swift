import AMQP
import Log
package import Messaging
import Synchronization
import TestSupport

/// Numbers as messages, which the contract is tested with.
extension Int: WireMessage {
    package func wireBytes() throws(WireError) -> [UInt8] {
        guard self >= 0 else { throw WireError("a number below zero has no form") }
        return Array(String(self).utf8)
    }

    package init(wireBytes: [UInt8]) throws(WireError) {
        guard let number = Int(String(decoding: wireBytes, as: UTF8.self)) else {
            throw WireError("it is no number")
        }
        self = number
    }
}

/// The broker that gentle tests share; those that break it have their own.
enum TestBroker {
    static let shared = Task { try await BrokerServer(in: Sandbox()) }

    static func queue(capacity: Int) async throws -> RabbitQueue<Int> {
        try RabbitQueue(settings(for: try await shared.value, capacity: capacity), log: silent)
    }

    /// A queue of a new name, both ends in use.
    static func settings(
        for broker: BrokerServer, capacity: Int, ends: RabbitEnds = [.publishing, .consuming]
    ) -> RabbitSettings {
        RabbitSettings(
            server: AMQPServer(host: "127.0.0.1", port: broker.port),
            queue: "test.\(UInt64.random(in: 0 ... .max))", ends: ends, capacity: capacity,
            prefetch: min(capacity, 5000), limit: capacity)
    }

    static let silent = Log(part: "test") { _ in }
}

/// Lines of a log, for tests.
final class CaughtLog: Sendable {
    private let caught = Mutex<[String]>([])

    var lines: [String] { caught.withLock { $0 } }
    var log: Log { Log(part: "test") { [self] line in caught.withLock { $0.append(line) } } }

    func count(_ text: String) -> Int { lines.count { $0.contains(text) } }
}
