import JSON
import Model
import Posix
import Storage

/// 1,000 hosts with 100 plugins each: how fast the engine is at work, and how fast a new host is.
struct LargeSchedule {
    static let benchmark = Benchmark(
        name: "load", summary: "100,000 checks: start, first check, an added host"
    ) { _ in try LargeSchedule().run() }

    func run() throws -> [BenchmarkRow] {
        Benchmarks.complain("load: filling a database with 100,000 checks")
        let began = Latch<Int64>()
        let engine = try MeasuredEngine { store in
            try await Self.fill(store)
            began.open(Clock.monotonicNanoseconds())
        }
        let start = began.wait(atMost: .zero) ?? Clock.monotonicNanoseconds()
        let firstCheck = try engine.poll(within: .seconds(60), "no check ran") {
            guard let metrics = try? engine.metrics() else { return false }
            return metrics.contains { $0.key.hasPrefix("ppalette_checks_total") && $0.value > 0 }
        }
        Benchmarks.complain("load: adding a host")
        let added = Clock.monotonicNanoseconds()
        try engine.send("POST", "/api/v1/hosts", ["name": "new", "address": "127.1.1.1", "suites": ["fast"]])
        let checked = try engine.poll(within: .seconds(60), "the new host was not checked") {
            let text = try engine.send("GET", "/api/v1/status?host=new&plugin=second").text
            return text.contains("\"state\":\"ok\"")
        }
        let memory = try engine.usage().residentMebibytes
        return [
            .limited(
                "load: start to first check, 100,000 checks", Double(firstCheck - start) / 1e9,
                limit: 2, unit: "s"),
            .limited(
                "load: added host to its first result, interval 1 s", Double(checked - added) / 1e9,
                limit: 2, unit: "s"),
            .limited("load: memory with 100,000 checks", memory, limit: 150, unit: "MiB"),
        ]
    }

    private static func fill(_ store: any Store) async throws {
        _ = try await store.add(Suite(name: "many"))
        _ = try await store.add(Suite(name: "fast"))
        for number in 0..<100 {
            _ = try await store.add(
                Plugin(
                    name: "ping-\(number)", runner: .builtin, script: "icmp", arguments: "-n 1",
                    interval: 300,
                    timeout: 5, suites: ["many"]))
        }
        _ = try await store.add(
            Plugin(
                name: "second", runner: .builtin, script: "icmp", arguments: "-n 1", interval: 1, timeout: 5,
                suites: ["fast"]))
        for number in 0..<1000 {
            _ = try await store.add(
                Host(
                    name: "host-\(number)", address: "127.0.\(1 + number / 250).\(1 + number % 250)",
                    suites: ["many"]))
        }
    }
}
