import Baselines
import CommandLine
import Model
import Posix
import Storage

/// A list of 1,000 statuses as fast as it can be had, beside a static file of the same size.
struct APIRate {
    static let benchmark = Benchmark(
        name: "api-rate",
        summary: "lists of 1,000 statuses a second, beside a static file from the same library"
    ) { try APIRate().run(rounds: $0.rounds) }

    private static let list = "/api/v1/status?per_page=1000"
    private static let connections = 4
    private static let seconds = 3

    func run(rounds: Int) throws -> [BenchmarkRow] {
        try measure("while nothing is checked", beating: false, rounds)
            + measure("while 100 of them are checked a second", beating: true, rounds)
    }

    private func measure(_ when: String, beating: Bool, _ rounds: Int) throws -> [BenchmarkRow] {
        Benchmarks.complain("api-rate: \(rounds) times \(Self.seconds) s each, \(when)")
        let home = try TemporaryFolder()
        let engine = try MeasuredEngine { store in try await Self.fill(store, beating: beating) }
        _ = try engine.waitUntilUp(within: .seconds(60))
        Machine.pause(.seconds(2))
        let answer = try engine.send("GET", Self.list)
        let size = answer.body.count
        try SmallFile.write(answer.body, to: home.path + "/list.json")
        let server = try FileServer(path: home.path + "/list.json")
        let log = home.path + "/wrk.log"
        let (ours, header, baseline) = (engine.port, engine.authorization, server.port)
        let samples = try Turns.measure(
            rounds, ours: { try Self.rate(port: ours, header: header, log: log) },
            baseline: { try Self.rate(port: baseline, header: header, log: log) })
        return [
            BenchmarkRow(
                what: "api-rate: 1,000 statuses \(when)", ours: Figure(samples.ours),
                baselineName: "static file", baseline: Figure(samples.baseline), unit: "/s",
                target: .atLeast(0.3), note: "\(size / 1024) KiB each")
        ]
    }

    /// Requests a second by wrk over a few connections that are kept.
    private static func rate(port: Int, header: String, log: String) throws -> Double {
        try SmallFile.write([], to: log)
        var program = try Program(
            "/usr/bin/wrk",
            [
                "-t", "1", "-c", "\(connections)", "-d", "\(seconds)s", "-H", header,
                "http://127.0.0.1:\(port)\(list)",
            ], output: log)
        let code = program.wait(atMost: .seconds(seconds + 20))
        let text = try SmallFile.text(at: log)
        let prefix = "Requests/sec:"
        let line = text.split(separator: "\n").first { $0.hasPrefix(prefix) }
        let number = line.flatMap { Double($0.dropFirst(prefix.count).drop { $0 == " " }) }
        guard code == 0, let number, !text.contains("Non-2xx"), !text.contains("Socket errors") else {
            throw BenchmarkFailure(description: "wrk did not get its lists:\n\(text)")
        }
        return number
    }

    /// 100 hosts with 10 checks; one of each pings every second, or else none does; the others have a result with eight values.
    private static func fill(_ store: any Store, beating: Bool) async throws {
        try await ObjectSet(hosts: 100, pluginsOfEach: 10, interval: 2_678_400).fill(store)
        if beating {
            var edit = PluginEdit()
            edit.interval = 1
            _ = try await store.edit(pluginNamed: "plugin-0", edit)
        }
        let values = (1...8).map { "counter_number_\($0)=\($0 * 1237).25ms;1000;2000;0;100000" }
        let output = PluginOutput(
            text: "OK - all of eight counters are within their limits",
            performanceText: values.joined(separator: " "))
        let now = Timestamp(microseconds: Clock.wallNanoseconds() / 1000)
        let results = try await store.schedule().checks.enumerated().map { number, check in
            let due = now + .milliseconds(-number)
            return CheckResult(
                check: check, due: due, started: due + .microseconds(1234), ended: due + .milliseconds(20),
                state: number % 50 == 0 ? .critical : .ok, cause: .exited, exitCode: 0, output: output,
                worker: "worker-1")
        }
        _ = try await store.record(results)
    }
}
