import AMQP
import Baselines
import Log
import Messaging
import Model
import Posix

/// Results through a broker by our queue, confirmed and acknowledged, beside bare loops in C over messages of that size.
struct QueueRate {
    static let benchmark = Benchmark(
        name: "queue", summary: "results through RabbitMQ, confirmed and acknowledged, beside loops in C"
    ) { try QueueRate().run(rounds: $0.rounds) }

    /// Messages in one measurement.
    private static let count = 100_000
    /// Messages offered at once.
    private static let batch = 500

    private struct Sample {
        let rate: Double
        let microseconds: Double
    }

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let broker = try LocalBroker()
        try Self.waitUntilUp(broker.port)
        let results = Self.results
        let loop = QueueLoop(port: broker.port, queue: "bare", size: try results[0].wireBytes().count)
        Benchmarks.complain("queue: \(rounds) times \(Self.count) messages of \(loop.size) bytes each")
        let port = broker.port
        let samples = try Turns.measure(
            rounds, ours: { try Self.carry(results, port) }, baseline: { try loop.carry(Self.count) })
        return [
            BenchmarkRow(
                what: "queue: results confirmed and acknowledged",
                ours: Figure(samples.ours.map(\.rate)), baselineName: "C loops",
                baseline: Figure(samples.baseline.map(\.perSecond)), unit: "/s", target: .atLeast(0.7)),
            BenchmarkRow(
                what: "queue: own CPU a result, both ends and JSON",
                ours: Figure(samples.ours.map(\.microseconds)), baselineName: "C loops",
                baseline: Figure(samples.baseline.map(\.cpuMicrosecondsEach)), unit: "µs", target: .atMost(3)
            ),
        ]
    }

    /// Our two ends in this process, each with its connection, from the first offer to the last confirmation and
    /// acknowledgement.
    private static func carry(_ results: [Outcome], _ port: Int) throws -> Sample {
        let settings = RabbitSettings(
            server: AMQPServer(host: "127.0.0.1", port: port), queue: "ours",
            ends: [.publishing, .consuming],
            capacity: 10_000, prefetch: 2000)
        let queue = try RabbitQueue<Outcome>(settings, log: Log(part: "queue", level: .warning))
        while queue.consuming?.isConnected != true || queue.publishing?.isConnected != true {
            Machine.pause(.milliseconds(10))
        }
        let received = Monitor(0)
        queue.onArrival {
            while case let batch = queue.take(atMost: 1000), !batch.isEmpty {
                queue.acknowledge(batch.map(\.tag))
                received.change { $0 += batch.count }
            }
        }
        let (began, before) = (Clock.monotonicNanoseconds(), ProcessUsage.now())
        var offered = 0
        while offered < results.count {
            let accepted = queue.offer(Array(results[offered..<min(offered + batch, results.count)]))
            offered += accepted
            if accepted == 0 { Machine.pause(.milliseconds(1)) }
        }
        let isDone = received.wait(atMost: .seconds(60)) { $0 == results.count ? true : nil }
        // Closing waits for the confirmations and tells the acknowledgements.
        let unconfirmed = queue.close(within: .seconds(30))
        let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
        guard isDone == true, unconfirmed == 0 else {
            throw BenchmarkFailure(description: "not all messages came; \(unconfirmed) are not confirmed")
        }
        let used = (ProcessUsage.now().processorTime - before.processorTime) / .microseconds(1)
        return Sample(rate: Double(results.count) / seconds, microseconds: used / Double(results.count))
    }

    /// Results as plugins bring them, some 400 bytes as JSON.
    private static var results: [Outcome] {
        (0..<count).map { number in
            let due = Timestamp(microseconds: 1_800_000_000_000_000 + Int64(number))
            return .check(
                CheckResult(
                    check: CheckID(host: HostID(Int64(1000 + number % 1000)), plugin: PluginID(12)), due: due,
                    started: due, ended: due, state: .ok, cause: .exited, exitCode: 0,
                    output: PluginOutput(
                        text: "OK - 127.0.0.1: rta 0.018ms, lost 0%", performanceText: "rta=0.018ms;100;500;0"
                    ),
                    worker: "w1"))
        }
    }

    static func waitUntilUp(_ port: Int) throws {
        let end = Clock.monotonicNanoseconds() + 90_000_000_000
        while true {
            do throws(AMQPError) {
                _ = try AMQPConnection(to: AMQPServer(host: "127.0.0.1", port: port))
                return
            } catch {
                guard Clock.monotonicNanoseconds() < end else {
                    throw BenchmarkFailure(description: "the broker does not come up: \(error)")
                }
            }
            Machine.pause(.milliseconds(200))
        }
    }
}
