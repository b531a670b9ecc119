import AMQP
import CommandLine
import Log
import Messaging
import Model
import Posix

/// A worker process that knows only the broker, with jobs in its queue, beside the embedded engine with the same plugin.
struct WorkerRate {
    static let benchmark = Benchmark(
        name: "worker", summary: "native plugins of a worker over RabbitMQ, beside the embedded engine"
    ) { try WorkerRate().run(rounds: $0.rounds) }

    private static let width = 64
    private static let warmUp = Duration.seconds(2)
    private static let length = Duration.seconds(5)
    /// More than are done in the time of a measurement.
    private static let jobs = 60_000
    private static let objects = ObjectSet(
        hosts: 8000, pluginsOfEach: 1, interval: 1, work: .program("check_counted"))

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let plugin = try PluginFile.counted()
        Benchmarks.complain(
            "worker: \(rounds) times \(Self.length) each of a worker over the broker and the embedded engine")
        let samples = try Turns.measure(
            rounds, ours: { try Self.distant(plugin) }, baseline: { try Self.embedded(plugin) })
        return [
            BenchmarkRow(
                what: "worker: native plugin runs over the broker", ours: Figure(samples.ours),
                baselineName: "embedded", baseline: Figure(samples.baseline), unit: "/s",
                target: .atLeast(0.9),
                note: "the broker is on the same cores")
        ]
    }

    private static func embedded(_ plugin: borrowing PluginFile) throws -> Double {
        let engine = try MeasuredEngine.saturated(folder: plugin.folder, width: width) { store in
            try await objects.fill(store)
        }
        defer { _ = engine.port }
        return try rate(plugin)
    }

    private static func rate(_ plugin: borrowing PluginFile) throws -> Double {
        Machine.pause(warmUp)
        let (first, began) = (try plugin.runs(), Clock.monotonicNanoseconds())
        Machine.pause(length)
        return Double(try plugin.runs() - first) / (Double(Clock.monotonicNanoseconds() - began) / 1e9)
    }

    /// Each with a broker of its own: what one measurement leaves in its queues is nothing to the next.
    private static func distant(_ plugin: borrowing PluginFile) throws -> Double {
        let broker = try LocalBroker()
        try QueueRate.waitUntilUp(broker.port)
        try fill(broker.port)
        let home = try TemporaryFolder()
        try SmallFile.write(
            Array(
                """
                state_dir: \(home.path)
                roles: [worker]
                queue: amqp://guest@127.0.0.1:\(broker.port)/
                plugin_paths: [\(plugin.folder)]
                scheduler: {queue_size: 200000}
                worker: {name: bench, concurrency: \(width)}
                """.utf8), to: home.path + "/worker.yaml")
        let worker = try Program(
            Machine.programFolder + "/ppalette", ["run", "--config", home.path + "/worker.yaml"],
            environment: ["PATH=/usr/bin:/bin", "PPALETTE_QUEUE_PASSWORD=guest"], output: home.path + "/log")
        defer { _ = worker.pid }
        let rate = try rate(plugin)
        guard rate > 0 else {
            throw BenchmarkFailure(
                description: "the worker ran nothing: \((try? SmallFile.text(at: home.path + "/log")) ?? "")")
        }
        return rate
    }

    /// Puts jobs into the queue of local plugins, as a scheduler does.
    private static func fill(_ port: Int) throws {
        let queue = try RabbitQueue<Job>(
            RabbitSettings(
                server: AMQPServer(host: "127.0.0.1", port: port), queue: "ppalette.jobs.local",
                ends: .publishing,
                capacity: 10_000, limit: 200_000), log: Log(part: "queue", level: .warning))
        let plugin = Shared(Plugin(id: PluginID(1), name: "p", script: "check_counted"))
        let due = Timestamp(microseconds: Clock.wallNanoseconds() / 1000)
        var offered = 0
        while offered < jobs {
            let next = (offered..<min(offered + 500, jobs)).map { number in
                let host = Host(id: HostID(Int64(1 + number)), name: "h\(number)", address: "127.0.0.1")
                return Job.check(
                    CheckJob(host: Shared(host), plugin: plugin, due: due, deadline: due + .seconds(3600)))
            }
            let accepted = queue.offer(next)
            offered += accepted
            if accepted == 0 { Machine.pause(.milliseconds(1)) }
        }
        guard queue.close(within: .seconds(60)) == 0 else {
            throw BenchmarkFailure(description: "the broker did not confirm all jobs")
        }
    }
}
