import Posix

/// A private key file, looked at before it is used: its type and whether a passphrase guards it.
package struct SSHIdentity: Equatable, Sendable {
    /// What kind of key it is, as far as the file says.
    package enum Algorithm: Equatable, Sendable {
        case ed25519
        case ecdsa
        case rsa
        case other(String)
    }

    package let algorithm: Algorithm
    package let isEncrypted: Bool

    /// Reads the head of a private key file in OpenSSH or PEM format; nil when it is neither.
    package init?(parsing bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let head = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN ") }) else { return nil }
        let body = lines[(head + 1)...].prefix { !$0.hasPrefix("-----END ") }
        let text = body.filter { !$0.contains(":") }.joined()
        guard let data = Base64.decode(text.utf8) else { return nil }
        let isGuarded = body.contains { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") }
        switch lines[head].dropFirst(11).prefix(while: { $0 != "-" }) {
        case "OPENSSH PRIVATE KEY": self.init(openSSH: data)
        case "RSA PRIVATE KEY": self.init(.rsa, isGuarded)
        case "EC PRIVATE KEY": self.init(.ecdsa, isGuarded)
        case "DSA PRIVATE KEY": self.init(.other("DSA"), isGuarded)
        case "ENCRYPTED PRIVATE KEY": self.init(.other("PKCS #8"), true)
        case "PRIVATE KEY": self.init(Self.algorithm(ofPKCS8: data), false)
        default: return nil
        }
    }

    /// What speaks against logging in with the key file at `path`; nil when nothing does.
    package static func objection(to path: String, usingRSA: Bool = SSHLibrary.supportsRSA) -> String? {
        let bytes: [UInt8]
        do { bytes = try SmallFile.read(path, atMost: 1 << 20) } catch { return error.description }
        guard let identity = SSHIdentity(parsing: bytes) else {
            return "\(path) is no private key in OpenSSH or PEM format"
        }
        if identity.isEncrypted {
            return
                "\(path) is guarded by a passphrase; add it to an agent (ssh-add), or use a key without one"
        }
        if identity.algorithm == .rsa, !usingRSA { return "\(path) is an RSA key: \(SSHLibrary.rsaAdvice)" }
        return nil
    }

    private init(_ algorithm: Algorithm, _ isEncrypted: Bool) {
        self.algorithm = algorithm
        self.isEncrypted = isEncrypted
    }

    /// The format is in OpenSSH's PROTOCOL.key: magic, cipher, derivation, options, count, public key.
    private init?(openSSH data: [UInt8]) {
        let magic = Array("openssh-key-v1\0".utf8)
        guard data.starts(with: magic) else { return nil }
        var reader = WireReader(data.dropFirst(magic.count))
        guard let cipher = reader.string(), reader.string() != nil, reader.string() != nil,
            reader.number() != nil, let key = reader.string(), let type = WireReader.keyType(of: key)
        else { return nil }
        self.init(Self.algorithm(ofType: type), !cipher.elementsEqual("none".utf8))
    }

    private static func algorithm(ofType type: String) -> Algorithm {
        switch type {
        case "ssh-ed25519": .ed25519
        case "ssh-rsa": .rsa
        case _ where type.hasPrefix("ecdsa-sha2-"): .ecdsa
        default: .other(type)
        }
    }

    /// PKCS #8 names the algorithm by an object identifier near its start.
    private static func algorithm(ofPKCS8 data: [UInt8]) -> Algorithm {
        let head = Array(data.prefix(40))
        let known: [(identifier: [UInt8], algorithm: Algorithm)] = [
            ([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01], .rsa),
            ([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], .ecdsa), ([0x2b, 0x65, 0x70], .ed25519),
        ]
        return known.first { contains(head, $0.identifier) }?.algorithm ?? .other("PKCS #8")
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { bytes[$0..<$0 + part.count].elementsEqual(part) }
    }
}
