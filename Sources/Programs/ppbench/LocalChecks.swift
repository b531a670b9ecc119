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
    /// More than the machine can do: each is due every second.
    private static let objects = ObjectSet(
        hosts: 8000, pluginsOfEach: 1, interval: 1, work: .program("check_tiny", arguments: "0 fine"))
    private static let length = Duration.seconds(5)

    private struct Sample {
        let rate: Double
        let microseconds: Double
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
        let engine = try MeasuredEngine.saturated(folder: plugin.folder, width: width) { store in
            try await objects.fill(store)
        }
        let window = try engine.window(length, after: .seconds(2))
        return Sample(
            rate: window.recorded / window.seconds,
            microseconds: window.microseconds(each: window.recorded))
    }
}
