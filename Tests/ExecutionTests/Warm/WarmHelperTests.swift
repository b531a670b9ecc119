import Execution
import Glibc
import Model
import Posix
import Testing

@Suite("Helpers that keep plugins warm", .serialized)
struct WarmHelperTests {
    private static let sleeper =
        "#!/usr/bin/python3\nimport os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n"

    @Test("nothing that a run changes is there in the next one")
    func isolation() async throws {
        let rig = try await PluginRig.warm()
        try rig.write(
            "plugin",
            """
            #!/usr/bin/python3
            import builtins, gc, json, os, random, signal, socket, sys, threading
            print(hasattr(json, "mark"), os.environ.get("MARK"), os.getcwd(), sys.path[-1], hasattr(builtins, "mark"))
            print(signal.getsignal(signal.SIGTERM), signal.getitimer(0), len(os.listdir("/proc/self/fd")), gc.isenabled())
            print(threading.active_count(), os.umask(0o22))
            json.mark = builtins.mark = 1
            os.environ["MARK"] = "x"; os.chdir("/tmp"); sys.path.append("/tmp"); gc.disable()
            signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.setitimer(signal.ITIMER_REAL, 50)
            keep = [open("/etc/passwd"), socket.socket()]
            threading.Thread(target=threading.Event().wait, daemon=True).start()
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    signal.pause()
                os._exit(0)
            """)
        let cold = try #require(Outcome(await rig.run("plugin", timeout: 10)))
        #expect(Outcome(await rig.firstWarm("plugin", loaded: true)) == cold)
        for _ in 0..<3 { #expect(Outcome(await rig.runWarm("plugin")) == cold) }
        #expect(await eventually { await rig.hasNoOrphan })
        #expect(await rig.counters.leftoversKilled >= 4)
        await rig.stop()
    }

    @Test("random numbers differ from run to run")
    func randomness() async throws {
        let rig = try await PluginRig.warm()
        try rig.write(
            "python", "#!/usr/bin/python3\nimport random, uuid\nprint(random.random(), uuid.uuid4())\n")
        try rig.write(
            "perl",
            "#!/usr/bin/perl\nuse List::Util 'shuffle'; print rand, join(q(), shuffle(0..50)), qq(\\n);\n")
        for script in ["python", "perl"] {
            var seen: Set<String> = []
            let starts = await rig.counters.warm.helperStarts
            let first = try #require(await rig.firstWarm(script, loaded: true, after: starts))
            seen.insert(first.output.text)
            for _ in 0..<4 { seen.insert(await rig.runWarm(script).output.text) }
            #expect(seen.count == 5)
        }
        await rig.stop()
    }

    @Test("the timeout ends a warm run, with what it printed, and all its descendants")
    func timeout() async throws {
        let rig = try await PluginRig.warm()
        try rig.write(
            "plugin",
            """
            #!/usr/bin/python3
            import os, sys, time, signal
            print("begun", flush=True)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            if len(sys.argv) == 1: sys.exit(0)
            with open(sys.argv[1], "a") as file: file.write("%d\\n" % os.getpid())
            if os.fork() == 0:
                os.setsid()
                with open(sys.argv[1], "a") as file: file.write("%d\\n" % os.getpid())
                os.closerange(0, 100)
            time.sleep(60)
            """)
        _ = try #require(await rig.firstWarm("plugin"))
        let result = await rig.runWarm("plugin", arguments: "\(rig.folder)/pids", timeout: 1)
        #expect(result.cause == .timeout)
        #expect(result.output.text == "begun")
        #expect(rig.pids(in: "pids").count == 2)
        #expect(await eventually { rig.pids(in: "pids").allSatisfy(isGone) })
        await rig.stop()
    }

    @Test("a helper that is killed takes no run with it")
    func killedHelper() async throws {
        let rig = try await PluginRig.warm()
        try rig.write(
            "plugin",
            "#!/usr/bin/perl\n$| = 1; print qq($$\\n); sleep $ARGV[0] if @ARGV; print qq(done\\n);\n")
        _ = try #require(await rig.firstWarm("plugin", loaded: true))
        let helpers = await rig.helpers
        #expect(!helpers.isEmpty)
        async let slow = rig.runWarm("plugin", arguments: "1")
        try await Task.sleep(for: .milliseconds(300))
        for pid in helpers { kill(pid, SIGKILL) }
        let result = await slow
        #expect(result.cause == .exited && result.output.longText == "done")
        // The next ones run, cold at first.
        #expect(await rig.runWarm("plugin").output.longText == "done")
        #expect(try #require(await rig.firstWarm("plugin")).output.longText == "done")
        #expect(await rig.helpers.isDisjoint(with: helpers))
        await rig.stop()
    }

    @Test("a helper that does not answer is replaced, and its runs go cold")
    func stoppedHelper() async throws {
        let rig = try await PluginRig.warm { $0.warmLimits.answering = 500_000_000 }
        try rig.write("plugin", "#!/usr/bin/python3\nprint('fine')\n")
        _ = try #require(await rig.firstWarm("plugin", loaded: true))
        #expect(await eventually(within: .seconds(20)) { await rig.isSettled("plugin") })
        let helpers = await rig.helpers
        for pid in helpers { kill(pid, SIGSTOP) }
        async let first = rig.runWarm("plugin")
        async let second = rig.runWarm("plugin")
        #expect(await first.output.text == "fine")
        #expect(await second.output.text == "fine")
        #expect(await eventually { helpers.allSatisfy(isGone) })
        #expect(await rig.inFlight == 0)
        await rig.stop()
    }

    @Test(
        "a changed script, a changed first line and lost rights count from the next run on",
        arguments: [("python3", "print('one')"), ("perl", "print qq(one\\n);")])
    func changedScript(_ language: String, _ text: String) async throws {
        let rig = try await PluginRig.warm()
        let head = "#!/usr/bin/\(language)\n"
        try rig.write("plugin", head + text + "\n")
        #expect(try #require(await rig.firstWarm("plugin", loaded: true)).output.text == "one")
        try rig.write("plugin", head + text.replacing("one", with: "two") + "\n")
        #expect(await rig.runWarm("plugin").output.text == "two")
        // A helper that found no file while it began would pause: the last one has begun before the file goes.
        #expect(await eventually(within: .seconds(20)) { await rig.isSettled("plugin") })
        #expect(await rig.runWarm("plugin").output.text == "two")
        unlink("\(rig.folder)/plugin")
        #expect(await rig.runWarm("plugin").cause == .notFound)
        try rig.write("plugin", head + text + "\n")
        #expect(try #require(await rig.firstWarm("plugin")).output.text == "one")
        chmod("\(rig.folder)/plugin", 0o644)
        #expect(await rig.runWarm("plugin").cause == .notExecutable)
        try rig.write("plugin", "#!/bin/sh\necho three\n")
        #expect(await rig.runWarm("plugin").output.text == "three")
        await rig.stop()
    }

    @Test("a file in a folder that wins counts from the next run on")
    func laterFolder() async throws {
        let other = try await PluginRig()
        let rig = try await PluginRig.warm { settings in
            settings.folders = PluginFolders(paths: settings.folders.paths + [other.folder])
        }
        try rig.write("plugin", "#!/usr/bin/perl\nprint qq(first\\n);\n")
        #expect(try #require(await rig.firstWarm("plugin")).output.text == "first")
        try other.write("plugin", "#!/usr/bin/perl\nprint qq(second\\n);\n")
        #expect(await rig.runWarm("plugin").output.text == "second")
        #expect(try #require(await rig.firstWarm("plugin")).output.text == "second")
        await rig.stop()
        await other.stop()
    }

    @Test("a changed module counts from the next run on, the plugin's own and an installed one")
    func changedModule() async throws {
        let rig = try await PluginRig.warm()
        try rig.write("version", "#!/usr/bin/python3\nimport sys\nprint('%d.%d' % sys.version_info[:2])\n")
        let version = await rig.run("version").output.text
        let site = "\(rig.folder)/venv/lib/python\(version)/site-packages"
        for folder in ["venv", "venv/bin", "venv/lib", "venv/lib/python\(version)"] {
            mkdir("\(rig.folder)/\(folder)", 0o755)
        }
        mkdir(site, 0o755)
        symlink("/usr/bin/python3", "\(rig.folder)/venv/bin/python3")
        try rig.write("venv/pyvenv.cfg", "home = /usr/bin\n", mode: 0o644)
        try rig.write("venv/lib/python\(version)/site-packages/installed.py", "value = 1\n", mode: 0o644)
        try rig.write("own.py", "value = 1\n", mode: 0o644)
        try rig.write(
            "plugin",
            "#!\(rig.folder)/venv/bin/python3 -B\nimport installed, own\nprint(installed.value, own.value)\n")
        #expect(try #require(await rig.firstWarm("plugin", loaded: true)).output.text == "1 1")
        try rig.write("own.py", "value = 22\n", mode: 0o644)
        #expect(await rig.runWarm("plugin").output.text == "1 22")
        try rig.write("venv/lib/python\(version)/site-packages/installed.py", "value = 33\n", mode: 0o644)
        #expect(await rig.runWarm("plugin").output.text == "33 22")
        #expect(try #require(await rig.firstWarm("plugin")).output.text == "33 22")
        await rig.stop()
        Folder.remove(site)
    }

    @Test("64 runs at once bring 64 results, none mixed")
    func manyAtOnce() async throws {
        let rig = try await PluginRig.warm()
        try rig.write(
            "python", "#!/usr/bin/python3\nimport sys, time, json\ntime.sleep(0.1)\nprint(*sys.argv[1:])\n")
        try rig.write(
            "perl", "#!/usr/bin/perl\nuse strict; select undef, undef, undef, 0.1; print qq(@ARGV\\n);\n")
        for script in ["python", "perl"] {
            let starts = await rig.counters.warm.helperStarts
            _ = try #require(await rig.firstWarm(script, arguments: "x", loaded: true, after: starts))
            #expect(await eventually(within: .seconds(20)) { await rig.isSettled(script) })
            let before = await rig.counters.warm.warmRuns
            await withTaskGroup(of: (Int, CheckResult).self) { group in
                for number in 0..<64 {
                    group.addTask {
                        (number, await rig.runWarm(script, arguments: "run \(number)", timeout: 30))
                    }
                }
                for await (number, result) in group {
                    #expect(result.output.text == "run \(number)")
                    #expect(result.cause == .exited)
                }
            }
            // A queue that is full for a moment sends some of them cold.
            #expect(await rig.counters.warm.warmRuns > before)
        }
        await rig.stop()
    }

    @Test("a helper is replaced after its runs, and ends when it has nothing to do")
    func replacement() async throws {
        let rig = try await PluginRig.warm {
            $0.warmLimits.runs = 3
            $0.warmLimits.idle = 1_500_000_000
        }
        try rig.write("plugin", "#!/usr/bin/perl\nprint qq(fine\\n);\n")
        _ = try #require(await rig.firstWarm("plugin", loaded: true))
        let starts = await rig.counters.warm.helperStarts
        #expect(
            await eventually(within: .seconds(20)) {
                _ = await rig.runWarm("plugin")
                return await rig.counters.warm.helperStarts > starts + 1
            })
        #expect(await eventually(within: .seconds(10)) { await rig.helpers.isEmpty })
        await rig.stop()
    }

