import Foundation
import JSON
import TestSupport

/// An engine with hosts and plugins from the start, and the file in which its plugins write down their own runs.
final class Rig {
    /// A plugin as in the file of initial objects.
    struct Plugin {
        var name: String
        var script: String
        var arguments = ""
        var runner = "local"
        var interval = 1
        var timeout = 5
        var suite = "all"
    }

    let engine: EngineUnderTest
    let auditFile: String
    private var hosts: [(name: String, suites: [String], history: Bool)] = []
    private var plugins: [Plugin] = []

    var sandbox: Sandbox { engine.sandbox }
    var database: String { engine.state + "/ppalette.db" }

    /// `extra` is appended to the configuration.
    init(extra: String = "") throws {
        let sandbox = try Sandbox()
        auditFile = try sandbox.write("audit", "", mode: 0o666)
        engine = try EngineUnderTest(
            in: sandbox, extra: "initial_objects: \(sandbox.path)/objects.yaml\n" + extra)
        try FileManager.default.copyItem(
            atPath: Tools.audit.get(), toPath: engine.plugins + "/check_audit")
    }

    /// Hosts named as the prefix and a number, with addresses of the machine's own.
    func addHosts(_ count: Int, prefix: String = "h", suites: [String] = ["all"], history: Bool = true) {
        hosts += (0..<count).map { (name: "\(prefix)\($0)", suites: suites, history: history) }
    }

    func add(_ plugin: Plugin) { plugins.append(plugin) }

    /// The plugin of the audit, `copies` lines of output a run.
    func addAudit(
        name: String = "audit", copies: Int = 1, milliseconds: Int = 0, interval: Int = 1,
        suite: String = "all"
    ) {
        add(
            Plugin(
                name: name, script: "check_audit",
                arguments: "\(auditFile) $HOSTNAME$ \(copies) \(milliseconds)", interval: interval,
                suite: suite))
    }

    /// A plugin that is a shell script.
    func addScript(_ name: String, _ text: String, interval: Int = 1, timeout: Int = 5, suite: String = "all")
        throws
    {
        try sandbox.write("plugins/\(name)", text, mode: 0o755)
        add(Plugin(name: name, script: name, interval: interval, timeout: timeout, suite: suite))
    }

    func start(environment: [String: String] = [:], through wrapper: [String] = []) async throws {
        try sandbox.write("objects.yaml", objects)
        try await engine.start(environment: environment, through: wrapper)
    }

    private var objects: String {
        let suites = Set(plugins.map(\.suite) + hosts.flatMap(\.suites)).sorted()
        var text = "suites:\n" + suites.map { "  - {name: \($0)}\n" }.joined() + "plugins:\n"
        for plugin in plugins {
            text += """
                  - name: \(plugin.name)
                    script: \(plugin.script)
                    runner: \(plugin.runner)
                    arguments: "\(plugin.arguments)"
                    interval: \(plugin.interval)
                    timeout: \(plugin.timeout)
                    suites: [\(plugin.suite)]

                """
        }
        text += "hosts:\n"
        for (number, host) in hosts.enumerated() {
            let address = "127.\(1 + number / 62_500).\(number / 250 % 250).\(1 + number % 250)"
            text += """
                  - name: \(host.name)
                    address: \(address)
                    suites: [\(host.suites.joined(separator: ", "))]
                    history: \(host.history)

                """
        }
        return text
    }

    /// The engine's own process; with a wrapper that stays, the one below it.
    func enginePID() -> Int32 {
        let started = engine.process?.pid ?? 0
        // A plugin that is just being started looks like the engine, but for its parent.
        guard Processes.program(started) != "ppalette" else { return started }
        return Processes.children(of: started).first { Processes.program($0.pid) == "ppalette" }?.pid
            ?? started
    }

    /// Runs a check now without waiting for it; false when it is refused.
    func run(host: String, plugin: String) throws -> Bool {
        try engine.post("/checks", ["host": .string(host), "plugin": .string(plugin), "wait": 0]).status
            == 202
    }

    /// Rows of a query, in columns.
    func query(_ sql: String) throws -> [[String]] {
        let run = try Sandbox.run(
            "/usr/bin/sqlite3", ["-readonly", "-separator", "\u{1f}", database, ".timeout 10000", sql])
        guard run.code == 0 else { throw EngineFailure(description: "sqlite3: \(run.errors)") }
        return run.output.split(separator: "\n").map {
            $0.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
        }
    }

    func number(_ sql: String) throws -> Int { Int(try query(sql).first?.first ?? "") ?? 0 }

    /// The engine's counters by name with labels, as Prometheus reads them.
    func metrics() throws -> [String: Double] {
        var values: [String: Double] = [:]
        for line in try engine.raw("GET", "/metrics", token: engine.token).text.split(separator: "\n") {
            guard !line.hasPrefix("#"), let space = line.lastIndex(of: " ") else { continue }
            values[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return values
    }

    /// Whether health is ok and nothing waits in the spool.
    var isWell: Bool {
        guard (try? engine.get("/health").json["state"]?.asString) == "ok" else { return false }
        return (try? metrics()["ppalette_spool_bytes"]) == 0
    }

    /// Whether health, as text, holds the words.
    func healthTells(_ words: String) -> Bool {
        (try? engine.get("/health").json.text().contains(words)) == true
    }

    /// Runs that ended, whatever their cause.
    func ended() throws -> Double {
        try metrics().filter { $0.key.hasPrefix("ppalette_checks_total") }.values.reduce(0, +)
    }

    /// Runs that were skipped, whatever the reason.
    func skipped() throws -> Double {
        try metrics().filter { $0.key.hasPrefix("ppalette_runs_skipped_total") }.values.reduce(0, +)
    }

    /// Lateness of the runs of a plugin that were due in a span of the wall clock, in milliseconds.
    func lateness(of plugin: String, from: Date, to: Date) throws -> Quantiles {
        let rows = try query(
            """
            SELECT started - due FROM history WHERE plugin_id = (SELECT id FROM plugins WHERE name = '\(plugin)')
            AND due BETWEEN \(from.microseconds) AND \(to.microseconds)
            """)
        return Quantiles(rows.compactMap { $0.first.flatMap { Double($0) }.map { $0 / 1000 } })
    }
}

/// A set of measurements in order.
struct Quantiles {
    let values: [Double]

    init(_ values: [Double]) { self.values = values.sorted() }

    func at(_ share: Double) -> Double {
        values.isEmpty ? 0 : values[min(values.count - 1, Int(Double(values.count) * share))]
    }

    var most: Double { values.last ?? 0 }
}

extension Date {
    var microseconds: Int64 { Int64(timeIntervalSince1970 * 1e6) }
}

extension Double {
    /// As "12.3".
    var short: String { String(format: "%.1f", self) }
}

/// Waits for a time to pass while something happens elsewhere.
func pause(_ seconds: Double) async {
    try? await Task.sleep(for: .milliseconds(Int64(seconds * 1000)))  // Cancelled: the test is over.
}
