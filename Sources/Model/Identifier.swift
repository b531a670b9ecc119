/// A number that names one entity for ever, also over restarts and renames.
package struct Identifier<Entity>: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let value: Int64

    package init(_ value: Int64) { self.value = value }

    package var description: String { String(value) }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

package typealias HostID = Identifier<Host>
package typealias PluginID = Identifier<Plugin>
package typealias SuiteID = Identifier<Suite>
package typealias SubnetID = Identifier<Subnet>

/// Names one check: one plugin on one host.
package struct CheckID: Hashable, Comparable, Sendable {
    package let host: HostID
    package let plugin: PluginID

    package init(host: HostID, plugin: PluginID) {
        self.host = host
        self.plugin = plugin
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.host, left.plugin) < (right.host, right.plugin)
    }
}
