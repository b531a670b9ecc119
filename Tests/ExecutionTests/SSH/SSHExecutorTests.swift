import Execution
import Glibc
import Model
import Posix
import SSH
import Testing

@Suite(.serialized, .enabled(if: TestServer.isPossible, "needs root and openssh-server"))
struct SSHExecutorTests {
    @Test("a plugin on a host brings its state, output, performance data and standard error apart")
    func aPlugin() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo \"OK $1 $2|a=1\"; echo oops >&2; exit 1")
        let result = try await SSHBench(server).runOnce("check", "'one two' $HOSTADDRESS$")
        #expect(result.state == .warning)
        #expect(result.cause == .exited)
        #expect(result.output.text == "OK one two 127.0.0.1")
        #expect(result.output.performanceText == "a=1")
        #expect(result.output.errorText == "oops")
        #expect(result.worker == "w1")
    }

    @Test("exit 0 is told at once, also from a plugin that prints nothing else", arguments: [0, 1, 2, 3])
    func exitCodes(code: Int) async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo text; exit $1")
        let result = try await SSHBench(server).runOnce("check", "\(code)")
        #expect(result.exitCode == code)
        #expect(result.state == CheckState(rawValue: code))
    }

    @Test("PP-B11: standard output is kept for exit 3 and above")
    func keepsOutput() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo kept; exit $1")
        let bench = try SSHBench(server)
        let unknown = try await bench.runOnce("check", "3")
        #expect(unknown.output.text == "kept")
        #expect(unknown.state == .unknown)
        let outOfRange = try await bench.runOnce("check", "200")
        #expect(outOfRange.output.text == "kept")
        #expect(outOfRange.cause == .outOfRange)
        #expect(outOfRange.exitCode == 200)
    }

    @Test("PP-B11: a plugin without arguments gets none")
    func noArguments() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo \"$# arguments: $*\"")
        let result = try await SSHBench(server).runOnce("check")
        #expect(result.output.text == "0 arguments:")
    }

    @Test("no byte of an argument means anything to the remote shell")
    func hostileArguments() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "printf %s \"$1\" | od -An -tx1 | tr -d ' \\n'")
        let hostile = "a'; touch \(server.folder)/hit; `id` $(id) \\ \n \" * ~ & | < > ! #"
        let quoted = "\"" + hostile.map { "\"\\$`".contains($0) ? "\\\($0)" : "\($0)" }.joined() + "\""
        let result = try await SSHBench(server).runOnce("check", quoted.replacing("$", with: "$$"))
        let hex = hostile.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(result.output.text == hex)
        #expect(access("\(server.folder)/hit", F_OK) != 0)
    }

    @Test("a plugin killed by a signal is told so")
    func signals() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo partial; kill -SEGV $$")
        let result = try await SSHBench(server).runOnce("check")
        #expect(result.cause == .signaled)
        #expect(result.exitCode == -11)
        #expect(result.output.text == "partial")
    }

    @Test("a missing plugin and one that may not be run are told apart, with the path")
    func missingPlugin() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("plain", "exit 0", mode: 0o644)
        server.addPlugin("says", "echo 'cannot find curl'; exit 127")
        let bench = try SSHBench(server)
        let missing = try await bench.runOnce("absent")
        #expect(missing.cause == .notFound)
        #expect(missing.output.text.contains("\(server.folder)/plugins/absent on 127.0.0.1 port"))
        #expect(try await bench.runOnce("plain").cause == .notExecutable)
        let own = try await bench.runOnce("says")
        #expect(own.cause == .outOfRange)
        #expect(own.output.text == "cannot find curl")
    }

    @Test("standard input of a plugin is empty, and nothing of the engine's line shows")
    func standardInput() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "cat; ls -l /proc/$$/fd/0 | sed 's/.*-> //'; tty -s || echo no terminal")
        let result = try await SSHBench(server).runOnce("check")
        #expect(result.output.text == "/dev/null")
        #expect(result.output.longText == "no terminal")
    }

    @Test("PP-B8: a megabyte of output is read to its end, kept up to the cap, and counted")
    func largeOutput() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin(
            "check", "head -c 1000000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero | tr '\\0' e >&2")
        let result = try await SSHBench(server).runOnce("check")
        #expect(result.cause == .exited)
        #expect(result.output.isTruncated)
        #expect(result.output.text.utf8.count + result.output.droppedBytes >= 1_000_000)
        #expect(result.output.text.utf8.count <= 65536)
        #expect((1...4096).contains(result.output.errorText.utf8.count))
    }

    @Test("F40: a run past its timeout is told in time with its output, and nothing of it stays on the host")
    func timeout() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo begun; echo $$ > \(server.folder)/pid; sleep 60")
        let result = try await SSHBench(server).runOnce("check", timeout: 1)
        #expect(result.cause == .timeout)
        #expect(result.output.text == "begun")
        #expect(result.ended - result.started >= .seconds(1))
        let pid = try #require(Int32(server.text(of: "pid").prefix { $0.isNumber }))
        try await until { Command.isGone(pid) }
    }

    @Test("F40: a plugin that ignores TERM is gone a moment later")
    func ignoresTerm() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "trap '' TERM; echo $$ > \(server.folder)/pid; while :; do sleep 1; done")
        let result = try await SSHBench(server).runOnce("check", timeout: 1)
        #expect(result.cause == .timeout)
        let pid = try #require(Int32(server.text(of: "pid").prefix { $0.isNumber }))
        try await until { Command.isGone(pid) }
    }

    @Test("B23: what runs on a host ends when our side goes away without a word")
    func clientGone() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo $$ > \(server.folder)/pid; sleep 60")
        let bench = try SSHBench(server)
        bench.start("check", timeout: 60)
        try await until { server.text(of: "pid").hasSuffix("\n") }
        bench.stop(within: .zero)
        let result = try #require(try await bench.take(1).first)
        #expect(result.cause == .internal)
        #expect(result.output.text == "engine is stopping")
        let pid = try #require(Int32(server.text(of: "pid").prefix { $0.isNumber }))
        try await until { Command.isGone(pid) }
    }

    @Test("F41: a background child that holds standard output does not hold the result")
    func backgroundChild() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo done; sleep 30 & echo $! > \(server.folder)/pid; exit 0")
        let result = try await SSHBench(server).runOnce("check", timeout: 20)
        #expect(result.state == .ok)
        #expect(result.output.text == "done")
        #expect(result.ended - result.started < .seconds(10))
        let pid = try #require(Int32(server.text(of: "pid").prefix { $0.isNumber }))
        try await until { Command.isGone(pid) }
    }
}
