import Execution
import Glibc
import Log
import Model
import Posix
import Synchronization
import Testing

/// An executor on a loop of its own, with a folder of plugins that is removed afterwards.
// `@unchecked`: the executor is touched on its loop only; the rest is behind locks.
final class PluginRig: @unchecked Sendable {
    let folder: String
    let loop: EventLoop
    private var executor: PluginExecutor?
    private let waiting = Mutex<[CheckID: CheckedContinuation<CheckResult, Never>]>([:])
    private let lastHost = Mutex<Int64>(0)

    init(change: @Sendable @escaping (inout PluginExecutor.Settings) -> Void = { _ in }) async throws {
        var template = Array("/tmp/ppalette-plugins-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        folder = try #require(made)
        loop = try EventLoop(name: "plugins")
        loop.start()
        var settings = PluginExecutor.Settings(folders: PluginFolders(paths: [folder]), worker: "w1")
        settings.reapsStrangers = false
        change(&settings)
        let final = settings
        let error: PosixError? = await onLoop { rig -> PosixError? in
            do {
                rig.executor = try PluginExecutor(
                    on: rig.loop, settings: final, log: Log(part: "test") { _ in }
                ) {
                    [unowned rig] result in
                    rig.waiting.withLock { $0.removeValue(forKey: result.check) }?.resume(returning: result)
                }
                return nil
            } catch {
                return error as? PosixError ?? PosixError("make an executor", code: EINVAL)
            }
        }
        if let error { throw error }
    }

    /// Runs `body` on the loop and returns what it makes.
    func onLoop<Value: Sendable>(_ body: @Sendable @escaping (PluginRig) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            loop.post { continuation.resume(returning: body(self)) }
        }
    }

    var counters: PluginCounters {
        get async { await onLoop { $0.executor?.counters ?? PluginCounters() } }
    }

    /// The processes that keep plugins warm.
    var helpers: Set<Int32> {
        get async { await onLoop { $0.executor?.helpers ?? [] } }
    }

    var inFlight: Int {
        get async { await onLoop { $0.executor?.inFlight ?? -1 } }
    }

    /// Whether nothing that a plugin left behind lives, as of the executor's last look.
    var hasNoOrphan: Bool {
        get async { await onLoop { $0.executor?.orphanCount == 0 } }
    }

    /// Writes an executable file into the folder.
    func write(_ name: String, _ text: String, mode: mode_t = 0o755) throws {
        let path = "\(folder)/\(name)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        fchmod(descriptor, mode)
    }

    /// Runs a script of the folder on a host of its own.
    func run(
        _ script: String, arguments: String = "", timeout: Int = 5, host: Host? = nil,
        deadline: Duration = .seconds(60),
        _ change: (inout Plugin) -> Void = { _ in }
    ) async -> CheckResult {
        var plugin = Plugin(
            id: PluginID(1), name: script, script: script, arguments: arguments, timeout: timeout)
        change(&plugin)
        let number = lastHost.withLock { last in
            last += 1
            return last
        }
        var host = host ?? Host(name: "host\(number)", address: "127.0.0.1")
        host.id = HostID(number)
        let now = Timestamp(microseconds: Clock.wallNanoseconds() / 1000)
        let job = CheckJob(
            host: Shared(host), plugin: Shared(plugin), due: now, deadline: now + deadline)
        return await withCheckedContinuation { continuation in
            waiting.withLock { $0[job.check] = continuation }
            loop.post { self.executor?.start(job) }
        }
    }

    /// Writes a script and runs it.
    func run(text: String, timeout: Int = 5, _ change: (inout Plugin) -> Void = { _ in }) async throws
        -> CheckResult
    {
        try write("plugin", text)
        return await run("plugin", timeout: timeout, change)
    }

    func stopExecutor(within grace: Duration) async {
        await onLoop { $0.executor?.stop(within: grace) }
    }

    /// Ends the executor and its loop.
    func stop() async {
        await stopExecutor(within: .seconds(1))
        _ = await eventually { await inFlight == 0 }
        await onLoop { $0.executor = nil }
        loop.stop()
        Folder.remove(folder)
    }

    /// The numbers that a script has written into a file of the folder, a line each.
    func pids(in file: String) -> [Int32] {
        text(of: file).split(separator: "\n").compactMap { Int32($0) }
    }

    func text(of file: String) -> String {
        let descriptor = open("\(folder)/\(file)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    private func names() -> [String] {
        guard let open = opendir(folder) else { return [] }
        defer { closedir(open) }
        var names: [String] = []
        while let entry = readdir(open) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }
}

/// Whether `condition` becomes true within `limit`.
func eventually(
    within limit: Duration = .seconds(5), _ condition: () async -> Bool
) async -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await condition()
}

/// Whether a process is neither alive nor a zombie.
func isGone(_ pid: Int32) -> Bool { kill(pid, 0) != 0 && errno == ESRCH }
