import Execution
import Glibc
import Model
import Testing

@Suite("A plugin that nothing can kill")
struct PluginStragglerTests {
    /// Processes in a frozen group of the first cgroup version do not die before they are thawed.
    private static let freezer = "/sys/fs/cgroup/freezer"

    @Test(
        "its result comes in time, and it is reaped when it dies at last",
        .enabled(if: access("\(freezer)/cgroup.procs", W_OK) == 0, "needs root and a cgroup v1 freezer"))
    func frozen() async throws {
        let group = "\(Self.freezer)/ppalette-test-\(getpid())"
        try #require(mkdir(group, 0o755) == 0)
        let rig = try await PluginRig()
        try rig.write(
            "plugin",
            "#!/bin/sh\necho $$ >> $1; echo frozen; echo $$ > \(group)/cgroup.procs; echo in >> $1; sleep 64")
        async let pending = rig.run("plugin", arguments: "\(rig.folder)/pids", timeout: 4)
        #expect(await eventually { rig.text(of: "pids").hasSuffix("in\n") })
        set("\(group)/freezer.state", "FROZEN")
        let result = await pending
        #expect(result.cause == .timeout)
        #expect(result.output.text == "frozen")
        #expect(await rig.inFlight == 0)
        #expect(await rig.counters.stragglers == 1)

        set("\(group)/freezer.state", "THAWED")
        let pid = try #require(rig.pids(in: "pids").first)
        #expect(await eventually { isGone(pid) })
        #expect(await eventually { await rig.counters.stragglers == 0 })
        #expect(await eventually { rmdir(group) == 0 })
        await rig.stop()
    }

    private func set(_ file: String, _ value: String) {
        let descriptor = open(file, O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(write(descriptor, value, value.utf8.count) == value.utf8.count)
    }
}
