import Model
import Posix
import Storage

/// 1,000 hosts with one ping a second, and 200 of them with a local plugin a second.
struct SteadyLoad {
    static let benchmark = Benchmark(
        name: "steady", summary: "1,000 pings and 200 local plugins a second"
    ) { try SteadyLoad(seconds: $0.steadySeconds).run() }

    let seconds: Int

    func run() throws -> [BenchmarkRow] {
        Benchmarks.complain("steady: 1,000 pings/s and 200 plugins/s for \(seconds) s")
        let engine = try MeasuredEngine { store in try await Self.fill(store) }
        _ = try engine.waitUntilUp(within: .seconds(60))
        Machine.pause(.seconds(10))
        let first = try engine.metrics()
        let began = Clock.monotonicNanoseconds()
        for _ in 0..<seconds / 2 { Machine.pause(.seconds(1)) }
        // In the first minutes the database fills its cache; after that memory must not grow.
        let middle = try engine.usage().residentMebibytes
        for _ in seconds / 2..<seconds { Machine.pause(.seconds(1)) }
        let last = try engine.metrics()
        let elapsed = Double(Clock.monotonicNanoseconds() - began) / 1e9
        let window = MeasuredWindow(seconds: elapsed, first: first, last: last)
        let ended = window.growth(ofAll: "ppalette_checks_total")
        let skipped = window.growth(ofAll: "ppalette_runs_skipped_total")
        let memory = (last["process_resident_memory_bytes"] ?? 0) / 1_048_576
        Benchmarks.complain("steady: \(Int(ended)) runs in \(Int(elapsed)) s")
        return [
            .limited("steady: missed runs", skipped, limit: 0, unit: "runs"),
            .limited(
                "steady: runs short of 1,200 a second", max(0, 1200 * elapsed - ended) / elapsed,
                limit: 12, unit: "runs/s"),
            .limited(
                "steady: p99 lateness", window.lateness(0.99) * 1000, limit: 50,
                unit: "ms"),
            .limited(
                "steady: engine CPU, of one core", 100 * window.growth("process_cpu_seconds_total") / elapsed,
                limit: 25, unit: "%"),
            .limited("steady: memory at the end", memory, limit: 150, unit: "MiB"),
            .limited(
                "steady: memory growth in the second half", max(0, memory - middle), limit: 5,
                unit: "MiB"),
        ]
    }

    private static func fill(_ store: any Store) async throws {
        _ = try await store.add(Suite(name: "all"))
        _ = try await store.add(Suite(name: "plugins"))
        _ = try await store.add(
            Plugin(
                name: "ping", runner: .builtin, script: "icmp", arguments: "-n 1", interval: 1, timeout: 5,
                suites: ["all"]))
        _ = try await store.add(
            Plugin(
                name: "dummy", script: "check_dummy", arguments: "0 fine", interval: 1, timeout: 5,
                suites: ["plugins"]))
        for number in 0..<1000 {
            let address = "127.0.\(1 + number / 250).\(1 + number % 250)"
            let suites = number < 200 ? ["all", "plugins"] : ["all"]
            _ = try await store.add(Host(name: "host-\(number)", address: address, suites: suites))
        }
    }
}
