import AMQP
import Messaging
import Posix
import Synchronization
import TestSupport
import Testing

/// What a queue at a broker does beyond the contract, with a broker that is well.
@Suite("Queue at a broker", .enabled(if: BrokerServer.isAvailable), .timeLimit(.minutes(4)))
struct RabbitQueueTests {
    /// A bare connection, to do what our queue never does.
    private func bare(_ broker: BrokerServer) throws -> AMQPConnection {
        try AMQPConnection(to: AMQPServer(host: "127.0.0.1", port: broker.port))
    }

    /// Both ends as two processes have them.
    private func ends(
        _ settings: RabbitSettings, log: CaughtLog = CaughtLog()
    ) throws -> (publisher: RabbitQueue<Int>, consumer: RabbitQueue<Int>) {
        var (out, into) = (settings, settings)
        out.ends = .publishing
        into.ends = .consuming
        return (try RabbitQueue(out, log: log.log), try RabbitQueue(into, log: log.log))
    }

    @Test("each end does its own work only")
    func oneEnd() async throws {
        let broker = try await TestBroker.shared.value
        let (publisher, consumer) = try ends(TestBroker.settings(for: broker, capacity: 10))

        #expect(consumer.offer([1]) == 0)
        #expect(publisher.offer([1]) == 1)
        #expect(await consumer.take(exactly: 1).map(\.message) == [1])
        #expect(publisher.take(atMost: 1).isEmpty)
        #expect(publisher.consuming == nil)
        #expect(consumer.publishing == nil)
    }

    @Test(
        "messages that cannot be read, or are too large, become dead letters, are counted and told once a minute"
    )
    func deadLetters() async throws {
        let broker = try await TestBroker.shared.value
        let settings = TestBroker.settings(for: broker, capacity: 100)
        let log = CaughtLog()
        let (_, consumer) = try ends(settings, log: log)
        #expect(await eventually { consumer.consuming?.isConnected == true })
        let connection = try bare(broker)
        let bodies: [[UInt8]] = [
            Array("one".utf8), Array("7".utf8), [], Array(repeating: 57, count: 300_000), [0xff],
            Array("8".utf8),
        ]
        for (index, body) in bodies.enumerated() {
            try connection.publish(body, to: settings.queue, number: UInt64(index + 1))
        }

        #expect(await consumer.take(exactly: 2).map(\.message) == [7, 8])
        #expect(consumer.consuming?.unreadable == 4)
        #expect(log.count("cannot be read and goes to \(settings.queue).dead") == 1)
        #expect(await eventually { consumer.consuming?.deadLetters == 4 })
    }

    @Test("a message that has no form is dropped, counted and told; others go their way")
    func unsendable() async throws {
        let broker = try await TestBroker.shared.value
        let log = CaughtLog()
        let (publisher, consumer) = try ends(TestBroker.settings(for: broker, capacity: 100), log: log)
        #expect(publisher.offer([1, -5, 2]) == 3)

        #expect(await consumer.take(exactly: 2).map(\.message) == [1, 2])
        #expect(await eventually { publisher.publishing?.unconfirmed == 0 })
        #expect(publisher.publishing?.oversized == 1)
        #expect(log.count("a message is dropped") == 1)
    }

    @Test(
        "a full queue refuses; messages wait here, then less is accepted, and all arrive once there is room")
    func full() async throws {
        let broker = try await TestBroker.shared.value
        var settings = TestBroker.settings(for: broker, capacity: 20, ends: .publishing)
        settings.limit = 10
        let publisher = try RabbitQueue<Int>(settings, log: TestBroker.silent)
        var accepted = 0
        // One by one, as the broker says a little late that its queue is full.
        let isFull = await eventually {
            while publisher.offer([accepted]) == 1, accepted < 5000 { accepted += 1 }
            return (publisher.publishing?.refused ?? 0) > 0 && publisher.publishing?.unconfirmed == 20
        }
        #expect(isFull)
        #expect(accepted < 5000)
        #expect(publisher.offer([accepted]) == 0)

        settings.ends = .consuming
        let consumer = try RabbitQueue<Int>(settings, log: TestBroker.silent)
        var taken: [Int] = []
        while taken.count < accepted, case let batch = await consumer.take(exactly: 1), !batch.isEmpty {
            taken += batch.map(\.message)
            consumer.acknowledge(batch.map(\.tag))
        }
        #expect(taken.sorted() == Array(0..<accepted))
    }

    @Test("the prefetch bounds what one consumer holds, so that others get their share")
    func prefetch() async throws {
        let broker = try await TestBroker.shared.value
        var settings = TestBroker.settings(for: broker, capacity: 100)
        settings.prefetch = 3
        let (publisher, first) = try ends(settings)
        #expect(publisher.offer(Array(0..<10)) == 10)
        #expect(await eventually { first.take(atMost: 0).isEmpty && (first.consuming?.delivered ?? 0) == 3 })
        settings.ends = .consuming
        settings.prefetch = 50
        let second = try RabbitQueue<Int>(settings, log: TestBroker.silent)

        #expect(await second.take(exactly: 7).count == 7)
        let held = await first.take(exactly: 3)
        #expect(first.take(atMost: 1).isEmpty)
        #expect(held.map(\.message) == [0, 1, 2])
    }

