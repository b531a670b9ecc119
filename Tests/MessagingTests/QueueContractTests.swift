import Messaging
import Synchronization
import TestSupport
import Testing

/// A kind of queue that keeps the contract.
enum QueueKind: String, CaseIterable, CustomTestStringConvertible {
    case local
    case rabbit

    /// Those that this machine can run.
    static let available = allCases.filter { $0 == .local || BrokerServer.isAvailable }

    var testDescription: String { rawValue }

    /// A queue of its own, with room for `capacity` messages.
    func make(_ capacity: Int) async throws -> any MessageQueue<Int> {
        switch self {
        case .local: LocalQueue<Int>(capacity: capacity)
        case .rabbit: try await TestBroker.queue(capacity: capacity)
        }
    }
}

extension MessageQueue {
    /// Takes `count` messages, waiting for those that are on their way.
    func take(exactly count: Int) async -> [Delivery<Message>] {
        var deliveries: [Delivery<Message>] = []
        _ = await eventually {
            deliveries += take(atMost: count - deliveries.count)
            return deliveries.count == count
        }
        return deliveries
    }
}

/// The rules that every queue keeps, whatever carries it.
@Suite("Queue contract", .timeLimit(.minutes(4)))
struct QueueContractTests {
    @Test("messages come out in the order in which they went in", arguments: QueueKind.available)
    func order(kind: QueueKind) async throws {
        let queue = try await kind.make(1000)
        for round in 0..<50 {
            #expect(queue.offer(Array(round * 10..<round * 10 + 10)) == 10)
            #expect(await queue.take(exactly: 7).map(\.message) == Array(round * 7..<round * 7 + 7))
        }
    }

    @Test(
        "a queue that nobody empties gets full: it takes the front of an offer and then nothing",
        arguments: QueueKind.available)
    func bound(kind: QueueKind) async throws {
        let queue = try await kind.make(5)

        #expect(queue.offer(Array(0..<6)) == 5)
        var accepted = 5
        var refusals = 0
        // A queue elsewhere has room of its own, which is bounded too.
        while refusals < 20, accepted < 1000 {
            let taken = queue.offer([accepted])
            accepted += taken
            refusals = taken == 0 ? refusals + 1 : 0
            if taken == 0 { try await Task.sleep(for: .milliseconds(kind == .local ? 0 : 100)) }
        }
        #expect(kind == .local ? accepted == 5 : accepted < 200)
        var taken: [Int] = []
        while taken.count < accepted, case let batch = await queue.take(exactly: 1), !batch.isEmpty {
            taken += batch.map(\.message)
            queue.acknowledge(batch.map(\.tag))
        }
        #expect(taken.sorted() == Array(0..<accepted))
    }

    @Test("an empty queue gives nothing and does not wait", arguments: QueueKind.available)
    func empty(kind: QueueKind) async throws {
        let queue = try await kind.make(5)

        #expect(queue.take(atMost: 3).isEmpty)
        #expect(queue.offer([]) == 0)
        #expect(queue.count == 0)
    }

    @Test(
        "PP-B10: what is handed back is delivered again, before newer messages and in order",
        arguments: QueueKind.available)
    func handBack(kind: QueueKind) async throws {
        let queue = try await kind.make(10)
        _ = queue.offer([1, 2, 3, 4])
        let taken = await queue.take(exactly: 3)
        try #require(taken.count == 3)
        // The fourth may be on its way.
        #expect(await eventually { queue.count == 1 })
        queue.acknowledge([taken[1].tag])
        queue.handBack([taken[2].tag, taken[0].tag])

        #expect(await queue.take(exactly: 3).map(\.message) == [1, 3, 4])
    }

    @Test("what is acknowledged never comes back", arguments: QueueKind.available)
    func acknowledged(kind: QueueKind) async throws {
        let queue = try await kind.make(10)
        _ = queue.offer([1, 2])
        let taken = await queue.take(exactly: 2)
        try #require(taken.count == 2)
        queue.acknowledge([taken[0].tag])
        queue.handBack(taken.map(\.tag))

        #expect(await queue.take(exactly: 1).map(\.message) == [2])
        #expect(queue.take(atMost: 1).isEmpty)
    }

    @Test("the handler is called when messages come to an empty queue", arguments: QueueKind.available)
    func arrival(kind: QueueKind) async throws {
        let queue = try await kind.make(10)
        let calls = Mutex(0)
        queue.onArrival { calls.withLock { $0 += 1 } }
        _ = queue.offer([1, 2])
        _ = queue.offer([3])
        #expect(await eventually { calls.withLock { $0 } > 0 })
        let taken = await queue.take(exactly: 3)
        #expect(taken.count == 3)
        let before = calls.withLock { $0 }
        queue.handBack(taken.map(\.tag))
        #expect(await eventually { calls.withLock { $0 } > before })
    }

    @Test("a handler that comes late is told at once of what waits", arguments: QueueKind.available)
    func lateHandler(kind: QueueKind) async throws {
        let queue = try await kind.make(10)
        _ = queue.offer([1])
        queue.handBack((await queue.take(exactly: 1)).map(\.tag))
        #expect(await eventually { queue.count > 0 })
        let calls = Mutex(0)
        queue.onArrival { calls.withLock { $0 += 1 } }

        #expect(await eventually { calls.withLock { $0 } > 0 })
    }

    @Test("what was accepted is told to be safe, each message once", arguments: QueueKind.available)
    func safe(kind: QueueKind) async throws {
        let queue = try await kind.make(100)
        let safe = Mutex<[Int]>([])
        queue.onSafe { messages in safe.withLock { $0 += messages } }
        #expect(queue.offer(Array(0..<100)) == 100)

        #expect(await eventually { safe.withLock { $0.count } >= 100 })
        #expect(safe.withLock { $0.sorted() } == Array(0..<100))
    }

    @Test("many threads at once lose and double nothing", arguments: QueueKind.available)
    func threads(kind: QueueKind) async throws {
        let queue = try await kind.make(100_000)
        await withTaskGroup(of: Void.self) { group in
            for part in 0..<4 {
                group.addTask {
                    for number in 0..<1000 { #expect(queue.offer([part * 1000 + number]) == 1) }
                }
            }
        }
        let received = Received()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { await received.take(4000, from: queue) } }
        }
        #expect(received.all.sorted() == Array(0..<4000))
        #expect(queue.take(atMost: 1).isEmpty)
    }

    /// What several tasks took.
    private final class Received: Sendable {
        private let numbers = Mutex<[Int]>([])

        var all: [Int] { numbers.withLock { $0 } }

        /// Takes and acknowledges until all tasks together have `count`.
        func take(_ count: Int, from queue: any MessageQueue<Int>) async {
            _ = await eventually {
                let batch = queue.take(atMost: 17)
                queue.acknowledge(batch.map(\.tag))
                return numbers.withLock { numbers in
                    numbers += batch.map(\.message)
                    return numbers.count >= count
                }
            }
        }
    }
}
