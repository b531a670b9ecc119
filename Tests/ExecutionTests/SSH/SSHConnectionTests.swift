import Execution
import Glibc
import Model
import Posix
import SSH
import Testing

@Suite(.serialized, .enabled(if: TestServer.isPossible, "needs root and openssh-server"))
struct SSHConnectionTests {
    @Test("ed25519 and ECDSA keys log in", arguments: [TestServer.KeyType.ed25519, .ecdsa])
    func keys(type: TestServer.KeyType) async throws {
        let server = try TestServer(hostKeys: [type])
        server.trust([type])
        server.makeKey(type, "other")
        server.authorize("other")
        server.addPlugin("check", "echo fine")
        let result = try await SSHBench(server) { $0.identityFiles = ["\(server.folder)/other"] }.runOnce(
            "check")
        #expect(result.output.text == "fine")
    }

    @Test(
        "a server with several host keys is known by whichever the file has, hashed or not",
        arguments: [true, false])
    func knownHosts(isHashed: Bool) async throws {
        let server = try TestServer()
        server.addPlugin("check", "echo fine")
        for type in [TestServer.KeyType.ecdsa, .ed25519] {
            server.trust([type], isHashed: isHashed)
            #expect(try await SSHBench(server).runOnce("check").output.text == "fine")
        }
    }

