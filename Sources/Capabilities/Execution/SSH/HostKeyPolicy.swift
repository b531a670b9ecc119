import Model
import SSH

/// Decides whether a server is trusted, and keeps a new key when that is allowed.
struct HostKeyPolicy {
    let endpoint: SSHEndpoint
    let options: SSHOptions

    /// Why the server is not trusted; nil when it is.
    func refusal(of key: HostKey?, _ known: KnownKeys) -> Ending? {
        guard let key else { return .unreachable("\(endpoint) showed no host key") }
        switch known.verdict(on: key) {
        case .known: return nil
        case .unknown: return options.unknownHosts == .acceptNew ? accept(key) : unknown(key)
        case .onlyUnusableKnown: return onlyRSA(key)
        case .mismatch: return mismatch(key, "is not the one in \(options.knownHosts)")
        case .revoked: return mismatch(key, "is marked @revoked in \(options.knownHosts)")
        }
    }

    private var scan: String {
        let port = endpoint.port == 22 ? "" : "-p \(endpoint.port) "
        return "ssh-keyscan \(port)\(endpoint.address) >> \(options.knownHosts)"
    }

    private func accept(_ key: HostKey) -> Ending? {
        do {
            let line = key.knownHostsLine(address: endpoint.address, port: endpoint.port)
            try KnownHosts.append(line, to: options.knownHosts)
            return nil
        } catch {
            return .hostKeyUnknown("cannot keep the new host key of \(endpoint): \(error.description)")
        }
    }

    private func unknown(_ key: HostKey) -> Ending {
        .hostKeyUnknown(
            "the host key of \(endpoint) is unknown: \(key.type) \(key.fingerprint); compare it with the "
                + "server's (ssh-keygen -lf on its host key), then run: \(scan)")
    }

    private func onlyRSA(_ key: HostKey) -> Ending {
        .hostKeyUnknown(
            "\(options.knownHosts) has only an RSA key of \(endpoint), which libssh2 \(SSHLibrary.version) "
                + "cannot check (1.11 can); the server's other key is \(key.type) \(key.fingerprint): "
                + "compare it, then run: \(scan)")
    }

    private func mismatch(_ key: HostKey, _ reason: String) -> Ending {
        let name = endpoint.port == 22 ? endpoint.address : "[\(endpoint.address)]:\(endpoint.port)"
        return .hostKeyMismatch(
            "the host key of \(endpoint) (\(key.type) \(key.fingerprint)) \(reason); nothing was run. If the "
                + "server was set up anew, run: "
                + "ssh-keygen -f \(options.knownHosts) -R '\(name)' and then: \(scan)"
        )
    }
}
