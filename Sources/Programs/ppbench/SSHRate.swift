import Baselines
import Model
import Posix
import Storage

/// Plugins over SSH as fast as one server takes them, through the whole engine into the database.
struct SSHRate {
    static let benchmark = Benchmark(
        name: "ssh", summary: "SSH checks a second on one server, beside libssh2 in C, check_by_ssh and ssh"
    ) { try SSHRate(rounds: $0.rounds).run() }

    /// More than the server can do: 1,000 runs a second are due.
    private static let plugins = 1000
    private static let length = Duration.seconds(5)

    let rounds: Int

    private struct Sample {
        let rate: Double
        let microseconds: Double
        let failures: Double
    }

    private struct Peers {
        var bare: [SSHLoop.Outcome] = []
        var wide: [SSHLoop.Outcome] = []
        var pluginRuns: [Double] = []
        var sharedRuns: [Double] = []
    }

    func run() throws -> [BenchmarkRow] {
        // 10 is what servers have unless they are told otherwise.
        try measure(sessions: 10, channels: 8) + measure(sessions: 64, channels: 32)
    }

    private func measure(sessions: Int, channels: Int) throws -> [BenchmarkRow] {
        Benchmarks.complain("ssh: MaxSessions \(sessions), \(rounds) times \(Self.length) each of all")
        let plugin = try PluginFile.tiny()
        let server = try LocalSSHServer(sessions: sessions)
        let engine = try Self.engine(server, folder: plugin.folder)
        let place = SSHLoop.Server(
            address: "127.0.0.1", port: server.port, user: server.user, keyFile: server.keyFile)
        let loop = SSHLoop(server: place, command: plugin.path, channels: channels)
        var peers = Peers()
        let samples = try Turns.measure(
            rounds, ours: { try Self.sample(engine) },
            baseline: {
                engine.pause()
                defer { engine.resume() }
                peers.pluginRuns.append(try Self.checkBySSH(server, plugin.path))
                peers.sharedRuns.append(try Self.sharedSSH(server, plugin.path))
                return try loop.run(for: Self.length)
            })
        return rows(sessions, channels, samples, peers)
    }

    private func rows(
        _ sessions: Int, _ channels: Int, _ samples: (ours: [Sample], baseline: [SSHLoop.Outcome]),
        _ peers: Peers
    ) -> [BenchmarkRow] {
        let what = "ssh: checks over one server's \(sessions) sessions, in SQL"
        let ours = Figure(samples.ours.map(\.rate))
        let failures = Int(samples.ours.map(\.failures).reduce(0, +))
        let loopFailures = samples.baseline.map(\.failures).reduce(0, +)
        func row(_ name: String, _ values: [Double], _ target: Double, _ note: String = "") -> BenchmarkRow {
            BenchmarkRow(
                what: what, ours: ours, baselineName: name, baseline: Figure(values), unit: "/s",
                target: .atLeast(target), note: note)
        }
        return [
            row(
                "C loop, \(channels) channels", samples.baseline.map(\.runsPerSecond), 0.9,
                "\(failures) checks failed, \(loopFailures) of the loop"),
            row("check_by_ssh", peers.pluginRuns, 30),
            row("ssh, ControlMaster", peers.sharedRuns, 2.4),
            BenchmarkRow(
                what: "ssh: engine's CPU a check, \(sessions) sessions",
                ours: Figure(samples.ours.map(\.microseconds)), baselineName: "C loop",
                baseline: Figure(samples.baseline.map(\.microsecondsPerRun)), unit: "µs",
                target: .atMost(2)),
        ]
    }

    private static func engine(
        _ server: borrowing LocalSSHServer, folder: String
    ) throws -> MeasuredEngine {
        let (port, user) = (server.port, server.user)
        let engine = try MeasuredEngine(
            configuration: """
                ssh:
                  identity_files: [\(server.keyFile)]
                  known_hosts: \(server.knownHosts)
                  remote_plugin_path: \(folder)
                """
        ) { store in
            _ = try await store.add(Suite(name: "all"))
            for number in 0..<plugins {
                _ = try await store.add(
                    Plugin(
                        name: "tiny-\(number)", runner: .ssh, script: "check_tiny", interval: 1, timeout: 10,
                        suites: ["all"]))
            }
            _ = try await store.add(
                Host(name: "server", address: "127.0.0.1", login: user, port: port, suites: ["all"]))
        }
        _ = try engine.waitUntilUp(within: .seconds(60))
        return engine
    }

    /// What the engine does for a while, after a moment to find its pace; only checks that ran count.
    private static func sample(_ engine: borrowing MeasuredEngine) throws -> Sample {
        let window = try engine.window(length, after: .seconds(3))
        let ended = window.growth("ppalette_checks_total{cause=\"exited\"}")
        let failed = ["unreachable", "timeout", "exec_failed", "auth_failed", "internal"]
            .map { window.growth("ppalette_checks_total{cause=\"\($0)\"}") }.reduce(0, +)
        return Sample(
            rate: ended / window.seconds, microseconds: window.microseconds(each: ended), failures: failed)
    }

    /// Runs a second of check_by_ssh, eight at once.
    private static func checkBySSH(_ server: borrowing LocalSSHServer, _ command: String) throws -> Double {
        let loop = SpawnLoop(
            path: "/usr/lib/nagios/plugins/check_by_ssh",
            arguments: [
                "-H", "127.0.0.1", "-p", "\(server.port)", "-l", server.user, "-i", server.keyFile,
                "-t", "20", "-C", command,
            ] + server.options, width: 8)
        return try loop.run(for: length).runsPerSecond
    }

    /// Runs a second of ssh over one connection that another ssh keeps, eight at once.
    private static func sharedSSH(_ server: borrowing LocalSSHServer, _ command: String) throws -> Double {
        let common =
            ["-F", "none", "-S", server.controlPath, "-p", "\(server.port)", "-i", server.keyFile]
            + server.options
        let place = "\(server.user)@127.0.0.1"
        var keeper = try Program(
            "/usr/bin/ssh", ["-M", "-N"] + common + [place], output: "/dev/null")
        for _ in 0..<200 where !Machine.exists(server.controlPath) {
            Machine.pause(.milliseconds(10))
        }
        let loop = SpawnLoop(path: "/usr/bin/ssh", arguments: common + [place, command], width: 8)
        let rate = try loop.run(for: length).runsPerSecond
        keeper.stop(within: .seconds(5))
        return rate
    }
}
