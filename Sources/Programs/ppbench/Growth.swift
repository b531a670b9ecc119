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
        var costs = Self.sizes.map { _ in [Double]() }
        // A window is long enough to stand for several. All sizes in turns: the machine is not the same all the time.
        for turn in 1...max(1, rounds / 2) {
            for (index, size) in Self.sizes.enumerated() {
                Benchmarks.complain("growth: turn \(turn), \(size) entries, \(Self.window) s")
                costs[index].append(try Self.measure(size))
            }
        }
        return zip(Self.sizes, costs).dropFirst().map { size, cost in
            BenchmarkRow(
                what: "growth: CPU a check with \(Figure.digits(Double(size))) entries", ours: Figure(cost),
                baselineName: "1,000 entries", baseline: Figure(costs[0]), unit: "µs", target: .atMost(1.2),
                note: "\(Self.rate) pings/s")
        }
    }

    /// Gives every check the result of its last run, as in an engine that has been at work for a while: the first
    /// result of a check makes its row and costs more than all later ones.
    private static func runOnce(_ store: any Store, interval: Int) async throws {
        let milliseconds = Int64(interval) * 1000
        let now = Clock.wallNanoseconds() / 1_000_000
        let runs = try await store.schedule().checks.map { check in
            let phase = Phase.milliseconds(of: check, interval: milliseconds)
            return (check: check, due: now - (now - phase) % milliseconds)
        }.sorted { $0.due < $1.due }
        for start in stride(from: 0, to: runs.count, by: 1000) {
            let results = runs[start..<min(start + 1000, runs.count)].map { run in
                let due = Timestamp(microseconds: run.due * 1000)
                return CheckResult(
                    check: run.check, due: due, started: due, ended: due + .milliseconds(1), state: .ok,
                    cause: .exited, exitCode: 0,
                    output: PluginOutput(
                        text: "OK - 127.1.0.1: rta 0.018ms, lost 0%",
                        performanceText: "rta=0.018ms;200;500;0 pl=0%;40;80;0;100"), worker: "worker")
            }
            _ = try await store.record(results)
        }
    }

    private static func measure(_ size: Int) throws -> Double {
        let objects = ObjectSet(hosts: size / 100, pluginsOfEach: 100, interval: size / rate)
        let engine = try MeasuredEngine { store in
            try await objects.fill(store)
            try await Self.runOnce(store, interval: objects.interval)
        }
        _ = try engine.waitUntilUp(within: .seconds(120))
        Machine.pause(.seconds(10))
        let window = try engine.window(.seconds(window), after: .zero)
        guard window.recorded > Double(Self.window * rate) * 0.9 else {
            throw BenchmarkFailure(
                description:
                    "with \(size) entries \(Int(window.recorded)) checks ran of \(Self.window * rate) due")
        }
        return window.microseconds(each: window.recorded)
    }
}
