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
        let difference = { (name: String) in (last[name] ?? 0) - (first[name] ?? 0) }
        let ended = last.keys.filter { $0.hasPrefix("ppalette_checks_total") }.map(difference).reduce(0, +)
        let skipped = last.keys.filter { $0.hasPrefix("ppalette_runs_skipped_total") }.map(difference).reduce(
            0, +)
        let memory = (last["process_resident_memory_bytes"] ?? 0) / 1_048_576
        Benchmarks.complain("steady: \(Int(ended)) runs in \(Int(elapsed)) s")
        return [
            .limited("steady: missed runs", skipped, limit: 0, unit: "runs"),
            .limited(
                "steady: runs short of 1,200 a second", max(0, 1200 * elapsed - ended) / elapsed,
                limit: 12, unit: "runs/s"),
            .limited(
                "steady: p99 lateness", Self.quantile(0.99, first, last) * 1000, limit: 50,
                unit: "ms"),
            .limited(
                "steady: engine CPU, of one core", 100 * difference("process_cpu_seconds_total") / elapsed,
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

    /// The upper bound in seconds of the bucket that holds this share of the runs between two readings.
    static func quantile(_ share: Double, _ first: [String: Double], _ last: [String: Double]) -> Double {
        let prefix = "ppalette_check_lateness_seconds_bucket{le=\""
        let buckets = last.compactMap { name, value -> (bound: Double, count: Double)? in
            guard name.hasPrefix(prefix) else { return nil }
            let text = name.dropFirst(prefix.count).prefix { $0 != "\"" }
            return (Double(text) ?? .infinity, value - (first[name] ?? 0))
        }.sorted { $0.bound < $1.bound }
        let wanted = share * (buckets.last?.count ?? 0)
        return buckets.first { $0.count >= wanted }?.bound ?? .infinity
    }
}
