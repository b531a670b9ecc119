import CommandLine
import Model
import Posix
import Storage

/// Processor time of a check in small and in very large schedules, with the same number of checks a second.
struct Growth {
    static let benchmark = Benchmark(
        name: "growth", summary: "processor time a check with 1,000 to 1,000,000 entries, 500 checks a second"
    ) { try Growth().run(rounds: $0.rounds) }

    private static let sizes = [1000, 10_000, 100_000, 1_000_000]
    private static let rate = 500
    /// As long as the engine's own statistics take turns, so that each window has one of them.
    private static let window = 60

    func run(rounds: Int) throws -> [BenchmarkRow] {
        // A window is long enough to stand for several.
        let windows = max(1, rounds / 2)
        var costs: [Figure] = []
        for size in Self.sizes { costs.append(try Self.measure(size, windows: windows)) }
        return zip(Self.sizes, costs).dropFirst().map { size, cost in
            BenchmarkRow(
                what: "growth: CPU a check with \(Figure.digits(Double(size))) entries", ours: cost,
                baselineName: "1,000 entries", baseline: costs[0], unit: "µs", target: .atMost(1.2),
                note: "\(Self.rate) pings/s")
        }
    }

    private static func measure(_ size: Int, windows: Int) throws -> Figure {
        Benchmarks.complain("growth: \(size) entries, \(windows) times \(window) s")
        let objects = ObjectSet(hosts: size / 100, pluginsOfEach: 100, interval: size / rate)
        let engine = try MeasuredEngine { store in try await objects.fill(store) }
        _ = try engine.waitUntilUp(within: .seconds(120))
        Machine.pause(.seconds(10))
        var values: [Double] = []
        for _ in 0..<windows {
            let first = try engine.metrics()
            Machine.pause(.seconds(window))
            let last = try engine.metrics()
            let difference = { (name: String) in (last[name] ?? 0) - (first[name] ?? 0) }
            let recorded = difference("ppalette_results_total{outcome=\"stored\"}")
            guard recorded > Double(window * rate) * 0.9 else {
                throw BenchmarkFailure(
                    description: "with \(size) entries \(Int(recorded)) checks ran of \(window * rate) due")
            }
            values.append(difference("process_cpu_seconds_total") * 1e6 / recorded)
        }
        return Figure(values)
    }
}
