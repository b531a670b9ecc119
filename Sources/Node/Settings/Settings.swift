import Log
import Model

/// Everything that a node can be told, with its defaults; `Settings.all` declares each key once.
struct Settings: Sendable, Equatable {
    enum Role: String, Sendable, CaseIterable { case scheduler, worker, recorder, api }
    enum UnknownHosts: String, Sendable, CaseIterable {
        case refuse
        case acceptNew = "accept-new"
    }

    /// How far local plugins are kept from the engine and from each other.
    enum Isolation: String, Sendable, CaseIterable {
        case full
        case processes
        case off
    }

    struct Worker: Sendable, Equatable {
        var name = ""
        var concurrency = 256
        var isolation = Isolation.full
        var sharedFiles: [String] = []
        var heartbeat = 20
        var zones = ["main"]
        var referenceTargets: [String] = []
    }

    struct Remote: Sendable, Equatable {
        var identityFiles = ["~/.ssh/id_ed25519"]
        var knownHosts = "~/.ssh/known_hosts"
        var unknownHosts = UnknownHosts.refuse
        var remotePluginPath = "/usr/lib/nagios/plugins"
        var connectTimeout = 4
        var authTimeout = 10
    }

    var stateDirectory = "/var/lib/ppalette"
    var listen = "127.0.0.1:8420"
    var roles = Role.allCases
    var database = "sqlite"
    var databasePasswordFile = ""
    /// From the environment.
    var databasePassword = ""
    var queue = "local"
    var queuePasswordFile = ""
    /// From the environment.
    var queuePassword = ""
    var queueAuthorities = ""
    var pluginPaths = ["/usr/lib/nagios/plugins", "plugins"]
    var userMacros: [String: String] = [:]
    var initialObjects = ""
    var worker = Worker()
    var statisticsInterval = 60
    var historyRetentionDays = 90
    var spoolMegabytes = 256
    var jobQueueSize = 20_000
    var discoveryRate = 2000
    var ssh = Remote()
    var logLevel = Log.Level.info
    var logFormat = Log.Format.text
}
