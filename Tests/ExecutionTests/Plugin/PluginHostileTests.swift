import Execution
import Glibc
import Model
import Posix
import Testing

/// A plugin that leaves a process behind, whose number is in the file that is its first argument.
struct Leaver: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String

    private static func shell(_ text: String) -> String { "#!/bin/sh\n\(text)\necho OK done\n" }

    static let all = [
        Leaver(testDescription: "in the background", text: shell("sleep 64 & echo $! >> $1")),
        Leaver(
            testDescription: "in the background, ignoring TERM and HUP",
            text: shell("(trap '' TERM HUP; sleep 64) & echo $! >> $1")),
        Leaver(
            testDescription: "in a new session",
            text: shell("setsid sleep 64 >/dev/null 2>&1 & echo $! >> $1")),
        Leaver(
            testDescription: "in a new session of a new session",
            text: shell("setsid sh -c 'echo $$ >> $0; setsid sleep 64 & echo $! >> $0; wait' $1 & sleep 0.2")),
        Leaver(
            testDescription: "without environment, in a new session",
            text: shell("setsid env -i sleep 64 & echo $! >> $1")),
        Leaver(
            testDescription: "stopped", text: shell("setsid sh -c 'kill -STOP $$' & echo $! >> $1; sleep 0.1")
        ),
        Leaver(
            testDescription: "as a daemon by two forks",
            text: """
                #!/usr/bin/perl
                use POSIX; my $file = shift; $| = 1;
                pipe(R, W);
                if (!fork) {
                    POSIX::setsid();
                    if (!fork) { open(F, '>>', $file); print F "$$\\n"; close F; print W "x"; close W;
                        close STDOUT; close STDERR; %ENV = (); sleep 64; exit }
                    POSIX::_exit(0);
                }
                close W; <R>; wait; print "OK done\\n";
                """),
        Leaver(
            testDescription: "as a chain of forks that never holds still",
            text: """
                #!/usr/bin/perl
                use POSIX; my $file = shift; open(F, '>>', $file); print F "$$\n"; close F;
                if (!fork) {
                    close STDOUT; close STDERR;
                    my $end = time + 30;
                    while (time < $end) { my $pid = fork; POSIX::_exit(0) if $pid; POSIX::setsid(); }
                    POSIX::_exit(0);
                }
                print "OK done\n";
                """),
        Leaver(
            testDescription: "fifty at once",
            text: shell("for i in $(seq 50); do setsid sleep 64 >/dev/null 2>&1 & echo $! >> $1; done")),
    ]
}

@Suite("Hostile plugins")
struct PluginHostileTests {
    @Test("nothing that a plugin leaves behind lives on", arguments: Leaver.all, [false, true])
    func leftoversDie(_ leaver: Leaver, usesCgroups: Bool) async throws {
        let rig = try await PluginRig { $0.usesCgroups = usesCgroups }
        try rig.write("plugin", leaver.text)
        let result = await rig.run("plugin", arguments: "\(rig.folder)/pids")

        #expect(result.output.text == "OK done")
        #expect(result.state == .ok)
        #expect(await eventually { !rig.pids(in: "pids").isEmpty && rig.pids(in: "pids").allSatisfy(isGone) })
        #expect(await eventually { await rig.counters.leftoversKilled > 0 })
        #expect(await eventually { await rig.hasNoOrphan })
        await rig.stop()
    }

    @Test("a process that lowers its mark is found all the same", arguments: [false, true])
    func markCannotHide(usesCgroups: Bool) async throws {
        let rig = try await PluginRig { $0.usesCgroups = usesCgroups }
        try rig.write(
            "plugin",
            """
            #!/usr/bin/python3
            import os, resource, sys
            if os.fork() == 0:
                os.setsid()
                resource.setrlimit(resource.RLIMIT_RTTIME, (5, 5))
                open(sys.argv[1], "a").write(str(os.getpid()) + "\\n")
                os.close(1); os.close(2)
                os.execve("/bin/sleep", ["sleep", "64"], {})
            import time
            while not os.path.exists(sys.argv[1]): time.sleep(0.01)
            print("OK done")
            """)
        let result = await rig.run("plugin", arguments: "\(rig.folder)/pids")
        #expect(result.output.text == "OK done")
        #expect(await eventually { !rig.pids(in: "pids").isEmpty && rig.pids(in: "pids").allSatisfy(isGone) })
        await rig.stop()
    }

