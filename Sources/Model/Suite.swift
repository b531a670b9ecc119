/// A named bundle: every plugin in it runs on every host in it and on every host of its subnets.
package struct Suite: Hashable, Sendable {
    /// Zero until a store has given one.
    package var id: SuiteID
    /// Unique.
    package var name: String
    package var description: String
    /// Names, in order; the same for the two below.
    package var plugins: [String]
    package var hosts: [String]
    /// Subnets that have this suite.
    package var subnets: [String]

    package init(
        id: SuiteID = SuiteID(0), name: String, description: String = "", plugins: [String] = [],
        hosts: [String] = [],
        subnets: [String] = []
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.plugins = plugins
        self.hosts = hosts
        self.subnets = subnets
    }
}
