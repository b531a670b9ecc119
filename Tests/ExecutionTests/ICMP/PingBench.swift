import ICMP
import Model
import Names
import Posix
import Synchronization
import Testing

@testable import Execution

/// The ICMP and discovery executors on a loop of their own.
final class PingBench: Sendable {
    let loop: EventLoop
    private let results = Mutex<[CheckResult]>([])
    private let parts = Mutex<[DiscoveryResult]>([])
    // Touched on the loop only.
    private nonisolated(unsafe) var executor: ICMPExecutor?
    private nonisolated(unsafe) var discovery: DiscoveryExecutor?

    init(
        sockets: ICMPSockets = .open(), limits: Sweeper.Limits = Sweeper.Limits(), looksUpNames: Bool = true
    ) throws {
        loop = try EventLoop(name: "ping-test")
        loop.start()
        loop.post { [self] in
            let reactor = loop.reactor
            guard let pinger = try? Pinger(reactor: reactor, sockets: sockets) else { return }
            let resolver = looksUpNames ? try? Resolver(reactor: reactor) : nil
            executor = ICMPExecutor(
                reactor: reactor, pinger: pinger, worker: "w1", resolver: resolver
            ) { [self] result in results.withLock { $0.append(result) } }
            discovery = DiscoveryExecutor(
                reactor: reactor, pinger: pinger, resolver: resolver, limits: limits
            ) { [self] part in parts.withLock { $0.append(part) } }
        }
    }

    func end() {
        loop.post { [self] in
            executor = nil
            discovery = nil
        }
        loop.stop()
    }

    /// Starts the jobs at once and waits for as many results.
    func run(_ jobs: [CheckJob], thenStopWithin grace: Duration? = nil) async throws -> [CheckResult] {
        loop.post { [self] in
            for job in jobs { executor?.start(job) }
            if results.withLock({ !$0.isEmpty }) { Issue.record("a result was told from inside start") }
            if let grace { executor?.stop(within: grace) }
        }
        return try await eventually { [self] in
            let all = results.withLock { $0 }
            return all.count >= jobs.count ? all : nil
        }
    }

    /// Starts the rounds and waits until all are finished.
    func discover(_ jobs: [DiscoveryJob]) async throws -> [DiscoveryResult] {
        loop.post { [self] in
            for job in jobs { discovery?.start(job) }
            if parts.withLock({ !$0.isEmpty }) { Issue.record("a part was told from inside start") }
        }
        return try await eventually { [self] in
            let all = parts.withLock { $0 }
            return all.count { $0.isFinished } >= jobs.count ? all : nil
        }
    }

    /// Checks in flight, as the executor counts them.
    func inFlight() async -> Int? {
        await withCheckedContinuation { continuation in
            loop.post { [self] in continuation.resume(returning: executor?.inFlight) }
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

/// Whether raw ICMP sockets can be opened here.
let canPing = ICMPSockets.open().failures.allSatisfy { $0.family != .ipv4 }

/// A job of the built-in check; host and plugin get ids of their own.
func pingJob(
    _ address: String, _ arguments: String = "", id: Int64 = 1, timeout: Int = 10
) -> CheckJob {
    let host = Host(id: HostID(id), name: "host\(id)", address: address)
    let plugin = Plugin(
        id: PluginID(1), name: "ping", runner: .builtin, script: "icmp", arguments: arguments,
        timeout: timeout)
    let due = Timestamp(seconds: 1_700_000_000)
    return CheckJob(
        host: Shared(host), plugin: Shared(plugin), due: due, deadline: due + .seconds(30))
}
