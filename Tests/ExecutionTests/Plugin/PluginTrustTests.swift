import Model
import Testing

@testable import Execution

@Suite("Trust in plugins")
struct PluginTrustTests {
    private let plugin = PluginID(7)

    private func trusted() -> PluginTrust {
        var trust = PluginTrust()
        for _ in 0..<PluginTrust.runsNeeded { trust.ended(plugin, isClean: true) }
        return trust
    }

    @Test("a plugin is trusted after some clean runs in a row, and no longer when it is another or in doubt")
    func earning() {
        var trust = PluginTrust()
        for _ in 1..<PluginTrust.runsNeeded { trust.ended(plugin, isClean: true) }
        #expect(!trust.isTrusted(plugin))
        trust.ended(plugin, isClean: true)
        #expect(trust.isTrusted(plugin))
        #expect(!trust.isTrusted(PluginID(8)))
        trust.ended(plugin, isClean: false)
        #expect(!trust.isTrusted(plugin))

        var edited = trusted()
        edited.forget(plugin)
        #expect(!edited.isTrusted(plugin))
        var doubted = trusted()
        doubted.doubtAll()
        #expect(!doubted.isTrusted(plugin))
    }

    @Test("the number of a run says whether it has a cgroup, also where the numbers begin anew")
    func numbers() {
        #expect(RunNumber.next(after: 5, isFree: false) == 6)
        let free = RunNumber.next(after: 6, isFree: true)
        #expect(RunNumber.isFree(free) && !RunNumber.isFree(6))
        #expect(RunNumber.next(after: free, isFree: false) == 8)
        #expect(RunNumber.next(after: 0x7fff_ffff, isFree: true) == RunNumber.isFree)
    }

    @Test("a trusted plugin that leaves a process behind loses it, and is not trusted any more")
    func breach() async throws {
        let rig = try await PluginRig()
        try rig.write(
            "plugin",
            """
            #!/bin/sh
            sed -n 's/^0:://p' /proc/self/cgroup
            [ -e "$1/bad" ] || exit 0
            rm "$1/bad"
            setsid sleep 64 >/dev/null 2>&1 &
            echo $! >>"$1/pids"
            """)
        func group() async -> String { await rig.run("plugin", arguments: rig.folder).output.text }
        let first = await group()
        for _ in 0..<PluginTrust.runsNeeded { _ = await group() }
        let trusted = await group()
        try rig.write("bad", "")
        _ = await group()

        #expect(
            await eventually { rig.pids(in: "pids").count == 1 && rig.pids(in: "pids").allSatisfy(isGone) })
        #expect(await eventually { await rig.hasNoOrphan })
        let after = await group()
        // Without a cgroup tree of our own there is none to leave.
        if first.contains("/ppalette-") {
            #expect(!trusted.contains("/ppalette-"))
            #expect(after.contains("/ppalette-"))
        } else {
            #expect(first == trusted && trusted == after)
        }
        await rig.stop()
    }
}
