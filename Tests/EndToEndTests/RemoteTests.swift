import Foundation
import JSON
import TestSupport
import Testing

/// Plugins over SSH against a real sshd.
@Suite("Checks over SSH, end to end")
struct RemoteTests {
    private func engine(_ server: SecureShellServer, in sandbox: Sandbox, knownHosts: String? = nil) throws
        -> EngineUnderTest
    {
        try EngineUnderTest(
            in: sandbox,
            extra: """
                ssh:
                  identity_files: [\(server.key)]
                  known_hosts: \(knownHosts ?? server.knownHosts)
                  remote_plugin_path: \(sandbox.path)/remote
                """)
    }

    private func addRemote(_ engine: EngineUnderTest, _ server: SecureShellServer, timeout: Int64 = 5) throws
    {
        try engine.add(
            [
                "runner": "ssh", "script": "check_remote", "arguments": "'a b' \"it's\"", "interval": 1,
                "timeout": .integer(timeout),
            ])
        _ = try engine.patch(
            "/hosts/h1", ["port": .integer(Int64(server.port)), "login": .string(NSUserName())])
    }

    @Test(
        "a plugin on the host runs with its arguments whole",
        .enabled(if: SecureShellServer.isAvailable, "needs root and openssh-server"))
    func remote() async throws {
        let sandbox = try Sandbox()
        let server = try await SecureShellServer(in: sandbox)
        try sandbox.write(
            "remote/check_remote", "#!/bin/sh\necho \"CRIT $# [$1] [$2]|x=1\"\necho err >&2\nexit 2\n",
            mode: 0o755)
        let engine = try engine(server, in: sandbox)
        try await engine.start()
        try addRemote(engine, server)
        var status = JSONValue.null
        #expect(
            await eventually {
                status = (try? engine.status(host: "h1", plugin: "p1")) ?? .null
                return status["state"]?.asString == "critical"
            }, "\(status.text())\n\(engine.log)")

        #expect(status["output"]?.asString == "CRIT 2 [a b] [it's]")
        #expect(status["stderr"]?.asString == "err")
        #expect(try await engine.stop() == 0)
    }

    @Test(
        "an unknown host key is refused, with the cause and what to do",
        .enabled(if: SecureShellServer.isAvailable, "needs root and openssh-server"))
    func unknownHost() async throws {
        let sandbox = try Sandbox()
        let server = try await SecureShellServer(in: sandbox)
        let engine = try engine(server, in: sandbox, knownHosts: sandbox.path + "/nothing")
        try await engine.start()
        try addRemote(engine, server)
        var status = JSONValue.null
        #expect(
            await eventually {
                status = (try? engine.status(host: "h1", plugin: "p1")) ?? .null
                return status["cause"]?.asString == "host_key_unknown"
            }, "\(status.text())\n\(engine.log)")

        #expect(status["state"]?.asString == "unknown")
        #expect(status["output"]?.asString?.contains("ssh-keyscan") == true)
    }
}