    @Test("there are never more helpers than allowed, and the others run cold")
    func bound() async throws {
        let rig = try await PluginRig.warm { $0.warmLimits.helpers = 1 }
        try rig.write("one", "#!/usr/bin/perl\nprint qq(one\\n);\n")
        try rig.write("two", "#!/usr/bin/perl\nprint qq(two\\n);\n")
        _ = try #require(await rig.firstWarm("one"))
        #expect(await rig.runWarm("two").output.text == "two")
        #expect(
            await rig.counters.warm.refusal?.contains("two is to be kept warm and runs cold: 1 other") == true
        )
        // One that has learnt gives way to one that has loaded it.
        #expect(await eventually { await rig.helpers.count <= 1 })
        await rig.stop()
    }

    @Test(
        "what cannot be kept warm runs cold and says why",
        arguments: [
            ("#!/bin/sh\necho fine\n", "neither Python 3 nor Perl"),
            ("#!/usr/bin/python3 -q\nprint('fine')\n", "the option -q"),
            ("#!/usr/bin/perl -n\nEND { print qq(fine\\n) }\n", "the option -n"),
            ("#!/usr/bin/env -i perl\nprint qq(fine\\n);\n", "only env understands"),
        ])
    func refusals(_ text: String, _ reason: String) async throws {
        let rig = try await PluginRig.warm()
        try rig.write("plugin", text)
        let cold = Outcome(await rig.run("plugin"))
        #expect(Outcome(await rig.runWarm("plugin")) == cold)
        #expect(await eventually { await rig.counters.warm.refusal?.contains(reason) == true })
        #expect(Outcome(await rig.runWarm("plugin")) == cold)
        #expect(await rig.counters.warm.warmRuns == 0)
        #expect(await rig.counters.warm.coldRuns == 2)
        await rig.stop()
    }

    @Test("a helper that dies again and again is given up, and the plugin runs cold")
    func dyingHelper() async throws {
        let rig = try await PluginRig.warm { $0.warmFolder = "/nonexistent" }
        try rig.write("plugin", "#!/usr/bin/python3\nprint('fine')\n")
        let isGivenUp = await eventually(within: .seconds(20)) {
            guard await rig.runWarm("plugin").output.text == "fine" else { return false }
            return await rig.counters.warm.refusals == 1
        }
        #expect(isGivenUp)
        #expect(await (2...4).contains(rig.counters.warm.helperStarts))
        await rig.stop()
    }

    @Test(
        "a helper that says what makes no sense is ended, and its runs go cold",
        arguments: [
            "b'Zgarbage'", "b'S' + bytes(3)", "b'x' * 150000",
            "b'S' + field(ticket) + field(b'1') + field(b'0')",
            "b'S' + field(ticket) + field(b'%d' % os.getpid()) + field(b'0')",
            "b'S' + field(b'999') + field(b'5')",
            "b'R'", "b'F' + field(b'999') + field(b'11')",
        ])
    func dishonestHelper(_ answer: String) async throws {
        let rig = try await PluginRig()
        try rig.write(
            "ppwarm.py",
            """
            import os, socket
            def field(data): return len(data).to_bytes(4, "little") + data
            channel = socket.socket(fileno=200)
            channel.recv(100000)
            channel.send(b"R")
            while True:
                data = channel.recv(100000)
                if not data: break
                ticket = data[5:5 + data[1]]
                channel.send(\(answer))
            """)
        try rig.write("plugin", "#!/usr/bin/python3\nprint('fine')\n")
        let folder = rig.folder
        let tested = try await PluginRig {
            $0.folders = PluginFolders(paths: [folder])
            $0.warmFolder = folder
        }
        #expect(
            await eventually(within: .seconds(20)) {
                guard await tested.runWarm("plugin").output.text == "fine" else { return false }
                return await tested.counters.warm.refusals == 1
            })
        #expect(await tested.counters.warm.warmRuns == 0)
        #expect(await eventually { await tested.helpers.isEmpty })
        await tested.stop()
        await rig.stop()
    }

    @Test("a helper has no right that a plugin has not, and no descriptor more than it needs")
    func rights() async throws {
        let rig = try await PluginRig.warm()
        try rig.write("plugin", "#!/usr/bin/perl\nprint qq(fine\\n);\n")
        _ = try #require(await rig.firstWarm("plugin", loaded: true))
        let pid = try #require(await rig.helpers.first)
        let status = SmallFileText.read("/proc/\(pid)/status")
        for line in ["CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1"] {
            #expect(status.contains(line))
        }
        await rig.stop()
        #expect(await eventually { isGone(pid) })
    }

    @Test("an isolated warm run cannot signal its helper", arguments: ["python3", "perl"])
    func isolated(_ language: String) async throws {
        let isolation = try ProcessIsolation(ProcessIsolation.Wish())
        guard let isolation, isolation.extent.stopsSignals else { return }
        let rig = try await PluginRig.warm { $0.isolation = isolation }
        try rig.write(
            "plugin",
            language == "perl"
                ? "#!/usr/bin/perl\n$| = 1; print kill(0, $ARGV[0]) ? qq(yes\n) : qq(no\n) if @ARGV; print qq(done\n);\n"
                : """
                #!/usr/bin/python3
                import os, sys
                try:
                    if len(sys.argv) > 1: os.kill(int(sys.argv[1]), 0); print("yes")
                except PermissionError:
                    print("no")
                print("done")
                """)
        _ = try #require(await rig.firstWarm("plugin", arguments: "0", loaded: true))
        let helper = try #require(await rig.helpers.first)
        #expect(await rig.runWarm("plugin", arguments: "\(helper)").output.text == "no")
        await rig.stop()
    }

    @Test("a run that is over keeps its cause when the engine stops: helpers go, nothing stays behind")
    func stopping() async throws {
        let rig = try await PluginRig.warm()
        try rig.write(
            "plugin",
            Self.sleeper.replacing(
                "time.sleep(60)", with: "time.sleep(60 if len(__import__('sys').argv) > 1 else 0)"))
        _ = try #require(await rig.firstWarm("plugin"))
        let helpers = await rig.helpers
        async let cut = rig.runWarm("plugin", arguments: "long", timeout: 60)
        try await Task.sleep(for: .milliseconds(300))
        await rig.stopExecutor(within: .seconds(1))
        let result = await cut
        #expect(result.cause == .internal)
        let pid = try #require(Int32(result.output.text))
        #expect(await eventually { isGone(pid) && helpers.allSatisfy(isGone) })
        await rig.stop()
    }
}

/// Small files as text.
enum SmallFileText {
    static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16384)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
