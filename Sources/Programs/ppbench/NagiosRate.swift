import Model
import Posix
import Storage

/// Local plugins as fast as they go, in the whole engine and in Nagios 4, counted by the plugins themselves.
struct NagiosRate {
    static let benchmark = Benchmark(
        name: "nagios",
        summary: "native plugins beside Nagios 4, both saturated: rate, lateness, processor time"
    ) { try NagiosRate().run(rounds: $0.rounds) }

    /// More than the machine can do: each is due every second.
    private static let objects = ObjectSet(
        hosts: 8000, pluginsOfEach: 1, interval: 1, work: .program("check_counted"))
    /// Runs of ours open at once.
    private static let width = 64
    /// Numbers of Nagios' worker processes that are tried; the fastest is measured. 0 is its own choice.
    private static let workers = [0, 2, 4, 8, 16]
    private static let warmUp = Duration.seconds(8)
    private static let length = Duration.seconds(10)

    private struct Sample {
        let rate: Double
        let microseconds: Double
        let lateness: Double
    }

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let workers = try Self.bestWorkers()
        Benchmarks.complain("nagios: \(rounds) times \(Self.length) each of the engine and of Nagios 4")
        let samples = try Turns.measure(
            rounds, ours: Self.engine, baseline: { try Self.nagios(workers: workers) })
        let row = { (what: String, value: (Sample) -> Double, unit: String, target: BenchmarkRow.Target) in
            BenchmarkRow(
                what: "nagios: " + what, ours: Figure(samples.ours.map(value)), baselineName: "Nagios 4",
                baseline: Figure(samples.baseline.map(value)), unit: unit, target: target,
                note: "check_workers=\(workers)")
        }
        return [
            row("native plugin runs", \.rate, "/s", .atLeast(1.25)),
            row("engine's own CPU a run", \.microseconds, "µs", .atMost(1)),
            row("lateness, median", \.lateness, "s", .atMost(0.5)),
        ]
    }

    private static func engine() throws -> Sample {
        let plugin = try PluginFile.counted()
        // A short queue: what cannot be run is skipped and counted, and what is run is not late.
        let engine = try MeasuredEngine(
            configuration: """
                plugin_paths: [\(plugin.folder)]
                worker:
                  concurrency: \(width)
                scheduler:
                  queue_size: \(4 * width)
                """
        ) { store in try await objects.fill(store) }
        _ = try engine.waitUntilUp(within: .seconds(60))
        Machine.pause(warmUp)
        let (first, runs) = (try engine.metrics(), try plugin.runs())
        let began = Clock.monotonicNanoseconds()
        Machine.pause(length)
        let (last, runsNow) = (try engine.metrics(), try plugin.runs())
        let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
        let name = "process_cpu_seconds_total"
        let done = Double(runsNow - runs)
        return Sample(
            rate: done / seconds,
            microseconds: ((last[name] ?? 0) - (first[name] ?? 0)) * 1e6 / max(1, done),
            lateness: SteadyLoad.quantile(0.5, first, last))
    }

    private static func bestWorkers() throws -> Int {
        var best = (workers: 0, rate: 0.0)
        for number in workers {
            let rate = try nagios(workers: number).rate
            Benchmarks.complain("nagios: check_workers=\(number): \(Figure.digits(rate))/s")
            if rate > best.rate { best = (number, rate) }
        }
        return best.workers
    }

    private static func nagios(workers: Int) throws -> Sample {
        let plugin = try PluginFile.counted()
        var nagios = try Nagios(objects, plugin: plugin.path, workers: workers, statusInterval: 4)
        try nagios.start()
        Machine.pause(warmUp)
        let processes = nagios.processes()
        let times = { processes.compactMap(ProcessTimes.seconds).reduce(0, +) }
        let (first, runs) = (times(), try plugin.runs())
        let began = Clock.monotonicNanoseconds()
        Machine.pause(length)
        let (last, runsNow) = (times(), try plugin.runs())
        let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
        // A service that has not run since the start counts as on time there; it is left out here.
        let latencies = try nagios.latencies().filter { $0 > 0 }
        nagios.stop()
        let done = Double(runsNow - runs)
        return Sample(
            rate: done / seconds, microseconds: (last - first) * 1e6 / max(1, done),
            lateness: latencies.isEmpty ? .nan : latencies[latencies.count / 2])
    }
}