    @Test(
        "PP-B11: an unknown host key is refused with its fingerprint and the line that adds it"
    )
    func unknownKey() async throws {
        let server = try TestServer()
        server.addPlugin("check", "touch \(server.folder)/hit")
        let result = try await SSHBench(server).runOnce("check")
        #expect(result.cause == .hostKeyUnknown)
        #expect(result.state == .unknown)
        let fingerprint = Command.output(["/usr/bin/ssh-keygen", "-lf", "\(server.folder)/host_ed25519.pub"])
            .split(separator: " ").first { $0.hasPrefix("SHA256:") }
        #expect(result.output.text.contains(fingerprint ?? "no fingerprint"))
        #expect(
            result.output.text.contains("ssh-keyscan -p \(server.port) 127.0.0.1 >> \(server.knownHosts)"))
        #expect(access("\(server.folder)/hit", F_OK) != 0)
    }

    @Test("accept-new keeps the key of a new host and holds on to it")
    func acceptNew() async throws {
        let server = try TestServer()
        server.addPlugin("check", "echo fine")
        let first = try await SSHBench(server) { $0.unknownHosts = .acceptNew }.runOnce("check")
        #expect(first.output.text == "fine")
        var status = stat()
        #expect(stat(server.knownHosts, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try await SSHBench(server).runOnce("check").output.text == "fine")
    }

    @Test("B24: a changed host key is refused, also with accept-new; nothing is run")
    func changedKey() async throws {
        let server = try TestServer(hostKeys: [.ed25519])
        server.addPlugin("check", "touch \(server.folder)/hit")
        server.makeKey(.ed25519, "host_old")
        let old = server.text(of: "host_old.pub").split(separator: " ").prefix(2).joined(separator: " ")
        server.write("known_hosts", "[127.0.0.1]:\(server.port) \(old)\n")
        for policy in SSHOptions.UnknownHosts.allCases {
            let result = try await SSHBench(server) { $0.unknownHosts = policy }.runOnce("check")
            #expect(result.cause == .hostKeyMismatch)
            #expect(result.output.text.contains("ssh-keygen -f"))
        }
        #expect(access("\(server.folder)/hit", F_OK) != 0)
    }

    @Test("a key that the server does not take is auth_failed, with the file and the remedy")
    func wrongKey() async throws {
        let server = try TestServer()
        server.trust()
        server.makeKey(.ed25519, "stranger")
        let stranger = "\(server.folder)/stranger"
        let result = try await SSHBench(server) { $0.identityFiles = [stranger] }.runOnce("check")
        #expect(result.cause == .authFailed)
        #expect(result.output.text.contains(stranger))
        #expect(result.output.text.contains("authorized_keys"))
    }

    @Test("a missing key file and one with a passphrase are told apart, and the next key is tried")
    func unusableKeys() async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo fine")
        server.makeKey(.ed25519, "guarded", passphrase: "secret words")
        let bad = ["\(server.folder)/absent", "\(server.folder)/guarded"]
        let failed = try await SSHBench(server) { $0.identityFiles = bad }.runOnce("check")
        #expect(failed.cause == .authFailed)
        #expect(failed.output.text.contains("absent: no such file"))
        #expect(failed.output.text.contains("guarded is guarded by a passphrase"))
        let fine = try await SSHBench(server) { $0.identityFiles = bad + $0.identityFiles }.runOnce("check")
        #expect(fine.output.text == "fine")
    }

    @Test("F46: an RSA key works, or its sentence names ed25519 and the version that lifts it")
    func rsaKey() async throws {
        let server = try TestServer()
        server.trust()
        server.makeKey(.rsa, "rsa")
        server.authorize("rsa")
        server.addPlugin("check", "echo fine")
        let result = try await SSHBench(server) { $0.identityFiles = ["\(server.folder)/rsa"] }.runOnce(
            "check")
        if SSHLibrary.supportsRSA {
            #expect(result.output.text == "fine")
        } else {
            #expect(result.cause == .authFailed)
            #expect(result.output.text.contains("ed25519"))
            #expect(result.output.text.contains("1.11"))
        }
    }

    @Test("F46: a server with only an RSA host key works, or its sentence says the same")
    func rsaServer() async throws {
        let server = try TestServer(hostKeys: [.rsa])
        server.trust([.rsa])
        server.addPlugin("check", "echo fine")
        let result = try await SSHBench(server).runOnce("check")
        if SSHLibrary.supportsRSA {
            #expect(result.output.text == "fine")
        } else {
            #expect(result.cause == .unreachable)
            #expect(result.output.text.contains("ed25519"))
            #expect(result.output.text.contains("1.11"))
        }
    }

    @Test(
        "a key that only the agent holds logs in; an agent with RSA keys alone is told",
        arguments: [false, true])
    func agent(hasOnlyRSA: Bool) async throws {
        let server = try TestServer()
        server.trust()
        server.addPlugin("check", "echo fine")
        server.makeKey(.rsa, "rsa")
        server.authorize("rsa")
        let socket = "\(server.folder)/agent"
        let pid = try Command.start(["/usr/bin/ssh-agent", "-D", "-a", socket])
        defer {
            kill(pid, SIGTERM)
            waitpid(pid, nil, 0)
        }
        try await until { access(socket, F_OK) == 0 }
        for name in hasOnlyRSA ? ["rsa"] : ["rsa", "user"] {
            Command.run([
                "/usr/bin/env", "SSH_AUTH_SOCK=\(socket)", "/usr/bin/ssh-add", "\(server.folder)/\(name)",
            ])
        }
        let bench = try SSHBench(server) {
            $0.identityFiles = []
            $0.agentSocket = socket
        }
        let result = try await bench.runOnce("check")
        if !hasOnlyRSA || SSHLibrary.supportsRSA {
            #expect(result.output.text == "fine")
        } else {
            #expect(result.cause == .authFailed)
            #expect(result.output.text.contains("ed25519"))
        }
    }

    @Test("an agent that never answers costs the login's own time and blocks nobody")
    func deadAgent() async throws {
        let server = try TestServer()
        server.trust()
        let path = "\(server.folder)/silent"
        let silent = try SilentAgent(path: path)
        let bench = try SSHBench(server) {
            $0.identityFiles = []
            $0.agentSocket = path
            $0.authTimeout = .milliseconds(300)
        }
        let result = try await bench.runOnce("check")
        #expect(result.cause == .authFailed)
        #expect(result.output.text.contains("300 ms"))
        withExtendedLifetime(silent) {}
    }

    @Test("no key file and no agent is auth_failed")
    func noKey() async throws {
        let server = try TestServer()
        server.trust()
        let result = try await SSHBench(server) { $0.identityFiles = [] }.runOnce("check")
        #expect(result.cause == .authFailed)
    }
}
