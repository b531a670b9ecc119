/// Where remote commands run and as whom; checks with the same endpoint share connections.
package struct SSHEndpoint: Hashable, Sendable, CustomStringConvertible {
    package let address: String
    package let port: Int
    package let login: String
    /// Names the keys to log in with.
    package let identity: String

    package init(address: String, port: Int, login: String, identity: String) {
        self.address = address
        self.port = port
        self.login = login
        self.identity = identity
    }

    package var description: String { "\(address) port \(port)" }

    /// The server alone, whoever logs in.
    var server: Server { Server(address: address, port: port) }

    /// One SSH server.
    struct Server: Hashable, Sendable {
        let address: String
        let port: Int
    }
}
