/// How to reach hosts over SSH; paths are whole, `~` has been filled in.
package struct SSHOptions: Sendable, Equatable {
    /// What to do with a server whose key nobody has vouched for.
    package enum UnknownHosts: String, Sendable, CaseIterable {
        case refuse
        /// Trust it from the first connection on: its key is added to the file.
        case acceptNew = "accept-new"
    }

    /// Private keys without passphrase, tried in order.
    package var identityFiles: [String]
    /// The socket of an agent, asked after the files; nil for none.
    package var agentSocket: String?
    package var knownHosts: String
    package var unknownHosts: UnknownHosts
    /// The folder of plugins on the hosts.
    package var remotePluginPath: String
    /// From the first packet to agreed keys.
    package var connectTimeout: Duration
    package var authTimeout: Duration

    package init(
        identityFiles: [String], agentSocket: String? = nil, knownHosts: String,
        unknownHosts: UnknownHosts = .refuse, remotePluginPath: String = "/usr/lib/nagios/plugins",
        connectTimeout: Duration = .seconds(4), authTimeout: Duration = .seconds(10)
    ) {
        self.identityFiles = identityFiles
        self.agentSocket = agentSocket
        self.knownHosts = knownHosts
        self.unknownHosts = unknownHosts
        self.remotePluginPath = remotePluginPath
        self.connectTimeout = connectTimeout
        self.authTimeout = authTimeout
    }

    /// Names the keys, for ``SSHEndpoint``.
    var identity: String { (identityFiles + [agentSocket ?? ""]).joined(separator: "\n") }
}
