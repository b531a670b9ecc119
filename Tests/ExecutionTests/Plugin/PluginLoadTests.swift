import Execution
import Glibc
import Model
import Synchronization
import Testing

/// How many descriptors of a process are pipes or stand for processes; other tests of this process have some too.
func openPipes(of pid: Int32) -> Int {
    guard let folder = opendir("/proc/\(pid)/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        var target = [UInt8](repeating: 0, count: 64)
        let length = target.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { readlink("/proc/\(pid)/fd/\(name)", $0, buffer.count) } ?? 0
        }
        let text = String(decoding: target.prefix(max(0, length)), as: UTF8.self)
        if text.hasPrefix("pipe:") || text.contains("pidfd") { count += 1 }
    }
    return count
}

/// Names in the order in which they were added, from any task.
private final class Order: Sendable {
    private let added = Mutex<[String]>([])
    var names: [String] { added.withLock { $0 } }
    func add(_ name: String) { added.withLock { $0.append(name) } }
}

@Suite("Many plugins", .serialized)
struct PluginLoadTests {
    @Test("200 plugins at once bring 200 results, none mixed with another")
    func manyAtOnce() async throws {
        let rig = try await PluginRig { $0.concurrency = 64 }
        try rig.write("echo", "#!/bin/sh\nsleep 0.1; echo \"$1 $PPALETTE_HOST\"; exit 1")
        await withTaskGroup(of: (Int, CheckResult).self) { group in
            for number in 0..<200 {
                group.addTask {
                    (number, await rig.run("echo", arguments: "n\(number) $HOSTNAME$", timeout: 60))
                }
            }
            for await (number, result) in group {
                #expect(result.state == .warning)
                #expect(result.output.text == "n\(number) host\(result.check.host)")
            }
        }
        #expect(await rig.inFlight == 0)
        #expect(await rig.counters.spawned == 200)
        await rig.stop()
    }

    @Test("plugins that hang hold no place after a second, up to a bound")
    func lastingRuns() async throws {
        let rig = try await PluginRig {
            $0.concurrency = 3
            $0.lasting = 3
        }
        try rig.write("hang", "#!/bin/sh\nexec sleep 64")
        try rig.write("good", "#!/bin/sh\necho fine")
        let order = Order()
        func add(_ name: String, timeout: Int) -> Task<Void, Never> {
            Task {
                _ = await rig.run(name, timeout: timeout)
                order.add(name)
            }
        }
        var tasks = (0..<3).map { _ in add("hang", timeout: 5) }
        #expect(await eventually { await rig.counters.spawned == 3 })
        tasks.append(add("good", timeout: 60))
        #expect(await eventually { order.names == ["good"] })
        tasks += (0..<4).map { _ in add("hang", timeout: 5) }
        // Three more begin; the fourth and what comes after it wait until one has ended.
        #expect(await eventually { await rig.counters.spawned == 7 })
        tasks.append(add("good", timeout: 60))
        for task in tasks { await task.value }
        #expect(order.names.prefix(2) == ["good", "hang"])
        #expect(await rig.counters.spawned == 9)
        await rig.stop()
    }

    @Test("500 runs leave no descriptor open and no child", arguments: [false, true])
    func nothingLeaks(usesCgroups: Bool) async throws {
        let rig = try await PluginRig {
            $0.concurrency = 16
            $0.usesCgroups = usesCgroups
        }
        try rig.write("plugin", "#!/bin/sh\nsetsid sleep 64 >/dev/null 2>&1 & echo $! >> $1; echo OK")
        symlink("/bin/true", "\(rig.folder)/true")
        func round(_ count: Int) async {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<count {
                    group.addTask {
                        let isLeaver = number % 20 == 0
                        _ = await rig.run(
                            isLeaver ? "plugin" : "true", arguments: "\(rig.folder)/pids", timeout: 60)
                    }
                }
            }
        }
        await round(50)
        #expect(await eventually { rig.pids(in: "pids").allSatisfy(isGone) })
        #expect(await rig.counters.stragglers == 0)
        let pipes = openPipes(of: getpid())
        await round(500)
        #expect(await eventually { openPipes(of: getpid()) <= pipes + 200 })
        await rig.stop()
    }

    @Test("a plugin with more arguments than the system takes is exec_failed")
    func tooManyArguments() async throws {
        let rig = try await PluginRig()
        try rig.write("plugin", "#!/bin/sh\necho OK")
        let long = String(repeating: "x", count: 200_000)
        let result = await rig.run("plugin", arguments: long)
        #expect(result.cause == .execFailed)
        #expect(result.output.text.contains("longer than the system takes"))
        await rig.stop()
    }

    @Test("a stopping engine tells every run it cuts off")
    func stopTellsAll() async throws {
        let rig = try await PluginRig { $0.concurrency = 2 }
        try rig.write(
            "slow", "#!/bin/sh\ntrap '' TERM; echo partial; echo $$ >> $1; while :; do sleep 0.1; done")
        let results = await withTaskGroup(of: CheckResult.self) { group in
            for _ in 0..<4 {
                group.addTask { await rig.run("slow", arguments: "\(rig.folder)/pids", timeout: 60) }
            }
            _ = await eventually { rig.pids(in: "pids").count == 2 }
            await rig.stopExecutor(within: .milliseconds(300))
            return await group.reduce(into: [CheckResult]()) { $0.append($1) }
        }
        #expect(results.count == 4)
        for result in results { #expect(result.cause == .internal) }
        #expect(results.filter { $0.output.text == "partial" }.count == 2)
        #expect(await eventually { rig.pids(in: "pids").allSatisfy(isGone) })
        #expect(await rig.run("slow").cause == .internal)
        await rig.stop()
    }

    @Test("a job whose turn comes after its deadline is too_late, not run")
    func lateJobs() async throws {
        let rig = try await PluginRig { $0.concurrency = 1 }
        try rig.write("slow", "#!/bin/sh\nsleep 1.2; echo OK")
        async let first = rig.run("slow")
        #expect(await eventually { await rig.counters.spawned == 1 })
        let second = await rig.run("slow", deadline: .milliseconds(100))
        #expect(second.cause == .tooLate)
        #expect(await first.state == .ok)
        await rig.stop()
    }

    @Test("a plugin file that is just being written is tried again")
    func busyFile() async throws {
        let rig = try await PluginRig()
        try rig.write("plugin", "#!/bin/sh\necho OK")
        let writer = open("\(rig.folder)/plugin", O_WRONLY | O_CLOEXEC)
        async let result = rig.run("plugin")
        #expect(await eventually { await rig.inFlight == 1 })
        close(writer)
        #expect(await result.output.text == "OK")
        await rig.stop()
    }
}
