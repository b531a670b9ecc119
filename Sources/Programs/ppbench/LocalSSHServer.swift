import Baselines
import CommandLine
import Posix

/// An sshd of our own on a free port of 127.0.0.1, with its own keys in a folder of its own.
struct LocalSSHServer: ~Copyable {
    let port: Int
    let user: String
    // The program goes before the folder that holds its keys.
    private let program: Program
    private let home: TemporaryFolder

    /// Starts it; `sessions` commands may run at once on one connection.
    init(sessions: Int) throws {
        let home = try TemporaryFolder()
        let folder = home.path
        let port = try Machine.freePort()
        let user = try Self.output(of: "/usr/bin/id", ["-un"], in: folder)
        for name in ["host", "user"] {
            _ = try Self.output(
                of: "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder + "/" + name],
                in: folder)
        }
        let key = try SmallFile.text(at: folder + "/host.pub")
        try SmallFile.write(Array("[127.0.0.1]:\(port) \(key)".utf8), to: folder + "/known_hosts")
        _ = try Self.output(of: "/bin/mkdir", ["-p", "/run/sshd"], in: folder)
        // A shell that thinks sshd has started it reads ~/.bashrc: whatever is there is no part of the measurement.
        let lines = [
            "Port \(port)", "ListenAddress 127.0.0.1", "HostKey \(folder)/host",
            "AuthorizedKeysFile \(folder)/user.pub", "StrictModes no", "UsePAM no", "PidFile none",
            "PermitRootLogin yes", "PrintMotd no", "MaxStartups 200", "MaxSessions \(sessions)",
            "SetEnv SHLVL=1",
        ]
        try SmallFile.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: folder + "/sshd_config")
        let program = try Program(
            "/usr/sbin/sshd", ["-D", "-e", "-f", folder + "/sshd_config"], output: folder + "/sshd.log")
        try Self.waitUntilListening(folder + "/sshd.log")
        self.home = home
        self.port = port
        self.user = user
        self.program = program
    }

    private static func waitUntilListening(_ log: String) throws {
        for _ in 0..<500 {
            if try SmallFile.text(at: log).contains("Server listening") { return }
            Machine.pause(.milliseconds(10))
        }
        throw BenchmarkFailure(description: "sshd does not listen: \(try SmallFile.text(at: log))")
    }

    var keyFile: String { home.path + "/user" }
    var knownHosts: String { home.path + "/known_hosts" }
    /// A place for the socket of ssh that keeps a connection.
    var controlPath: String { home.path + "/control" }

    /// What every ssh is told: our keys only, and nobody is asked anything.
    var options: [String] {
        [
            "UserKnownHostsFile=\(knownHosts)", "GlobalKnownHostsFile=/dev/null",
            "StrictHostKeyChecking=yes",
            "BatchMode=yes", "IdentitiesOnly=yes",
        ].flatMap { ["-o", $0] }
    }

    private static func output(of path: String, _ arguments: [String], in folder: String) throws -> String {
        let file = folder + "/output"
        try SmallFile.write([], to: file)
        var program = try Program(path, arguments, output: file)
        let code = program.wait(atMost: .seconds(30))
        let text = try SmallFile.text(at: file)
        guard code == 0 else { throw BenchmarkFailure(description: "\(path) failed: \(text)") }
        return String(text.prefix { !$0.isNewline })
    }
}
