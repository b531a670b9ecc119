import Model
import Posix
import Storage

/// Lists of 1,000 statuses, and other calls, while 500 pings a second run.
struct APISpeed {
    static let benchmark = Benchmark(name: "api", summary: "1,000 status rows while checks run") { _ in
        try APISpeed().run()
    }

    private static let calls = 200

    func run() throws -> [BenchmarkRow] {
        Benchmarks.complain(
            "api: \(Self.calls) lists of 1,000 statuses, then a mix of calls, while checks run")
        let engine = try MeasuredEngine { store in try await Self.fill(store) }
        _ = try engine.waitUntilUp(within: .seconds(60))
        Machine.pause(.seconds(5))
        let lists = try Self.times { _ in try engine.send("GET", "/api/v1/status?per_page=1000") }
        let mix = [
            "/status?state=critical", "/hosts", "/schedule", "/hosts/host-7", "/workers", "/history?limit=50",
        ]
        let others = try Self.times { try engine.send("GET", "/api/v1" + mix[$0 % mix.count]) }
        return [
            .limited(
                "api: list of 1,000 statuses, median", lists[lists.count / 2], limit: 20,
                unit: "ms"),
            .limited(
                "api: list of 1,000 statuses, p99", lists[lists.count * 99 / 100], limit: 50,
                unit: "ms"),
            .limited(
                "api: mix of calls, p99", others[others.count * 99 / 100], limit: 50,
                unit: "ms"),
        ]
    }

    /// Milliseconds of each call, sorted.
    private static func times(_ call: (Int) throws -> some Any) throws -> [Double] {
        try (0..<calls).map { number in
            let began = Clock.monotonicNanoseconds()
            _ = try call(number)
            return Double(Clock.monotonicNanoseconds() - began) / 1e6
        }.sorted()
    }

    private static func fill(_ store: any Store) async throws {
        _ = try await store.add(Suite(name: "all"))
        for name in ["one", "two"] {
            _ = try await store.add(
                Plugin(
                    name: name, runner: .builtin, script: "icmp", arguments: "-n 1", interval: 2, timeout: 5,
                    suites: ["all"]))
        }
        for number in 0..<500 {
            _ = try await store.add(
                Host(
                    name: "host-\(number)", address: "127.0.\(1 + number / 250).\(1 + number % 250)",
                    suites: ["all"]))
        }
    }
}
