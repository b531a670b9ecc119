/// What `known_hosts` says of one host.
package struct KnownKeys: Sendable, Equatable {
    /// One key that somebody has vouched for.
    package struct Key: Sendable, Equatable {
        package let type: String
        package let blob: [UInt8]
    }

    /// How the key that a server shows stands to the known ones.
    package enum Verdict: Sendable, Equatable {
        case known
        /// No key of this host is known.
        case unknown
        /// Keys of this host are known, and none is this one.
        case mismatch
        /// Only RSA keys are known, which the library cannot ask the server for.
        case onlyUnusableKnown
        /// Somebody has said that this key must not be trusted.
        case revoked
    }

    package let trusted: [Key]
    package let revoked: [[UInt8]]

    /// Judges the key that a server shows.
    package func verdict(on key: HostKey, usingRSA: Bool = SSHLibrary.supportsRSA) -> Verdict {
        if revoked.contains(key.blob) { return .revoked }
        if trusted.contains(where: { $0.blob == key.blob }) { return .known }
        if trusted.isEmpty { return .unknown }
        let isUsable = trusted.contains { Self.isOffered($0.type, usingRSA: usingRSA) }
        return isUsable ? .mismatch : .onlyUnusableKnown
    }

    /// The types to ask the server for, in the form of the key exchange: known ones first, so that a server
    /// with several keys shows one that can be compared.
    package func preference(usingRSA: Bool = SSHLibrary.supportsRSA) -> String {
        let known = trusted.map(\.type)
        let all = Self.types + (usingRSA ? Self.rsaTypes : [])
        let isKnown = { (type: String) in
            known.contains(type) || Self.rsaTypes.contains(type) && known.contains("ssh-rsa")
        }
        return (all.filter(isKnown) + all.filter { !isKnown($0) }).joined(separator: ",")
    }

    private static let types = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    ]
    private static let rsaTypes = ["rsa-sha2-512", "rsa-sha2-256"]

    private static func isOffered(_ type: String, usingRSA: Bool) -> Bool {
        types.contains(type) || usingRSA && type == "ssh-rsa"
    }
}