    @Test("the depth at the broker is known")
    func depth() async throws {
        let broker = try await TestBroker.shared.value
        let publisher = try RabbitQueue<Int>(
            TestBroker.settings(for: broker, capacity: 100, ends: .publishing), log: TestBroker.silent)
        #expect(publisher.offer(Array(0..<30)) == 30)

        #expect(await eventually { publisher.publishing?.depth == 30 && publisher.count == 30 })
        #expect(publisher.publishing?.consumers == 0)
    }

    @Test("closing sends what waits and what is acknowledged, and accepts nothing more")
    func closing() async throws {
        let broker = try await TestBroker.shared.value
        let settings = TestBroker.settings(for: broker, capacity: 10_000)
        let (publisher, consumer) = try ends(settings)
        #expect(publisher.offer(Array(0..<10_000)) == 10_000)

        #expect(publisher.close(within: .seconds(30)) == 0)
        #expect(publisher.offer([1]) == 0)
        let taken = await consumer.take(exactly: 600)
        consumer.acknowledge(taken.prefix(500).map(\.tag))
        #expect(consumer.close(within: .seconds(30)) == 0)
        let (_, next) = try ends(settings)
        var rest: [Int] = []
        while case let batch = await next.take(exactly: min(5000, 9500 - rest.count)), !batch.isEmpty {
            rest += batch.map(\.message)
            next.acknowledge(batch.map(\.tag))
        }
        // What was refused once and sent again may come later than what was sent after it.
        let expected = Set(0..<10_000).subtracting(taken.prefix(500).map(\.message))
        let isWhole = Set(rest) == expected && rest.count == expected.count
        #expect(
            isWhole,
            "\(rest.count) of \(expected.count) came, \(Set(rest).subtracting(expected).count) of them again")
    }

    @Test("closing without a broker ends at its deadline and says what is not confirmed")
    func closingAlone() throws {
        var settings = RabbitSettings(
            server: AMQPServer(host: "127.0.0.1", port: try Machine.freePort()), queue: "q", ends: .publishing
        )
        settings.capacity = 5
        let log = CaughtLog()
        let queue = try RabbitQueue<Int>(settings, log: log.log)
        #expect(queue.offer(Array(0..<9)) == 5)
        #expect(queue.offer([9]) == 0)

        #expect(queue.close(within: .milliseconds(300)) == 5)
        #expect(queue.trouble?.contains("is the broker running there?") == true)
        #expect(log.count("no connection to the broker; trying again") == 1)
    }

    @Test("a queue that has another limit already is used as it is, and that is told")
    func otherLimits() async throws {
        let broker = try await TestBroker.shared.value
        var settings = TestBroker.settings(for: broker, capacity: 100)
        try bare(broker).declare(QueueDeclaration(name: settings.queue, limit: 7))
        settings.limit = 100
        let log = CaughtLog()
        let (publisher, consumer) = try ends(settings, log: log)
        #expect(publisher.offer([1, 2]) == 2)

        #expect(await consumer.take(exactly: 2).map(\.message) == [1, 2])
        #expect(log.count("a queue has other limits than ours") >= 1)
    }

    @Test("a queue that somebody deletes is declared anew: what comes then is carried, what was here is kept")
    func deletedQueue() async throws {
        let broker = try await TestBroker.shared.value
        let settings = TestBroker.settings(for: broker, capacity: 1000)
        let log = CaughtLog()
        let (publisher, consumer) = try ends(settings, log: log)
        #expect(publisher.offer([1]) == 1)
        let first = await consumer.take(exactly: 1)
        #expect(first.map(\.message) == [1])
        #expect(await eventually { publisher.publishing?.unconfirmed == 0 })
        try broker.control(["delete_queue", settings.queue])

        // The consumer may have declared it again before these come: both ways all of them arrive.
        #expect(publisher.offer(Array(2..<500)) == 498)
        consumer.acknowledge(first.map(\.tag))
        let taken = await consumer.take(exactly: 498)
        #expect(taken.map(\.message).sorted() == Array(2..<500))
        #expect(log.count("a queue is gone; it is declared anew") >= 1)
    }

    @Test("without a consumer to declare it again, what is returned from a deleted queue is published again")
    func returned() async throws {
        let broker = try await TestBroker.shared.value
        var settings = TestBroker.settings(for: broker, capacity: 1000, ends: .publishing)
        let safe = Mutex<[Int]>([])
        let publisher = try RabbitQueue<Int>(settings, log: TestBroker.silent)
        publisher.onSafe { messages in safe.withLock { $0 += messages } }
        #expect(publisher.offer([1]) == 1)
        #expect(
            await eventually { publisher.publishing?.unconfirmed == 0 && publisher.publishing?.depth != nil })
        try broker.control(["delete_queue", settings.queue])
        #expect(publisher.offer(Array(2..<100)) == 98)

        #expect(await eventually { publisher.publishing?.unconfirmed == 0 })
        settings.ends = .consuming
        let consumer = try RabbitQueue<Int>(settings, log: TestBroker.silent)
        let taken = await consumer.take(exactly: 98)
        #expect(taken.map(\.message).sorted() == Array(2..<100))
        #expect(safe.withLock { $0.sorted() } == Array(1..<100))
    }
}
