/// A machine that is watched.
package struct Host: Hashable, Sendable {
    /// Zero until a store has given one.
    package var id: HostID
    /// Unique; the reverse name of the address, or the address, when nobody gave one.
    package var name: String
    /// Unique; an IPv4 or IPv6 address as text.
    package var address: String
    /// The account for checks over SSH.
    package var login: String
    /// The port for checks over SSH.
    package var port: Int
    /// Whether checks are off.
    package var maintenance: Bool
    /// Whether results are kept in the history.
    package var history: Bool
    /// Names of the suites that hold this host directly, in order.
    package var suites: [String]
    /// Name of the subnet it belongs to.
    package var subnet: String?
    /// The site whose workers check it; empty: that of its subnet.
    package var zone: String
    package var labels: [String: String]
    /// Values for the macros `$_HOST<NAME>$`, by upper-case name.
    package var variables: [String: String]

    package init(
        id: HostID = HostID(0), name: String, address: String, login: String = Host.defaultLogin,
        port: Int = 22,
        maintenance: Bool = false, history: Bool = true, suites: [String] = [], subnet: String? = nil,
        zone: String = "", labels: [String: String] = [:], variables: [String: String] = [:]
    ) {
        self.id = id
        self.name = name
        self.address = address
        self.login = login
        self.port = port
        self.maintenance = maintenance
        self.history = history
        self.suites = suites
        self.subnet = subnet
        self.zone = zone
        self.labels = labels
        self.variables = variables
    }

    package static let defaultLogin = "ppalette"
}
