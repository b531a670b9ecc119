/// A network in which hosts are looked for.
package struct Subnet: Hashable, Sendable {
    /// Zero until a store has given one.
    package var id: SubnetID
    /// Unique.
    package var name: String
    /// CIDR notation without host bits, as `192.0.2.0/24`.
    package var network: String
    /// Name of the suite whose plugins run on its hosts.
    package var suite: String?
    /// Whether it is swept every `interval` seconds.
    package var autoDiscovery: Bool
    /// Seconds between two sweeps.
    package var interval: Int
    /// Whether hosts that a sweep adds start in maintenance.
    package var discoveredMaintenance: Bool
    /// The site whose workers sweep it and check its hosts; empty: the main one.
    package var zone: String

    package init(
        id: SubnetID = SubnetID(0), name: String, network: String, suite: String? = nil,
        autoDiscovery: Bool = false,
        interval: Int = Subnet.defaultInterval, discoveredMaintenance: Bool = true, zone: String = ""
    ) {
        self.id = id
        self.name = name
        self.network = network
        self.suite = suite
        self.autoDiscovery = autoDiscovery
        self.interval = interval
        self.discoveredMaintenance = discoveredMaintenance
        self.zone = zone
    }

    package static let defaultInterval = 1800
}
