import AMQP
import Messaging
import Synchronization
import TestSupport
import Testing

/// A broker that is killed, frozen and short of memory, while messages go both ways.
@Suite("Broker in trouble", .serialized, .enabled(if: BrokerServer.isAvailable), .timeLimit(.minutes(5)))
struct BrokerStormTests {
    /// Publishes numbers as fast as they are accepted and takes them at another end; the audit holds one against the other.
    private final class Traffic: Sendable {
        private struct Seen {
            var offered = 0
            var received: [Int: Int] = [:]
            var confirmed: Set<Int> = []
            var isStopping = false
        }

        let publisher: RabbitQueue<Int>
        let consumer: RabbitQueue<Int>
        private let seen = Mutex(Seen())

        init(_ settings: RabbitSettings, log: CaughtLog) throws {
            var (out, into) = (settings, settings)
            out.ends = .publishing
            into.ends = .consuming
            publisher = try RabbitQueue(out, log: log.log)
            consumer = try RabbitQueue(into, log: log.log)
            publisher.onSafe { [weak self] messages in
                self?.seen.withLock { $0.confirmed.formUnion(messages) }
            }
        }

        var offered: Int { seen.withLock { $0.offered } }
        var received: Int { seen.withLock { $0.received.count } }
        /// What never came, in a few words; nil when all came.
        var lost: String? {
            seen.withLock { seen in
                let lost = (0..<seen.offered).filter { seen.received[$0] == nil }
                guard let first = lost.first, let last = lost.last else { return nil }
                let confirmed = lost.count { seen.confirmed.contains($0) }
                return
                    "\(lost.count) of \(seen.offered) from \(first) to \(last), \(confirmed) of them confirmed"
            }
        }
        /// Deliveries beyond the first of each message.
        var doubled: Int { seen.withLock { $0.received.values.reduce(0) { $0 + $1 - 1 } } }

        func stop() { seen.withLock { $0.isStopping = true } }

