import Glibc
import SSH
import Testing

@Suite(.enabled(if: access("/usr/bin/ssh-keygen", X_OK) == 0, "needs openssh-client"))
struct SSHIdentityTests {
    /// The bytes of a key that ssh-keygen makes with these options.
    private func key(_ type: String, _ options: [String], passphrase: String = "") throws -> [UInt8] {
        var template = Array("/tmp/ssh-test-XXXXXX".utf8CString)
        let folder = mkdtemp(&template).map { String(cString: $0) } ?? ""
        defer { Command.run(["/bin/rm", "-rf", folder]) }
        let path = "\(folder)/key"
        Command.run(["/usr/bin/ssh-keygen", "-q", "-t", type, "-N", passphrase, "-f", path] + options)
        return Array(Command.output(["/bin/cat", path]).utf8)
    }

    @Test(
        "a key file tells its type in every format",
        arguments: [
            ("ed25519", [], SSHIdentity.Algorithm.ed25519), ("ecdsa", [], .ecdsa),
            ("ecdsa", ["-m", "PEM"], .ecdsa),
            ("ecdsa", ["-m", "PKCS8"], .ecdsa), ("rsa", ["-b", "2048"], .rsa),
            ("rsa", ["-b", "2048", "-m", "PEM"], .rsa), ("rsa", ["-b", "2048", "-m", "PKCS8"], .rsa),
        ])
    func algorithms(type: String, options: [String], algorithm: SSHIdentity.Algorithm) throws {
        let identity = SSHIdentity(parsing: try key(type, options))
        #expect(identity?.algorithm == algorithm)
        #expect(identity?.isEncrypted == false)
    }

    @Test(
        "a key file tells that a passphrase guards it",
        arguments: [("ed25519", []), ("ecdsa", ["-m", "PEM"]), ("ecdsa", ["-m", "PKCS8"])])
    func passphrase(type: String, options: [String]) throws {
        let identity = SSHIdentity(parsing: try key(type, options, passphrase: "secret words"))
        #expect(identity?.isEncrypted == true)
    }

    @Test(
        "what is no key file is none",
        arguments: ["", "ssh-ed25519 AAAA", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
    func noKey(text: String) {
        #expect(SSHIdentity(parsing: Array(text.utf8)) == nil)
    }
}
