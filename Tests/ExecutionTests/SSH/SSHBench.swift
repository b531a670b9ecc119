import Execution
import Glibc
import Log
import Model
import Posix
import Synchronization
import Testing

/// An executor on two loops, with what it has told so far.
final class SSHBench: @unchecked Sendable {
    private let core: EventLoop
    private let sshLoop: EventLoop
    private var executor: SSHExecutor?
    private let results = Mutex<[CheckResult]>([])
    private var lastPlugin: Int64 = 0
    private let host: Host
    /// Kept so that it lives as long as the bench.
    private let server: TestServer?

    init(
        _ options: SSHOptions, port: Int, login: String, address: String = "127.0.0.1",
        server: TestServer? = nil, limits: SSHPool.Limits = SSHPool.Limits()
    ) throws {
        self.server = server
        core = try EventLoop(name: "core")
        sshLoop = try EventLoop(name: "ssh")
        host = Host(id: HostID(1), name: "target", address: address, login: login, port: port)
        core.start()
        sshLoop.start()
        let isMade = Latch<Bool>()
        core.post {
            self.make(options, limits)
            isMade.open(true)
        }
        try #require(isMade.wait(atMost: .seconds(20)) == true)
    }

    /// A bench for a server that is trusted, with its user key.
    convenience init(
        _ server: TestServer, limits: SSHPool.Limits = SSHPool.Limits(),
        _ change: (inout SSHOptions) -> Void = { _ in }
    ) throws {
        var options = SSHOptions(
            identityFiles: ["\(server.folder)/user"], knownHosts: server.knownHosts,
            remotePluginPath: "\(server.folder)/plugins")
        change(&options)
        try self.init(options, port: server.port, login: server.login, server: server, limits: limits)
    }

    deinit {
        // The executor ends on its own loops, and they end after it.
        nonisolated(unsafe) let executor = executor
        core.post { [core, sshLoop] in
            executor?.stop(within: .zero)
            sshLoop.post {
                sshLoop.stop()
                core.post { withExtendedLifetime(executor) { core.stop() } }
            }
        }
    }

    private func make(_ options: SSHOptions, _ limits: SSHPool.Limits) {
        executor = SSHExecutor(
            options: options, core: core, sshLoop: sshLoop, worker: "w1",
            log: Log(part: "test", sink: { _ in }), limits: limits
        ) { [weak self] result in self?.results.withLock { $0.append(result) } }
    }

    /// Runs a plugin `times` at once and returns the results as they came.
    func run(
        _ script: String, _ arguments: String = "", timeout: Int = 10, times: Int = 1, patience: Int = 30
    ) async throws -> [CheckResult] {
        start(script, arguments, timeout: timeout, times: times, patience: patience)
        return try await take(times)
    }

    /// Runs a plugin once.
    func runOnce(
        _ script: String, _ arguments: String = "", timeout: Int = 10, patience: Int = 30
    ) async throws -> CheckResult {
        try #require(try await run(script, arguments, timeout: timeout, patience: patience).first)
    }

    func start(
        _ script: String, _ arguments: String = "", timeout: Int = 10, times: Int = 1, patience: Int = 30
    ) {
        let now = Timestamp(microseconds: Clock.wallNanoseconds() / 1000)
        let jobs = (0..<times).map { _ in
            lastPlugin += 1
            let plugin = Plugin(
                id: PluginID(lastPlugin), name: script, runner: .ssh, script: script, arguments: arguments,
                timeout: timeout)
            return CheckJob(
                host: Shared(host), plugin: Shared(plugin), due: now, deadline: now + .seconds(patience))
        }
        core.post { for job in jobs { self.executor?.start(job) } }
    }

    /// Waits for so many results.
    func take(_ count: Int, within seconds: Int = 20) async throws -> [CheckResult] {
        try await until(within: seconds) { self.results.withLock { $0.count } >= count }
        return results.withLock { results in
            defer { results = [] }
            return results
        }
    }

    var counters: SSHCounters { executor?.counters ?? SSHCounters() }

    func stop(within grace: Duration) {
        core.post { self.executor?.stop(within: grace) }
    }
}

/// Waits until `condition` holds; fails the test when that takes too long.
func until(within seconds: Int = 10, _ condition: () -> Bool) async throws {
    let end = Clock.monotonicNanoseconds() + Int64(seconds) * 1_000_000_000
    while !condition() {
        try #require(Clock.monotonicNanoseconds() < end, "waited \(seconds) s in vain")
        try await Task.sleep(for: .milliseconds(5))
    }
}
