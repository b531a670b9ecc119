import Baselines
import CommandLine
import Model
import Posix
import Storage

/// Pings as fast as they go, through the whole engine into the database, beside a bare loop in C and fping.
struct EchoRate {
    static let benchmark = Benchmark(
        name: "icmp", summary: "ICMP echoes a second, recorded, beside a loop in C and fping"
    ) { try EchoRate(rounds: $0.rounds).run() }

    /// More than the C loop can do is due, whatever the number of hosts: 300,000 echoes a second with five a check, 180,000
    /// with one.
    private static func checks(_ packets: Int) -> Int { packets == 1 ? 180_000 : 60_000 }
    private static let length = Duration.seconds(5)

    let rounds: Int

    private struct Sample {
        let echoes: Double
        let lost: Double
        let microseconds: Double
        let results: Double
    }

    func run() throws -> [BenchmarkRow] {
        var rows: [BenchmarkRow] = []
        for hosts in [15_000, 60_000] {
            for packets in [5, 1] { rows += try measure(hosts, packets) }
        }
        return rows
    }

    private func measure(_ hosts: Int, _ packets: Int) throws -> [BenchmarkRow] {
        Benchmarks.complain("icmp: \(hosts) targets, -n \(packets), \(rounds) times \(Self.length)")
        let loop = EchoLoop(targets: hosts)
        let peer = try Fping(targets: hosts)
        var peers: [Fping.Outcome] = []
        let engine = try Self.engine(hosts, packets)
        let samples = try Turns.measure(
            rounds, ours: { try Self.sample(engine) },
            baseline: {
                engine.pause()
                defer { engine.resume() }
                peers.append(try peer.run())
                return try loop.run(for: Self.length)
            })
        let what = "icmp: \(hosts / 1000),000 targets, -n \(packets), echoes in SQL"
        let ours = Figure(samples.ours.map(\.echoes))
        let results = Figure(samples.ours.map(\.results)).median
        let lost = Int(Figure(samples.ours.map(\.lost)).median)
        let peerLost = peers.map { $0.sent - $0.received }.max() ?? 0
        let note = "\(Figure.digits(results)) results/s, \(lost) echoes lost"
        return [
            BenchmarkRow(
                what: what, ours: ours, baselineName: "C loop",
                baseline: Figure(samples.baseline.map(\.echoesPerSecond)), unit: "/s",
                target: .atLeast(0.8), note: note),
            BenchmarkRow(
                what: what, ours: ours, baselineName: "fping -i 0",
                baseline: Figure(peers.map(\.echoesPerSecond)), unit: "/s", target: .atLeast(1.5),
                note: note + ", fping \(peerLost)"),
            BenchmarkRow(
                what: "icmp: \(hosts / 1000),000 targets, -n \(packets), engine's CPU an echo",
                ours: Figure(samples.ours.map(\.microseconds)), baselineName: "C loop",
                baseline: Figure(samples.baseline.map(\.microsecondsPerEcho)), unit: "µs",
                target: .atMost(2)),
        ]
    }

    private static func engine(_ hosts: Int, _ packets: Int) throws -> MeasuredEngine {
        let engine = try MeasuredEngine { store in
            _ = try await store.add(Suite(name: "all"))
            for number in 0..<checks(packets) / hosts {
                _ = try await store.add(
                    Plugin(
                        name: "ping-\(number)", runner: .builtin, script: "icmp",
                        arguments: "-n \(packets) -i 1ms", interval: 1, timeout: 10,
                        suites: ["all"]))
            }
            for number in 0..<hosts {
                _ = try await store.add(
                    Host(name: "host-\(number)", address: EchoLoop.address(number), suites: ["all"]))
            }
        }
        _ = try engine.waitUntilUp(within: .seconds(60))
        return engine
    }

    /// What the engine does for a while, after a moment to find its pace.
    private static func sample(_ engine: borrowing MeasuredEngine) throws -> Sample {
        Machine.pause(.seconds(3))
        let first = try engine.metrics()
        let began = Clock.monotonicNanoseconds()
        Machine.pause(length)
        let last = try engine.metrics()
        let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
        let difference = { (name: String) in (last[name] ?? 0) - (first[name] ?? 0) }
        let received = difference("ppalette_icmp_messages_total{kind=\"received\"}")
        return Sample(
            echoes: received / seconds,
            lost: difference("ppalette_icmp_messages_total{kind=\"late\"}")
                + difference("ppalette_icmp_messages_total{kind=\"dropped\"}"),
            microseconds: difference("process_cpu_seconds_total") * 1e6 / max(1, received),
            results: difference("ppalette_results_total{outcome=\"stored\"}") / seconds)
    }
}
