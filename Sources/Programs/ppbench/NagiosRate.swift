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
    /// What is tried for Nagios; the fastest is measured.
    private static let tunings =
        [0, 4, 8, 16, 32].map { Nagios.Tuning(workers: $0) }
        + [Nagios.Tuning(workers: 16, concurrent: width)]
    private static let warmUp = Duration.seconds(5)
    private static let length = Duration.seconds(10)

    private struct Sample {
        let rate: Double
        let microseconds: Double
        /// Seconds that half of the runs and all but a twentieth were late at most.
        let median: Double
        let most: Double
        /// Share of the due runs that did not take place; Nagios moves the schedule instead and counts none.
        var skipped = 0.0
    }

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let tuning = try Self.bestTuning()
        Benchmarks.complain("nagios: \(rounds) times \(Self.length) each of the engine and of Nagios 4")
        var bare: [Sample] = []
        let samples = try Turns.measure(
            rounds, ours: { try Self.engine(isolation: "full") },
            baseline: {
                // Nagios keeps no plugin apart from another: ours without that is measured in the same turn.
                bare.append(try Self.engine(isolation: "off"))
                return try Self.nagios(tuning, warmUp: Self.warmUp, length: Self.length)
            })
        let skipped = Figure(samples.ours.map { 100 * $0.skipped }).median
        let row = { (what: String, value: (Sample) -> Double, unit: String, target: BenchmarkRow.Target) in
            BenchmarkRow(
                what: "nagios: " + what, ours: Figure(samples.ours.map(value)), baselineName: "Nagios 4",
                baseline: Figure(samples.baseline.map(value)), unit: unit, target: target,
                note: "\(tuning.text); \(Figure.digits(skipped)) % of ours due were skipped")
        }
        return [
            row("native plugin runs", \.rate, "/s", .atLeast(1.25)),
            BenchmarkRow(
                what: "nagios: native plugin runs, worker.isolation off", ours: Figure(bare.map(\.rate)),
                baselineName: "Nagios 4", baseline: Figure(samples.baseline.map(\.rate)), unit: "/s",
                target: .atLeast(1.25), note: tuning.text),
            row("engine's own CPU a run", \.microseconds, "µs", .atMost(1)),
            row("lateness, median", \.median, "s", .atMost(0.5)),
            row("lateness, 95 % of the runs", \.most, "s", .atMost(0.5)),
        ]
    }

    private static func engine(isolation: String) throws -> Sample {
        let plugin = try PluginFile.counted()
        // A short queue: what cannot be run is skipped and counted, and what is run is not late.
        let engine = try MeasuredEngine.saturated(
            folder: plugin.folder, width: width,
            more: "  isolation: \(isolation)\nscheduler: {queue_size: \(4 * width)}"
        ) { store in try await objects.fill(store) }
        Machine.pause(warmUp)
        let runs = try plugin.runs()
        let window = try engine.window(length, after: .zero)
        let done = Double(try plugin.runs() - runs)
        let skipped = window.growth(ofAll: "ppalette_runs_skipped_total")
        return Sample(
            rate: done / window.seconds, microseconds: window.microseconds(each: done),
            median: window.lateness(0.5), most: window.lateness(0.95),
            skipped: skipped / max(1, done + skipped))
    }

    private static func bestTuning() throws -> Nagios.Tuning {
        var best = (tuning: Nagios.Tuning(), rate: 0.0)
        for tuning in tunings {
            let rate = try nagios(tuning, warmUp: .seconds(5), length: .seconds(5), needsLatency: false).rate
            Benchmarks.complain("nagios: \(tuning.text): \(Figure.digits(rate))/s")
            if rate > best.rate { best = (tuning, rate) }
        }
        return best.tuning
    }

    private static func nagios(
        _ tuning: Nagios.Tuning, warmUp: Duration, length: Duration, needsLatency: Bool = true
    ) throws -> Sample {
        let plugin = try PluginFile.counted()
        var nagios = try Nagios(objects, plugin: plugin.path, tuning: tuning)
        try nagios.start()
        Machine.pause(warmUp)
        let processes = nagios.processes()
        let times = { processes.compactMap(ProcessTimes.seconds).reduce(0, +) }
        let (first, runs, wall) = (times(), try plugin.runs(), Clock.wallNanoseconds())
        let began = Clock.monotonicNanoseconds()
        Machine.pause(length)
        let (last, runsNow) = (times(), try plugin.runs())
        let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
        let latencies = needsLatency ? try waitForLatencies(nagios, since: Double(wall) / 1e9) : [.nan]
        nagios.stop()
        let done = Double(runsNow - runs)
        return Sample(
            rate: done / seconds, microseconds: (last - first) * 1e6 / max(1, done),
            median: latencies[latencies.count / 2], most: latencies[latencies.count * 95 / 100])
    }

    /// Nagios writes them every ten seconds; only runs of the window and later count, as on our side.
    private static func waitForLatencies(
        _ nagios: borrowing Nagios, since second: Double
    ) throws -> [Double] {
        for _ in 0..<100 {
            // A few could be the first ones after the window's beginning only.
            if let found = try? nagios.latencies(since: second), found.count >= 1000 { return found }
            Machine.pause(.milliseconds(200))
        }
        throw BenchmarkFailure(description: "Nagios 4 wrote no status of 1,000 services that it has checked")
    }
}
