import Glibc

/// The public key with which a server proves who it is.
package struct HostKey: Equatable, Sendable {
    /// The type on the wire, as "ssh-ed25519".
    package let type: String
    /// The whole key as it goes over the wire.
    package let blob: [UInt8]
    /// As people compare it: "SHA256:" and Base64 without padding.
    package let fingerprint: String

    package init(type: String, blob: [UInt8], fingerprint: String) {
        self.type = type
        self.blob = blob
        self.fingerprint = fingerprint
    }

    /// The line for `known_hosts` that makes this the key of `address` at `port`.
    package func knownHostsLine(address: String, port: Int) -> String {
        "\(KnownHosts.name(of: address, port: port)) \(type) \(Base64.encode(blob))"
    }
}
