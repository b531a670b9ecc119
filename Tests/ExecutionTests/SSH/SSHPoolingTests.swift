import Execution
import Glibc
import Model
import Posix
import Testing

@Suite(.serialized, .enabled(if: TestServer.isPossible, "needs root and openssh-server"))
struct SSHPoolingTests {
    @Test("F43: thirty checks at once all succeed whatever MaxSessions is", arguments: [1, 2, 10])
    func maxSessions(limit: Int) async throws {
        let server = try TestServer(settings: ["MaxSessions \(limit)"])
        server.trust()
        server.addPlugin("check", "sleep 0.05; echo fine")
        let bench = try SSHBench(server)
        let results = try await bench.run("check", times: 30)
        #expect(results.count { $0.output.text == "fine" && $0.state == .ok } == 30)
        #expect(Set(results.map(\.check)).count == 30)
        #expect(bench.counters.connects <= 4)
    }

    @Test("checks one after the other use one connection")
    func oneConnection() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo fine")
        let bench = try SSHBench(server)
        for _ in 0..<10 { #expect(try await bench.runOnce("check").state == .ok) }
        #expect(bench.counters.connects == 1)
        #expect(bench.counters.sessions == 1)
        #expect(server.count(inLog: "Accepted publickey") == 1)
    }

    @Test("fifty checks on a port where nothing listens cost one connect and are all unreachable")
    func deadHost() async throws {
        let options = SSHOptions(identityFiles: [], knownHosts: "/nonexistent")
        let port = try TestServer.freePort()
        let bench = try SSHBench(options, port: port, login: "nobody")
        let results = try await bench.run("check", times: 50)
        #expect(results.count { $0.cause == .unreachable } == 50)
        #expect(Set(results.map(\.output.text)).count == 1)
        #expect(results.first?.output.text.contains("connection refused") == true)
        #expect(bench.counters.connects == 1)
        #expect(bench.counters.breakerTrips == 1)
    }

    @Test(
        "B22: a server that accepts and never speaks is unreachable after the connect timeout"
    )
    func silentServer() async throws {
        let listener = try Listener()
        let options = SSHOptions(
            identityFiles: [], knownHosts: "/nonexistent", connectTimeout: .milliseconds(500))
        let bench = try SSHBench(options, port: listener.port, login: "nobody")
        let results = try await bench.run("check", times: 50)
        #expect(results.count { $0.cause == .unreachable } == 50)
        #expect(results.first?.output.text.contains("500 ms") == true)
        #expect(listener.drain() == 1)
    }

    @Test(
        "B22: a server that speaks nonsense or floods us is unreachable in time, and another check goes on",
        arguments: [
            "SSH-2.0-x\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-x\r\n\u{1}\u{2}\u{3}\u{4}xxxxxxxx",
            "",
        ])
    func nonsense(words: String) async throws {
        let listener = try Listener()
        let noise = words.isEmpty ? [UInt8](repeating: 0x78, count: 65536) : Array(words.utf8)
        listener.speak(noise, isEndless: words.isEmpty)
        let options = SSHOptions(
            identityFiles: [], knownHosts: "/nonexistent", connectTimeout: .milliseconds(500))
        let bench = try SSHBench(options, port: listener.port, login: "nobody")
        let result = try await bench.runOnce("check")
        #expect(result.cause == .unreachable)
        #expect(result.ended - result.due < .seconds(5))
    }

    @Test("a plugin that prints without end holds up no other check")
    func endlessOutput() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("flood", "exec cat /dev/zero")
        server.addPlugin("check", "echo fine")
        let bench = try SSHBench(server)
        bench.start("flood", timeout: 15)
        try await until { bench.counters.channels == 1 }
        let result = try await bench.runOnce("check")
        #expect(result.output.text == "fine")
    }

    @Test("a frozen server delays nobody past the deadlines, and is used again when it goes on")
    func frozenServer() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo fine")
        let bench = try SSHBench(server) { $0.connectTimeout = .milliseconds(500) }
        #expect(try await bench.runOnce("check").state == .ok)
        server.freeze(true)
        let results = try await bench.run("check", times: 5, patience: 10)
        server.freeze(false)
        #expect(results.allSatisfy { $0.cause == .unreachable })
        try await untilFine(bench)
    }

    @Test("a server that was killed and started again is used again")
    func restartedServer() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo fine")
        server.addPlugin("slow", "sleep 30")
        let bench = try SSHBench(server)
        #expect(try await bench.runOnce("check").state == .ok)
        bench.start("slow", timeout: 40)
        try await until { bench.counters.channels == 1 }
        server.stop()
        let cut = try #require(try await bench.take(1).first)
        #expect(cut.cause == .unreachable)
        #expect(cut.output.text.contains("lost the SSH connection"))
        try server.start()
        try await untilFine(bench)
    }

    @Test("PP-B8: a hanging plugin holds up no other check on its host")
    func hangingPlugin() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("slow", "sleep 30")
        server.addPlugin("check", "echo fine")
        let bench = try SSHBench(server)
        bench.start("slow", timeout: 15, times: 6)
        let results = try await bench.run("check", times: 20)
        #expect(results.count { $0.output.text == "fine" } == 20)
    }

    @Test("an idle connection is kept alive, then closed, then made again when it is needed")
    func idleConnection() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo fine")
        var limits = SSHPool.Limits()
        limits.keepAlive = 100_000_000
        limits.idle = 2_500_000_000
        let bench = try SSHBench(server, limits: limits)
        #expect(try await bench.runOnce("check").state == .ok)
        #expect(bench.counters.sessions == 1)
        try await until { bench.counters.sessions == 0 }
        #expect(try await bench.runOnce("check").state == .ok)
        #expect(bench.counters.connects == 2)
    }

    @Test("a server that asks an idle connection for a sign of life and hangs up costs no check")
    func impatientServer() async throws {
        let server = try TestServer(settings: ["ClientAliveInterval 1", "ClientAliveCountMax 1"])
        server.trust()
        server.addPlugin("check", "echo fine")
        let bench = try SSHBench(server)
        #expect(try await bench.runOnce("check").state == .ok)
        try await until { server.count(inLog: "Timeout, client not responding") > 0 }
        #expect(try await bench.runOnce("check").state == .ok)
        #expect(bench.counters.connects == 2)
    }

    @Test("a job whose deadline has passed is told too late and not run")
    func tooLate() async throws {
        let options = SSHOptions(identityFiles: [], knownHosts: "/nonexistent")
        let bench = try SSHBench(options, port: try TestServer.freePort(), login: "nobody")
        let result = try await bench.runOnce("check", patience: -1)
        #expect(result.cause == .tooLate)
        #expect(bench.counters.connects == 0)
    }

    private func untilFine(_ bench: SSHBench) async throws {
        for _ in 0..<50 {
            if try await bench.runOnce("check").state == .ok { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("the server was not used again")
    }
}
