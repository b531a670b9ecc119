/// A check command with its interval: what is run on every host that a suite brings it to.
package struct Plugin: Hashable, Sendable {
    /// How a plugin is carried out.
    package enum Runner: String, Sendable, CaseIterable {
        /// Inside the engine, without a process: script `icmp`.
        case builtin
        /// A program on the worker's own machine.
        case local
        /// A program on the host, over SSH.
        case ssh
    }

    /// Zero until a store has given one.
    package var id: PluginID
    /// Unique.
    package var name: String
    package var runner: Runner
    /// File name looked up in the plugin folders, or the name of a built-in check.
    package var script: String
    /// Arguments as a person writes them: split by shell quoting rules, macros replaced after.
    package var arguments: String
    /// Seconds between two runs, at least 1.
    package var interval: Int
    /// Seconds until a run is ended, at least 1.
    package var timeout: Int
    package var description: String
    /// Names of the suites that hold this plugin, in order.
    package var suites: [String]
    /// Whether exit 0 without any output is OK and not UNKNOWN.
    package var allowSilent: Bool
    /// Whether processes left behind by the plugin may live on.
    package var allowBackground: Bool
    /// Whether its interpreter is kept loaded between runs; for local plugins in Python and Perl.
    package var warm: Bool
    /// Zones whose workers all run it; empty: that of the host alone.
    package var zones: [String]
    /// How many of these zones must find something wrong for it to count.
    package var quorum: Int

    package init(
        id: PluginID = PluginID(0), name: String, runner: Runner = .local, script: String,
        arguments: String = "",
        interval: Int = Plugin.defaultInterval, timeout: Int = Plugin.defaultTimeout,
        description: String = "",
        suites: [String] = [], allowSilent: Bool = false, allowBackground: Bool = false,
        warm: Bool = false, zones: [String] = [], quorum: Int = 1
    ) {
        self.id = id
        self.name = name
        self.runner = runner
        self.script = script
        self.arguments = arguments
        self.interval = interval
        self.timeout = timeout
        self.description = description
        self.suites = suites
        self.allowSilent = allowSilent
        self.allowBackground = allowBackground
        self.warm = warm
        self.zones = zones
        self.quorum = quorum
    }

    package static let defaultInterval = 30
    package static let defaultTimeout = 10
    /// Seconds: one day and a bit more than four weeks are both sensible, a year is a mistake.
    package static let intervals = 1...2_678_400
    /// Seconds.
    package static let timeouts = 1...3600
    package static let mostZones = 16
}
