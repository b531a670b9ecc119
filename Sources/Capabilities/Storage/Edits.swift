package import Model

// Changes of configured objects: fields that are nil stay as they are, lists given replace.

package struct HostEdit: Sendable, Equatable {
    package var name: String?
    package var address: String?
    package var login: String?
    package var port: Int?
    package var maintenance: Bool?
    package var history: Bool?
    package var suites: [String]?
    /// `.some(nil)` takes the host out of its subnet.
    package var subnet: String??
    package var zone: String?
    package var labels: [String: String]?
    package var variables: [String: String]?

    package init() {}
}

package struct PluginEdit: Sendable, Equatable {
    package var name: String?
    package var runner: Plugin.Runner?
    package var script: String?
    package var arguments: String?
    package var interval: Int?
    package var timeout: Int?
    package var description: String?
    package var suites: [String]?
    package var allowSilent: Bool?
    package var allowBackground: Bool?
    package var warm: Bool?
    package var zones: [String]?
    package var quorum: Int?

    package init() {}
}

package struct SuiteEdit: Sendable, Equatable {
    package var name: String?
    package var description: String?
    package var plugins: [String]?
    package var hosts: [String]?
    package var subnets: [String]?

    package init() {}
}

package struct SubnetEdit: Sendable, Equatable {
    package var name: String?
    package var network: String?
    /// `.some(nil)` takes the suite away.
    package var suite: String??
    package var autoDiscovery: Bool?
    package var interval: Int?
    package var discoveredMaintenance: Bool?
    package var zone: String?

    package init() {}
}
