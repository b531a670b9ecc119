import SSH
import Testing

/// A key blob of the given type whose content is `byte`.
private func blob(_ type: String, _ byte: UInt8) -> [UInt8] {
    WireReader.field(Array(type.utf8)) + WireReader.field([UInt8](repeating: byte, count: 32))
}

private func key(_ type: String, _ byte: UInt8) -> HostKey {
    HostKey(type: type, blob: blob(type, byte), fingerprint: "SHA256:\(byte)")
}

private func line(_ names: String, _ type: String, _ byte: UInt8) -> String {
    "\(names) \(type) \(Base64.encode(blob(type, byte)))"
}

private func hosts(_ lines: String...) -> KnownHosts {
    KnownHosts(parsing: Array(lines.joined(separator: "\n").utf8))
}

private let ed25519 = "ssh-ed25519"
private let ecdsa = "ecdsa-sha2-nistp256"

@Suite struct KnownHostsTests {
    @Test("a key is known under the names of its line and no others")
    func plainNames() {
        let known = hosts("# comment", "", line("192.0.2.1,web", ed25519, 1))
        #expect(known.keys(of: ["192.0.2.1"], port: 22).verdict(on: key(ed25519, 1)) == .known)
        #expect(known.keys(of: ["WEB"], port: 22).verdict(on: key(ed25519, 1)) == .known)
        #expect(known.keys(of: ["192.0.2.2"], port: 22).verdict(on: key(ed25519, 1)) == .unknown)
    }

    @Test("another port is another server, written [host]:port")
    func ports() {
        let known = hosts(line("192.0.2.1", ed25519, 1), line("[192.0.2.1]:2222", ed25519, 2))
        #expect(known.keys(of: ["192.0.2.1"], port: 2222).verdict(on: key(ed25519, 2)) == .known)
        #expect(known.keys(of: ["192.0.2.1"], port: 2222).verdict(on: key(ed25519, 1)) == .mismatch)
        #expect(known.keys(of: ["192.0.2.1"], port: 2223).verdict(on: key(ed25519, 1)) == .unknown)
    }

    @Test("a host with keys of several types is known by each of them")
    func severalTypes() {
        let known = hosts(line("h", ed25519, 1), line("h", ecdsa, 2)).keys(of: ["h"], port: 22)
        #expect(known.verdict(on: key(ed25519, 1)) == .known)
        #expect(known.verdict(on: key(ecdsa, 2)) == .known)
        #expect(known.verdict(on: key(ecdsa, 3)) == .mismatch)
    }

    @Test("a known type is asked for first, so that a second type is no false mismatch")
    func preferenceFollowsTheKnownType() {
        let known = hosts(line("h", ecdsa, 2)).keys(of: ["h"], port: 22)
        #expect(known.preference(usingRSA: false).hasPrefix("\(ecdsa),ssh-ed25519"))
        #expect(!known.preference(usingRSA: false).contains("rsa"))
        #expect(hosts().keys(of: ["h"], port: 22).preference(usingRSA: true).contains("rsa-sha2-512"))
    }

    @Test("B24: a key of a new type is a mismatch, not a new host")
    func newTypeIsAMismatch() {
        let known = hosts(line("h", ecdsa, 2)).keys(of: ["h"], port: 22)
        #expect(known.verdict(on: key(ed25519, 1)) == .mismatch)
    }

    @Test("a host of which only an RSA key is known cannot be judged without RSA")
    func onlyRSAKnown() {
        let known = hosts(line("h", "ssh-rsa", 2)).keys(of: ["h"], port: 22)
        #expect(known.verdict(on: key(ed25519, 1), usingRSA: false) == .onlyUnusableKnown)
        #expect(known.verdict(on: key(ed25519, 1), usingRSA: true) == .mismatch)
    }

    @Test("B24: a revoked key is refused, also when another line trusts it")
    func revokedKeys() {
        let known = hosts(line("h", ed25519, 1), line("@revoked *", ed25519, 1)).keys(of: ["h"], port: 22)
        #expect(known.verdict(on: key(ed25519, 1)) == .revoked)
    }

    @Test(
        "wildcards and exclusions follow sshd(8)",
        arguments: [
            ("*.example.net", "a.example.net", true), ("*.example.net", "example.net", false),
            ("10.0.?.1", "10.0.3.1", true), ("*,!bad", "bad", false), ("*,!bad", "good", true),
            ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false),
        ])
    func wildcards(pattern: String, host: String, isMatch: Bool) {
        let verdict = hosts(line(pattern, ed25519, 1)).keys(of: [host], port: 22).verdict(on: key(ed25519, 1))
        #expect(verdict == (isMatch ? .known : .unknown))
    }

    @Test("a hashed name is found")
    func hashedName() {
        let salt = [UInt8](0..<20)
        let hash = SHA1.authenticate(Array("[192.0.2.1]:2222".utf8), key: salt)
        let known = hosts(line("|1|\(Base64.encode(salt))|\(Base64.encode(hash))", ed25519, 1))
        #expect(known.keys(of: ["192.0.2.1"], port: 2222).verdict(on: key(ed25519, 1)) == .known)
        #expect(known.keys(of: ["192.0.2.1"], port: 22).verdict(on: key(ed25519, 1)) == .unknown)
    }

    @Test("lines that make no sense are skipped and never crash")
    func brokenLines() {
        for text in [
            "h", "h ssh-ed25519", "h ssh-ed25519 ####", "@", "@revoked", "|1| x y", "|1|a|b ssh-ed25519 AAAA",
        ] {
            #expect(hosts(text).keys(of: ["h"], port: 22).trusted.isEmpty)
        }
        var state: UInt64 = 7
        for _ in 0..<300 {
            let noise = (0..<200).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            #expect(KnownHosts(parsing: noise).keys(of: ["h"], port: 22).trusted.isEmpty)
            _ = SSHIdentity(parsing: Array("-----BEGIN OPENSSH PRIVATE KEY-----\n".utf8) + noise)
        }
    }

    @Test("SHA-1 and HMAC give the values of RFC 3174 and RFC 2202")
    func hashes() {
        let hex = { (bytes: [UInt8]) in
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        #expect(hex(SHA1.hash(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(hex(SHA1.hash([])) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
        let long = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000)
        #expect(hex(SHA1.hash(long)) == "291e9a6c66994949b57ba5e650361e98fc36b1ba")
        let mac = SHA1.authenticate(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(hex(mac) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
    }

    @Test("Base64 is its own inverse")
    func base64() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8($0 * 37 & 255) }
            #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes)
            #expect(Base64.decode(Base64.encode(bytes, isPadded: false).utf8) == bytes)
        }
    }
}
