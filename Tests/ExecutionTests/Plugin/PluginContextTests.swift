import Execution
import Glibc
import Model
import Testing

@Suite("What a plugin sees")
struct PluginContextTests {
    @Test("a plugin sees descriptors 0, 1 and 2 only")
    func descriptors() async throws {
        let rig = try await PluginRig()
        symlink("/bin/ls", "\(rig.folder)/list")
        let result = await rig.run("list", arguments: "/proc/self/fd")
        // 3 is the folder that ls reads.
        #expect([result.output.text, result.output.longText] == ["0", "1\n2\n3"])
        await rig.stop()
    }

    @Test("a plugin has no privilege, default signals, an empty mask and its own session")
    func context() async throws {
        let rig = try await PluginRig()
        let result = try await rig.run(
            text: """
                #!/bin/sh
                umask; pwd; echo sid $(ps -o sid= -p $$) pid $$
                grep -E '^(CapEff|CapPrm|CapInh|CapAmb|SigIgn|SigBlk|NoNewPrivs)' /proc/$$/status
                """)
        let lines = [result.output.text] + result.output.longText.split(separator: "\n").map(String.init)
        let words = lines.map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
        #expect(words.contains(["0077"]))
        #expect(words.contains(["/"]))
        let session = try #require(words.first { $0.first == "sid" })
        #expect(session.count == 4 && session[1] == session[3])
        for name in ["CapEff:", "CapPrm:", "CapInh:", "CapAmb:", "SigIgn:", "SigBlk:"] {
            #expect(words.contains([name, "0000000000000000"]), "\(name)")
        }
        #expect(words.contains(["NoNewPrivs:", "1"]))
        await rig.stop()
    }

    @Test("the environment holds at most eight variables, all of them known")
    func environment() async throws {
        let rig = try await PluginRig()
        let result = try await rig.run(text: "#!/usr/bin/env perl\nprint join(' ', sort keys %ENV), qq(\\n);")
        #expect(
            result.output.text == "HOME LANG LC_NUMERIC PATH PPALETTE_HOST PPALETTE_PLUGIN PPALETTE_RUN")
        await rig.stop()
    }

    @Test("PP-B7: values reach the plugin byte for byte and never a shell")
    func argumentsAreBytes() async throws {
        let rig = try await PluginRig()
        try rig.write("args", "#!/usr/bin/perl\nprint map { sprintf('%s;', unpack('H*', $_)) } @ARGV;")
        let evil = "$(touch /tmp/x); `id` | \"'\n\t \\ é * ~ && $HOSTNAME$ -x"
        var host = Host(name: "h", address: "192.0.2.1; rm -rf /")
        host.variables["EVIL"] = evil
        let result = await rig.run("args", arguments: "-H $HOSTADDRESS$ $_HOSTEVIL$ 'a b'", host: host)

        let expected = ["-H", "192.0.2.1; rm -rf /", evil, "a b"].map { text in
            text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + ";"
        }
        #expect(result.output.text == expected.joined())
        await rig.stop()
    }

    @Test("a later folder wins, and a file added later is found")
    func laterFolderWins() async throws {
        let other = try await PluginRig()
        let rig = try await PluginRig { settings in
            settings.folders = PluginFolders(paths: settings.folders.paths + [other.folder])
        }
        try rig.write("which", "#!/bin/sh\necho first\n")
        #expect(await rig.run("which").output.text == "first")
        try other.write("which", "#!/bin/sh\necho second\n")
        #expect(await rig.run("which").output.text == "second")
        await rig.stop()
        await other.stop()
    }

    @Test("a script name with a slash is never looked up", arguments: ["../etc/passwd", "/bin/true", "..", ""])
    func slashesAreRefused(_ script: String) async throws {
        let rig = try await PluginRig()
        #expect(await rig.run(script).cause == .notFound)
        await rig.stop()
    }

    @Test("a file without execute bit is not_executable and says chmod")
    func notExecutable() async throws {
        let rig = try await PluginRig()
        try rig.write("plain", "#!/bin/sh\necho no\n", mode: 0o644)
        let result = await rig.run("plain")
        #expect(result.cause == .notExecutable)
        #expect(result.output.text.contains("chmod +x"))
        await rig.stop()
    }

    @Test("PP-B9: a plugin that cannot run still brings a result")
    func everyJobHasAResult() async throws {
        let rig = try await PluginRig()
        #expect(await rig.run("no-such-plugin").cause == .notFound)
        try rig.write("plugin", "#!/bin/sh\necho ok\n")
        #expect(await rig.run("plugin", arguments: "'open quote").cause == .internal)
        #expect(await rig.run("plugin", arguments: "$NOSUCH$").cause == .internal)
        #expect(await rig.inFlight == 0)
        await rig.stop()
    }
}
