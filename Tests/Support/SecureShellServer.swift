import Foundation

/// A real sshd on loopback with a user key that it accepts.
package struct SecureShellServer {
    package let port: Int
    package let key: String
    /// A known_hosts file with its host key.
    package let knownHosts: String

    package static let isAvailable =
        FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd")
        && NSUserName() == "root"

    package init(in sandbox: Sandbox) async throws {
        port = Sandbox.freePort()
        let folder = sandbox.path + "/sshd"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        key = folder + "/id_ed25519"
        knownHosts = folder + "/known_hosts"
        for name in ["host_key", "id_ed25519"] {
            _ = try Sandbox.run(
                "/usr/bin/ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder + "/" + name])
        }
        try FileManager.default.copyItem(atPath: key + ".pub", toPath: folder + "/authorized_keys")
        let hostKey = try String(contentsOfFile: folder + "/host_key.pub", encoding: .utf8)
        try "[127.0.0.1]:\(port) \(hostKey)".write(toFile: knownHosts, atomically: true, encoding: .utf8)
        let configuration = try sandbox.write(
            "sshd/config",
            """
            ListenAddress 127.0.0.1:\(port)
            HostKey \(folder)/host_key
            AuthorizedKeysFile \(folder)/authorized_keys
            StrictModes no
            UsePAM no
            PidFile none
            PermitRootLogin yes
            """)
        _ = try sandbox.start("/usr/sbin/sshd", ["-D", "-e", "-f", configuration], log: "sshd.log")
        guard await eventually({ sandbox.text(of: "sshd.log").contains("listening") }) else {
            throw EngineFailure(description: "sshd did not start: \(sandbox.text(of: "sshd.log"))")
        }
    }
}
