import Model
import Posix
import SSH

/// Why a connection could not be made; the one place for the sentences about that.
struct SSHSetupError: Error {
    static let reachAdvice = "check the address, the port and that sshd runs there"

    let ending: Ending

    init(_ ending: Ending) { self.ending = ending }

    /// The keys that `known_hosts` has for a server.
    static func reading(_ path: String, names: [String], port: Int) throws(SSHSetupError) -> KnownKeys {
        do {
            return try KnownHosts(contentsOf: path).keys(of: names, port: port)
        } catch {
            throw SSHSetupError(
                .hostKeyUnknown("\(error.description); set ssh.known_hosts to a file I may read"))
        }
    }

    /// A session whose connection is on its way.
    static func connecting(to endpoint: SSHEndpoint, patience: Duration) throws(SSHSetupError) -> SSHSession {
        do {
            let socket = try SSHSocket.connect(
                to: endpoint.address, port: endpoint.port, patience: max(patience, .seconds(1)) * 3)
            return try SSHSession(owning: socket)
        } catch let error as PosixError {
            throw SSHSetupError(.unreachable("\(error.description); \(reachAdvice)"))
        } catch {
            throw SSHSetupError(.internal("\(error)"))
        }
    }

    /// The handshake failed.
    static func handshake(_ error: SSHError, with endpoint: SSHEndpoint) -> SSHSetupError {
        var sentence = "cannot speak SSH with \(endpoint): \(error.description)"
        if error.kind == .keyExchange {
            sentence += "; the two sides share no algorithm"
            if !SSHLibrary.supportsRSA {
                sentence +=
                    ": a server with only an RSA host key needs an ed25519 one (ssh-keygen -A there), "
                    + "as libssh2 \(SSHLibrary.version) knows RSA only with SHA-1; "
                    + "libssh2 1.11 or newer lifts this"
            }
        }
        return SSHSetupError(.unreachable(sentence))
    }

    /// The login failed.
    static func login(_ error: SSHError, at endpoint: SSHEndpoint) -> SSHSetupError {
        let sentence = "cannot log in to \(endpoint) as \(endpoint.login): \(error.description)"
        guard error.kind == .authentication else { return SSHSetupError(.unreachable(sentence)) }
        return SSHSetupError(
            .authFailed("\(sentence); put the public key into ~\(endpoint.login)/.ssh/authorized_keys there"))
    }

    /// The time for a phase is over.
    static func deadline(
        of phase: SSHConnection.Phase, with endpoint: SSHEndpoint, _ options: SSHOptions
    ) -> SSHSetupError {
        let connect = words(options.connectTimeout)
        switch phase {
        case .connecting:
            return SSHSetupError(.unreachable("no answer from \(endpoint) in \(connect); \(reachAdvice)"))
        case .loggingIn:
            let auth = words(options.authTimeout)
            return SSHSetupError(
                .authFailed("logging in to \(endpoint) as \(endpoint.login) took longer than \(auth)"))
        case .handshaking, .ready, .dead:
            return SSHSetupError(
                .unreachable(
                    "\(endpoint) accepts the connection but does not finish the SSH handshake in \(connect); "
                        + "check that sshd listens there and is not overloaded"))
        }
    }

    private static func words(_ duration: Duration) -> String {
        let milliseconds = duration.nanoseconds / 1_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }
}
