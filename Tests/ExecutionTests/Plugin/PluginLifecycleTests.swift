import Model
import Posix
import Testing

@testable import Execution

@Suite("When a plugin is ended")
struct PluginLifecycleTests {
    private static let second: Int64 = 1_000_000_000

    private func started(timeoutSeconds: Int = 10) -> PluginLifecycle {
        var lifecycle = PluginLifecycle(timeoutSeconds: timeoutSeconds, at: 0)
        lifecycle.started(at: 0)
        return lifecycle
    }

    @Test(
        "the grace is a tenth of the timeout, between 100 ms and 5 s",
        arguments: [
            (1, 100_000_000), (10, 1_000_000_000), (3600, 5_000_000_000),
        ])
    func grace(_ seconds: Int, _ grace: Int64) {
        #expect(PluginLifecycle.grace(of: Int64(seconds) * Self.second) == grace)
    }

    @Test("the result is final when the process has exited and both pipes have ended")
    func exitAndEnd() {
        var lifecycle = started()
        lifecycle.pipeEnded()
        lifecycle.pipeEnded()
        #expect(lifecycle.nextAction(at: Self.second) == .wait)
        lifecycle.exited(.exited(2), at: Self.second)
        #expect(lifecycle.nextAction(at: Self.second) == .finish(.exited(2)))
    }

    @Test("a pipe that stays open holds the result 250 ms at most")
    func drain() {
        var lifecycle = started()
        lifecycle.pipeEnded()
        lifecycle.exited(.signaled(11), at: 0)
        #expect(lifecycle.nextAction(at: 249_999_999) == .wait)
        #expect(lifecycle.wakeAt == 250_000_000)
        #expect(lifecycle.nextAction(at: 250_000_000) == .finish(.signaled(11)))
    }

    @Test("TERM at the timeout, KILL before the grace is over, given up when it is")
    func escalation() {
        var lifecycle = started()
        #expect(lifecycle.nextAction(at: 10 * Self.second - 1) == .wait)
        #expect(lifecycle.nextAction(at: 10 * Self.second) == .terminate)
        #expect(lifecycle.nextAction(at: 10 * Self.second) == .wait)
        #expect(lifecycle.nextAction(at: 10_950_000_000) == .kill)
        #expect(lifecycle.nextAction(at: 10_950_000_000) == .wait)
        #expect(lifecycle.nextAction(at: 11 * Self.second) == .abandon(.timedOut))
    }

    @Test("an exit after TERM does not count")
    func exitAfterTerm() {
        var lifecycle = started()
        #expect(lifecycle.nextAction(at: 10 * Self.second) == .terminate)
        lifecycle.exited(.exited(0), at: 10_900_000_000)
        #expect(lifecycle.wakeAt == 11 * Self.second)
        lifecycle.pipeEnded()
        lifecycle.pipeEnded()
        #expect(lifecycle.nextAction(at: 10_900_000_000) == .finish(.timedOut))
    }

    @Test("a start that never comes back is told at the end of the grace")
    func stuckStart() {
        var lifecycle = PluginLifecycle(timeoutSeconds: 1, at: 0)
        #expect(lifecycle.nextAction(at: Self.second) == .wait)
        #expect(lifecycle.nextAction(at: 1_100_000_000) == .abandon(.timedOut))
    }

    @Test("the time counts from the start of the process, not from the request")
    func timeCountsFromStart() {
        var lifecycle = PluginLifecycle(timeoutSeconds: 1, at: 0)
        lifecycle.started(at: Self.second / 2)
        #expect(lifecycle.nextAction(at: Self.second) == .wait)
        #expect(lifecycle.wakeAt == Self.second * 3 / 2)
    }

    @Test("a stopping engine ends a run within its grace")
    func stop() {
        var lifecycle = started()
        lifecycle.stop(at: Self.second, grace: Self.second)
        #expect(lifecycle.nextAction(at: 1_750_000_000) == .terminate)
        #expect(lifecycle.nextAction(at: 1_950_000_000) == .kill)
        lifecycle.exited(.signaled(9), at: 1_960_000_000)
        #expect(lifecycle.nextAction(at: 2 * Self.second) == .finish(PluginExecutor.stopping))
    }

    @Test("PP-B25: a run that ends by itself while the engine stops has its own result")
    func endsWhileStopping() {
        var lifecycle = started()
        lifecycle.stop(at: Self.second, grace: Self.second)
        #expect(lifecycle.nextAction(at: Self.second) == .wait)
        #expect(lifecycle.wakeAt == 1_750_000_000)
        lifecycle.exited(.exited(1), at: 1_500_000_000)
        lifecycle.pipeEnded()
        lifecycle.pipeEnded()
        #expect(lifecycle.nextAction(at: 1_500_000_000) == .finish(.exited(1)))
    }
}

@Suite("Why a plugin could not be started")
struct PluginFoldersTests {
    private let folders = PluginFolders(paths: ["/a/", "/b"])

    @Test("the last folder is tried first")
    func order() {
        #expect(folders.candidates(for: "check_x") == ["/b/check_x", "/a/check_x"])
        #expect(folders.candidates(for: "../x").isEmpty)
    }

    @Test(
        "a machine short of processes, memory or descriptors is internal, never the plugin's fault",
        arguments: [
            SpawnFailure(step: .pipe, code: ErrorNumber.tooManyFiles),
            SpawnFailure(step: .clone, code: ErrorNumber.tryAgain),
            SpawnFailure(step: .clone, code: ErrorNumber.noMemory),
            SpawnFailure(step: .execute, code: ErrorNumber.noMemory, path: "/b/x"),
            SpawnFailure(step: .execute, code: ErrorNumber.fileTableFull, path: "/b/x"),
        ])
    func shortage(_ failure: SpawnFailure) {
        #expect(failure.isShortage)
        #expect(folders.ending(of: failure, script: "x").cause == .internal)
    }

    @Test("a process that lacks a descriptor asks for more files, not for more processes")
    func lackOfFiles() {
        let failure = SpawnFailure(step: .clone, code: ErrorNumber.tooManyFiles)
        let sentence = folders.ending(of: failure, script: "x").sentence(timeout: 1)
        #expect(sentence?.hasSuffix("raise the limit of open files") == true)
    }

    @Test("a missing script names the folders")
    func missing() {
        let failure = SpawnFailure(step: .execute, code: ErrorNumber.noEntry, path: "/a/nothing-here")
        #expect(folders.ending(of: failure, script: "x") == .notFound("x: not found in /a, /b"))
    }
}
