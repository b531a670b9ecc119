import Baselines
import Model
import Posix
import Storage

/// Local plugins as fast as they go, through the whole engine into the database, beside a bare loop in C.
struct LocalChecks {
    static let benchmark = Benchmark(
        name: "local", summary: "native plugins: runs a second and processor time of each, beside a loop in C"
    ) { try LocalChecks().run(rounds: $0.rounds) }

    /// Runs open at once.
    private static let width = 64
    /// More than the machine can do: 8,000 runs a second are due.
    private static let hosts = 8000
    private static let length = Duration.seconds(5)

    private struct Sample {
        let rate: Double
        let microseconds: Double
        let lateness: Double
    }

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let plugin = try PluginFile.tiny()
        Benchmarks.complain("local: \(rounds) times \(Self.length) each of the engine and the loop in C")
        let loop = SpawnLoop(path: plugin.path, arguments: ["0", "fine"], width: Self.width)
        let samples = try Turns.measure(
            rounds, ours: { try Self.measure(plugin) }, baseline: { try loop.run(for: Self.length) })
        return [
            BenchmarkRow(
                what: "local: native plugin runs, results in SQL",
                ours: Figure(samples.ours.map(\.rate)), baselineName: "C loop",
                baseline: Figure(samples.baseline.map(\.runsPerSecond)), unit: "/s", target: .atLeast(0.92)),
            BenchmarkRow(
                what: "local: engine's own CPU a run",
                ours: Figure(samples.ours.map(\.microseconds)), baselineName: "C loop",
                baseline: Figure(samples.baseline.map(\.ownMicrosecondsPerRun)), unit: "µs",
                target: .atMost(2)),
        ]
    }

    /// One engine of its own, saturated; counted are the runs that are recorded.
    private static func measure(_ plugin: borrowing PluginFile) throws -> Sample {
        let folder = plugin.folder
        let engine = try MeasuredEngine(
            configuration: """
                plugin_paths: [\(folder)]
                worker:
                  concurrency: \(width)
                """
        ) { store in
            _ = try await store.add(Suite(name: "all"))
            _ = try await store.add(
                Plugin(
                    name: "tiny", script: "check_tiny", arguments: "0 fine", interval: 1, timeout: 10,
                    suites: ["all"]))
            for number in 0..<hosts {
                _ = try await store.add(
                    Host(
                        name: "host-\(number)", address: "127.0.\(1 + number / 250).\(1 + number % 250)",
                        suites: ["all"]))
            }
        }
        _ = try engine.waitUntilUp(within: .seconds(60))
        Machine.pause(.seconds(2))
        let first = try engine.metrics()
        let began = Clock.monotonicNanoseconds()
        Machine.pause(length)
        let last = try engine.metrics()
        let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
        let difference = { (name: String) in (last[name] ?? 0) - (first[name] ?? 0) }
        let recorded = difference("ppalette_results_total{outcome=\"stored\"}")
        return Sample(
            rate: recorded / seconds,
            microseconds: difference("process_cpu_seconds_total") * 1e6 / max(1, recorded),
            lateness: SteadyLoad.quantile(0.5, first, last))
    }
}
