import Messaging
import Synchronization
import Testing

/// The rules that every queue keeps, whatever carries it.
@Suite("Queue contract")
struct QueueContractTests {
    /// Makes one queue of each kind with room for `capacity` messages.
    static let makers: [@Sendable (Int) -> any MessageQueue<Int>] = [{ LocalQueue<Int>(capacity: $0) }]

    @Test("messages come out in the order in which they went in", arguments: 0..<makers.count)
    func order(kind: Int) {
        let queue = Self.makers[kind](1000)
        for round in 0..<50 {
            #expect(queue.offer(Array(round * 10..<round * 10 + 10)) == 10)
            #expect(queue.take(atMost: 7).map(\.message) == Array(round * 7..<round * 7 + 7))
        }
    }

    @Test("a full queue takes the front of an offer and refuses the rest", arguments: 0..<makers.count)
    func bound(kind: Int) {
        let queue = Self.makers[kind](5)

        #expect(queue.offer([1, 2, 3]) == 3)
        #expect(queue.offer([4, 5, 6]) == 2)
        #expect(queue.offer([7]) == 0)
        #expect(queue.count == 5)
        #expect(queue.take(atMost: 10).map(\.message) == [1, 2, 3, 4, 5])
    }

    @Test("an empty queue gives nothing and does not wait", arguments: 0..<makers.count)
    func empty(kind: Int) {
        let queue = Self.makers[kind](5)

        #expect(queue.take(atMost: 3).isEmpty)
        #expect(queue.offer([]) == 0)
    }

    @Test(
        "PP-B10: what is handed back is delivered again, before newer messages and in order",
        arguments: 0..<makers.count)
    func handBack(kind: Int) {
        let queue = Self.makers[kind](10)
        _ = queue.offer([1, 2, 3, 4])
        let taken = queue.take(atMost: 3)
        queue.acknowledge([taken[1].tag])
        queue.handBack([taken[2].tag, taken[0].tag])

        #expect(queue.take(atMost: 10).map(\.message) == [1, 3, 4])
    }

    @Test("what is acknowledged never comes back", arguments: 0..<makers.count)
    func acknowledged(kind: Int) {
        let queue = Self.makers[kind](10)
        _ = queue.offer([1])
        let taken = queue.take(atMost: 1)
        queue.acknowledge(taken.map(\.tag))
        queue.handBack(taken.map(\.tag))

        #expect(queue.take(atMost: 1).isEmpty)
    }

    @Test("the handler is called when messages come to an empty queue", arguments: 0..<makers.count)
    func arrival(kind: Int) {
        let queue = Self.makers[kind](10)
        let calls = Mutex(0)
        queue.onArrival { calls.withLock { $0 += 1 } }
        _ = queue.offer([1, 2])
        _ = queue.offer([3])
        #expect(calls.withLock { $0 } == 1)
        let taken = queue.take(atMost: 3)
        queue.handBack(taken.map(\.tag))
        #expect(calls.withLock { $0 } == 2)
    }

    @Test("a handler that comes late is told at once of what waits", arguments: 0..<makers.count)
    func lateHandler(kind: Int) {
        let queue = Self.makers[kind](10)
        _ = queue.offer([1])
        let calls = Mutex(0)
        queue.onArrival { calls.withLock { $0 += 1 } }

        #expect(calls.withLock { $0 } == 1)
    }

    @Test("many threads at once lose and double nothing", arguments: 0..<makers.count)
    func threads(kind: Int) async {
        let queue = Self.makers[kind](100_000)
        await withTaskGroup(of: Void.self) { group in
            for part in 0..<4 {
                group.addTask {
                    for number in 0..<1000 { #expect(queue.offer([part * 1000 + number]) == 1) }
                }
            }
        }
        let all = await withTaskGroup(of: [Int].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var own: [Int] = []
                    while case let batch = queue.take(atMost: 17), !batch.isEmpty {
                        own += batch.map(\.message)
                        queue.acknowledge(batch.map(\.tag))
                    }
                    return own
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(all.sorted() == Array(0..<4000))
    }
}
