/// What the SSH side has done since it began, and what it holds now.
package struct SSHCounters: Equatable, Sendable {
    /// Connections begun and, of these, failed before the login was done.
    package var connects = 0
    package var failedConnects = 0
    /// Connections logged in now, and commands on them.
    package var sessions = 0
    package var channels = 0
    /// Channels that servers refused to open; they were tried again.
    package var refusals = 0
    /// How often a server was given up for a while.
    package var breakerTrips = 0

    package init() {}
}
