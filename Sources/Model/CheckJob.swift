/// One run of one check that is due.
package struct CheckJob: Sendable {
    package let host: Shared<Host>
    package let plugin: Shared<Plugin>
    /// When it was due.
    package let due: Timestamp
    /// After this it is not started any more but reported as `too_late`.
    package let deadline: Timestamp
    /// Whether a person asked for it now.
    package let isForced: Bool
    package var assignment: Assignment

    package init(
        host: Shared<Host>, plugin: Shared<Plugin>, due: Timestamp, deadline: Timestamp,
        isForced: Bool = false, assignment: Assignment = Assignment()
    ) {
        self.host = host
        self.plugin = plugin
        self.due = due
        self.deadline = deadline
        self.isForced = isForced
        self.assignment = assignment
    }

    /// How long after its due time a run may begin: until the next one, ten seconds at least.
    package static func patience(interval: Int) -> Duration { .seconds(max(10, interval)) }

    package var check: CheckID { CheckID(host: host.value.id, plugin: plugin.value.id) }
}

/// One sweep of a subnet.
package struct DiscoveryJob: Sendable {
    /// The store's number of this round.
    package let id: Int64
    package let subnet: Subnet
    /// Addresses that are hosts already; they are counted, not added.
    package let due: Timestamp
    package var assignment: Assignment

    package init(id: Int64, subnet: Subnet, due: Timestamp, assignment: Assignment = Assignment()) {
        self.id = id
        self.subnet = subnet
        self.due = due
        self.assignment = assignment
    }
}

/// What the scheduler hands to workers.
package enum Job: Sendable {
    case check(CheckJob)
    case discovery(DiscoveryJob)
}