        /// Runs until stopped and all has come, or a minute after that.
        func run() async {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.publish() }
                group.addTask { await self.consume() }
            }
        }

        private func publish() async {
            while !seen.withLock({ $0.isStopping }) {
                let next = offered
                let accepted = publisher.offer(Array(next..<next + 20))
                seen.withLock { $0.offered += accepted }
                try? await Task.sleep(for: .milliseconds(5))
            }
        }

        private func consume() async {
            while !seen.withLock({ $0.isStopping }) {
                takeSome()
                try? await Task.sleep(for: .milliseconds(5))
            }
            _ = await eventually(within: 60) {
                takeSome()
                return seen.withLock { $0.received.count >= $0.offered }
            }
        }

        private func takeSome() {
            let batch = consumer.take(atMost: 100)
            // One in seven late, so that some are open whenever the broker goes.
            consumer.acknowledge(batch.filter { $0.message % 7 != 0 }.map(\.tag))
            consumer.acknowledge(batch.filter { $0.message % 7 == 0 }.map(\.tag))
            seen.withLock { seen in
                for delivery in batch { seen.received[delivery.message, default: 0] += 1 }
            }
        }
    }

    @Test(
        "killed twice and restarted while messages come and go: none is lost, doubled are only those sent again"
    )
    func killed() async throws {
        let sandbox = try Sandbox()
        let broker = try await BrokerServer(in: sandbox)
        let log = CaughtLog()
        let traffic = try Traffic(TestBroker.settings(for: broker, capacity: 5000), log: log)
        let run = Task { await traffic.run() }
        for round in 1...2 {
            let goal = traffic.received + 2000
            #expect(await eventually(within: 60) { traffic.received >= goal })
            if round == 1 { try broker.settle() }
            broker.kill()
            #expect(
                await eventually {
                    traffic.publisher.publishing?.isConnected == false
                        && traffic.consumer.consuming?.isConnected == false
                })
            #expect(traffic.publisher.trouble?.isEmpty == false)
            try await broker.start()
            #expect(
                await eventually(within: 60) {
                    traffic.publisher.publishing?.isConnected == true
                        && traffic.consumer.consuming?.isConnected == true
                })
            #expect(log.count("the broker can be used again") == 2 * round)
        }
        let goal = traffic.received + 2000
        #expect(await eventually(within: 60) { traffic.received >= goal })
        traffic.stop()
        await run.value

        #expect(traffic.lost == nil)
        let sentAgain =
            (traffic.publisher.publishing?.republished ?? 0) + (traffic.consumer.consuming?.redelivered ?? 0)
        #expect(traffic.doubled <= sentAgain)
        #expect(log.count("no connection to the broker") >= 4)
    }

    @Test(
        "killed with a full queue and much delivered that nobody acknowledged: nothing is lost, nothing buried"
    )
    func killedWhenFull() async throws {
        let sandbox = try Sandbox()
        let broker = try await BrokerServer(in: sandbox)
        var settings = TestBroker.settings(for: broker, capacity: 200)
        settings.limit = 100
        settings.prefetch = 80
        let log = CaughtLog()
        let queue = try RabbitQueue<Int>(settings, log: log.log)
        var accepted = 0
        let isFull = await eventually(within: 60) {
            while queue.offer([accepted]) == 1 { accepted += 1 }
            return (queue.publishing?.refused ?? 0) > 0 && queue.publishing?.unconfirmed == 200
        }
        #expect(isFull)
        #expect(queue.consuming?.delivered == 80)
        try broker.settle()
        broker.kill()
        #expect(await eventually { queue.consuming?.isConnected == false })
        try await broker.start()

        var received: Set<Int> = []
        let isWhole = await eventually(within: 60) {
            let batch = queue.take(atMost: 50)
            queue.acknowledge(batch.map(\.tag))
            received.formUnion(batch.map(\.message))
            return received.count == accepted
        }
        #expect(
            isWhole,
            "\(received.count) of \(accepted); \(String(describing: queue.consuming)); \(log.lines); \(broker.log.suffix(3000))"
        )
        #expect(await eventually { queue.consuming?.deadLetters == 0 })
    }

    @Test("a queue that confirms nothing is told, and its messages are sent again when it does")
    func withoutConfirmations() async throws {
        let sandbox = try Sandbox()
        let broker = try await BrokerServer(in: sandbox)
        var settings = TestBroker.settings(for: broker, capacity: 10)
        settings.limits.sending = .seconds(1)
        settings.limits.heartbeat = .seconds(60)
        settings.limits.answer = .seconds(2)
        let log = CaughtLog()
        let queue = try RabbitQueue<Int>(settings, log: log.log)
        #expect(queue.offer([1]) == 1)
        #expect(await queue.take(exactly: 1).count == 1)
        broker.freeze(true)
        #expect(queue.offer([2, 3]) == 2)
        #expect(await eventually { log.count("confirms nothing") == 1 })
        #expect(queue.publishing?.unconfirmed == 2)
        broker.freeze(false)

        let taken = await queue.take(exactly: 2)
        #expect(taken.map(\.message) == [2, 3])
        #expect(await eventually { queue.publishing?.unconfirmed == 0 })
    }

    @Test("frozen: noticed by its silence; nothing is lost when it goes on")
    func frozen() async throws {
        let sandbox = try Sandbox()
        let broker = try await BrokerServer(in: sandbox)
        var settings = TestBroker.settings(for: broker, capacity: 5000)
        settings.limits.heartbeat = .seconds(2)
        settings.limits.answer = .seconds(2)
        let traffic = try Traffic(settings, log: CaughtLog())
        let run = Task { await traffic.run() }
        #expect(await eventually(within: 60) { traffic.received >= 500 })
        broker.freeze(true)
        #expect(
            await eventually(within: 30) {
                traffic.publisher.publishing?.isConnected == false
                    && traffic.consumer.consuming?.isConnected == false
            })
        broker.freeze(false)
        let goal = traffic.offered + 500
        #expect(await eventually(within: 60) { traffic.received >= goal })
        traffic.stop()
        await run.value

        #expect(traffic.lost == nil)
    }

    @Test(
        "short of memory: told in a sentence, bounded here, consumers go on, and all arrives when it has room again"
    )
    func memoryAlarm() async throws {
        let sandbox = try Sandbox()
        let broker = try await BrokerServer(in: sandbox)
        let log = CaughtLog()
        let traffic = try Traffic(TestBroker.settings(for: broker, capacity: 500), log: log)
        let run = Task { await traffic.run() }
        #expect(await eventually(within: 60) { traffic.received >= 500 })
        try broker.control(["set_vm_memory_high_watermark", "0.0001"])
        #expect(
            await eventually(within: 60) { traffic.publisher.trouble?.contains("low on memory") == true })
        #expect(await eventually { traffic.publisher.publishing?.unconfirmed == 500 })
        #expect(traffic.publisher.offer([-1]) == 0)
        #expect(traffic.consumer.trouble == nil)
        try broker.control(["set_vm_memory_high_watermark", "0.4"])
        #expect(await eventually(within: 60) { traffic.publisher.trouble == nil })
        let goal = traffic.offered + 500
        #expect(await eventually(within: 60) { traffic.received >= goal })
        traffic.stop()
        await run.value

        #expect(traffic.lost == nil)
        #expect(traffic.doubled == 0)
        #expect(log.count("accepts no messages for now") == 1)
        #expect(log.count("accepts messages again") == 1)
    }
}