    @Test("a plugin that is told so may leave processes behind")
    func allowedBackgroundLives() async throws {
        let rig = try await PluginRig()
        try rig.write("plugin", "#!/bin/sh\nsetsid sleep 64 >/dev/null 2>&1 & echo $! >> $1; echo OK")
        _ = await rig.run("plugin", arguments: "\(rig.folder)/pids") { $0.allowBackground = true }
        try rig.write("other", "#!/bin/sh\necho OK")
        for _ in 0..<5 { _ = await rig.run("other") }
        let pid = try #require(rig.pids(in: "pids").first)
        #expect(kill(pid, 0) == 0)

        kill(pid, SIGKILL)
        #expect(await eventually { isGone(pid) }, "an allowed process is reaped when it dies")
        await rig.stop()
    }

    @Test("PP-B8: a flood is cut at 64 KiB, counted, and ended by the timeout")
    func floodIsCapped() async throws {
        let rig = try await PluginRig()
        let result = try await rig.run(text: "#!/bin/sh\nexec yes", timeout: 1)
        #expect(result.cause == .timeout)
        #expect(result.output.isTruncated)
        #expect(result.output.droppedBytes > 1_000_000)
        #expect(result.output.text.utf8.count + result.output.longText.utf8.count <= 65536)
        await rig.stop()
    }

    @Test("PP-B8: a flood of standard error does not block the plugin")
    func errorsAreDrained() async throws {
        let rig = try await PluginRig()
        let result = try await rig.run(
            text: "#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x >&2; echo OK; exit 1")
        #expect(result.state == .warning)
        #expect(result.output.text == "OK")
        #expect(result.output.errorText.utf8.count == 4096)
        await rig.stop()
    }

    @Test("PP-B8: a plugin that ignores TERM is killed within the grace, its text kept")
    func termIsIgnored() async throws {
        let rig = try await PluginRig()
        let result = try await rig.run(
            text: "#!/bin/sh\ntrap '' TERM INT HUP; echo 'before|a=1'; while :; do sleep 0.1; done",
            timeout: 1)
        #expect(result.cause == .timeout)
        #expect(result.exitCode == nil)
        #expect(result.output.text == "before")
        #expect(result.output.performanceText.isEmpty)
        #expect(await rig.inFlight == 0)
        await rig.stop()
    }

    @Test("plugins run on after one whose left-overs were killed")
    func runsAfterLeftovers() async throws {
        let rig = try await PluginRig()
        try rig.write("leaver", "#!/bin/sh\nsleep 64 & echo OK")
        try rig.write("plugin", "#!/bin/sh\necho OK")
        for _ in 1...3 {
            #expect(await rig.run("leaver").state == .ok)
            // Several: the first may get another place than the leaver had.
            for _ in 1...3 {
                #expect(await eventually { await rig.hasNoOrphan })
                let result = await rig.run("plugin")
                #expect(result.cause == .exited, "\(result)")
            }
        }
        await rig.stop()
    }

    @Test("a background child that holds the pipes does not hold the result")
    func pipesAreNotWaitedFor() async throws {
        let rig = try await PluginRig()
        let result = try await rig.run(text: "#!/bin/sh\nsetsid sleep 64 & echo OK", timeout: 30)
        #expect(result.state == .ok)
        #expect(result.ended - result.started < .seconds(10))
        await rig.stop()
    }

    @Test("hostile plugins do not keep others from their results")
    func othersGoOn() async throws {
        let rig = try await PluginRig()
        try rig.write("flood", "#!/bin/sh\nexec yes")
        try rig.write("stop", "#!/bin/sh\nkill -STOP $$")
        try rig.write("forks", "#!/bin/sh\nfor i in $(seq 30); do setsid sleep 64 & done; echo OK")
        try rig.write("good", "#!/bin/sh\necho good $1")
        await withTaskGroup(of: (String, CheckResult).self) { group in
            for name in ["flood", "stop", "forks"] {
                for _ in 0..<3 { group.addTask { (name, await rig.run(name, timeout: 2)) } }
            }
            for number in 0..<60 {
                group.addTask { ("good", await rig.run("good", arguments: "\(number)", timeout: 20)) }
            }
            for await (name, result) in group {
                let isRight =
                    switch name {
                    case "good": result.state == .ok && result.output.text.hasPrefix("good")
                    case "forks": result.state == .ok
                    default: result.cause == .timeout
                    }
                #expect(isRight, "\(name): \(result)")
            }
        }
        await rig.stop()
    }
}
