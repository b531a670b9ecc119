import ICMP
import Model
import Posix
import Synchronization
import Testing

@testable import Execution

@Suite("ICMP on a loop of its own", .enabled(if: canPing, "needs CAP_NET_RAW or net.ipv4.ping_group_range"))
struct PingLoopTests {
    @Test("3,000 checks of five echoes at once all end once, each counted before its result is told")
    func manyAtOnce() async throws {
        let bench = try await TwoLoops()
        defer { bench.end() }
        let jobs = (0..<3000).map { number in
            fresh(
                pingJob("127.6.\(number / 200).\(number % 200 + 1)", "-n 5 -i 1ms", id: Int64(number + 1)))
        }
        let results = try await bench.run(jobs)

        #expect(results.count == 3000 && Set(results.map(\.check)).count == 3000)
        #expect(results.allSatisfy { $0.state == .ok })
        #expect(bench.counters.echoes.received == 15_000)
        #expect(await bench.inFlight() == 0)
    }

    @Test("a job that has waited past its deadline is told as too late and not run")
    func late() async throws {
        let bench = try await TwoLoops()
        defer { bench.end() }
        let result = try #require(try await bench.run([pingJob("127.0.0.1", "-n 1")]).first)

        #expect(result.state == .unknown && result.cause == .tooLate)
        #expect(bench.counters.echoes.sent == 0)
    }

    @Test("a stop ends what runs and what waits, each with one result")
    func stop() async throws {
        let bench = try await TwoLoops()
        defer { bench.end() }
        let jobs = (1...1000).map { fresh(pingJob("127.0.0.1", "-n 20 -i 1s", id: Int64($0), timeout: 30)) }
        let results = try await bench.run(jobs, thenStopWithin: .milliseconds(50))

        #expect(results.count == 1000 && results.allSatisfy { $0.cause == .internal })
        #expect(await bench.inFlight() == 0)
    }

    @Test("a sweep is told on the worker's loop and counted until its last part")
    func sweep() async throws {
        let bench = try await TwoLoops()
        defer { bench.end() }
        let subnet = Subnet(name: "near", network: "127.5.0.0/29")
        let parts = try await bench.sweep(
            DiscoveryJob(id: 7, subnet: subnet, due: Timestamp(seconds: 1_700_000_000)))

        #expect(parts.last?.isFinished == true && parts.last?.failure == nil)
        #expect(parts.flatMap(\.responders).count == 6)
        #expect(await bench.sweepsInFlight() == 0)
    }

    /// A job whose deadline lies ahead.
    private func fresh(_ job: CheckJob) -> CheckJob {
        let now = Timestamp.current()
        return CheckJob(host: job.host, plugin: job.plugin, due: now, deadline: now + .seconds(60))
    }
}

/// The faces on one loop, the executors on another.
// `@unchecked`: the faces are touched on the core loop only.
private final class TwoLoops: @unchecked Sendable {
    private let core: EventLoop
    private let icmp: EventLoop
    private let pings: PingLoop
    private var checks: PingFront?
    private var sweeps: SweepFront?
    private let results = Mutex<[CheckResult]>([])
    private let parts = Mutex<[DiscoveryResult]>([])

    init() async throws {
        core = try EventLoop(name: "core")
        icmp = try EventLoop(name: "icmp")
        core.start()
        icmp.start()
        pings = try await PingLoop.start(
            on: icmp, for: core, PingLoop.Parts(sockets: .open(), worker: "w1"))
        core.post { [self] in
            checks = PingFront(pings, core: core) { [self] result in
                precondition(core.isOnLoop)
                results.withLock { $0.append(result) }
            }
            sweeps = SweepFront(pings) { [self] part in
                precondition(core.isOnLoop)
                parts.withLock { $0.append(part) }
            }
        }
    }

    func end() {
        core.post { [self] in
            checks = nil
            sweeps = nil
            core.stop()
        }
        icmp.stop()
    }

    var counters: PingLoop.Counters { pings.counters }

    func run(_ jobs: [CheckJob], thenStopWithin grace: Duration? = nil) async throws -> [CheckResult] {
        core.post { [self] in
            for job in jobs { checks?.start(job) }
            if let grace { checks?.stop(within: grace) }
        }
        return try await eventually { [self] in
            let all = results.withLock { $0 }
            return all.count >= jobs.count ? all : nil
        }
    }

    func sweep(_ job: DiscoveryJob) async throws -> [DiscoveryResult] {
        core.post { [self] in sweeps?.start(job) }
        return try await eventually { [self] in
            let all = parts.withLock { $0 }
            return all.contains { $0.isFinished } ? all : nil
        }
    }

    func inFlight() async -> Int? {
        await withCheckedContinuation { waiter in
            core.post { [self] in waiter.resume(returning: checks?.inFlight) }
        }
    }

    func sweepsInFlight() async -> Int? {
        await withCheckedContinuation { waiter in
            core.post { [self] in waiter.resume(returning: sweeps?.inFlight) }
        }
    }

    private func eventually<Value>(_ value: () -> Value?) async throws -> Value {
        let deadline = Clock.monotonicNanoseconds() + 30_000_000_000
        while Clock.monotonicNanoseconds() < deadline {
            if let value = value() { return value }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw PosixError("wait for results, 30 s have gone", code: 110)
    }
}
