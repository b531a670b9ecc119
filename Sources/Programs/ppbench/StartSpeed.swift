import Model
import Posix
import Storage

/// From the start of the program to its first check with 100,000 checks, beside Nagios 4 on the same objects.
struct StartSpeed {
    static let benchmark = Benchmark(
        name: "start", summary: "start to the first check with 100,000 checks, beside Nagios 4"
    ) { try StartSpeed().run(rounds: $0.rounds) }

    private static let objects = ObjectSet(
        hosts: 1000, pluginsOfEach: 100, interval: 300, work: .program("check_counted"))

    func run(rounds: Int) throws -> [BenchmarkRow] {
        Benchmarks.complain("start: \(rounds) times with \(Self.objects.checks) checks")
        let samples = try Turns.measure(rounds, ours: Self.engine, baseline: Self.nagios)
        let ours = Figure(samples.ours)
        return [
            BenchmarkRow(
                what: "start: to the first check, 100,000 checks", ours: ours,
                baselineName: "Nagios 4 verify and start",
                baseline: Figure(samples.baseline.map { $0.verify + $0.start }), unit: "s",
                target: .atMost(1)),
            BenchmarkRow(
                what: "start: the same beside the start alone", ours: ours, baselineName: "Nagios 4 start",
                baseline: Figure(samples.baseline.map(\.start)), unit: "s", target: .atMost(1)),
        ]
    }

    private static func engine() throws -> Double {
        let plugin = try PluginFile.counted()
        let began = Latch<Int64>()
        let engine = try MeasuredEngine(configuration: "plugin_paths: [\(plugin.folder)]") { store in
            try await objects.fill(store)
            await store.close()
            began.open(Clock.monotonicNanoseconds())
        }
        let start = began.wait(atMost: .zero) ?? Clock.monotonicNanoseconds()
        let first = try engine.poll(within: .seconds(60), "no check ran") { try plugin.runs() > 0 }
        return Double(first - start) / 1e9
    }

    private static func nagios() throws -> (verify: Double, start: Double) {
        let plugin = try PluginFile.counted()
        var nagios = try Nagios(objects, plugin: plugin.path)
        let verify = try nagios.verify()
        let began = Clock.monotonicNanoseconds()
        try nagios.start()
        while try plugin.runs() == 0 {
            guard Clock.monotonicNanoseconds() < began + Duration.seconds(120).nanoseconds else {
                throw BenchmarkFailure(description: "Nagios 4 ran no check")
            }
            Machine.pause(.milliseconds(2))
        }
        let first = Clock.monotonicNanoseconds()
        nagios.stop()
        return (verify, Double(first - began) / 1e9)
    }
}
