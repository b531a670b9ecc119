package import Model

/// A part of a list.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    /// How many there are in all.
    package var total: Int

    package init(items: [Item], total: Int) {
        self.items = items
        self.total = total
    }
}

/// Which part of a list, in which order.
package struct PageRequest: Sendable, Equatable {
    /// From 1.
    package var page: Int
    package var perPage: Int
    /// Field to sort by; nil for the list's own order. A name that the list does not know is ignored: API refuses it.
    package var sort: String?
    package var isDescending: Bool

    package init(page: Int = 1, perPage: Int = 50, sort: String? = nil, isDescending: Bool = false) {
        self.page = page
        self.perPage = perPage
        self.sort = sort
        self.isDescending = isDescending
    }

    /// How many items come before this part; a page beyond every number is simply past the end.
    package var skipped: Int {
        let (count, isTooLarge) = (max(1, page) - 1).multipliedReportingOverflow(by: max(0, perPage))
        return isTooLarge ? .max : count
    }
}

/// A list of configured objects; filters that are nil let all pass, others that a kind does not know let none be lost.
package struct ObjectQuery: Sendable, Equatable {
    package var page: PageRequest
    /// Part of the name (hosts: or of the address), letter case ignored.
    package var search: String?
    /// Name of a suite that must hold it.
    package var suite: String?
    /// Name of the subnet that it must belong to (hosts).
    package var subnet: String?
    package var maintenance: Bool?
    /// Label with its value (hosts).
    package var label: LabelFilter?

    package init(
        page: PageRequest = PageRequest(), search: String? = nil, suite: String? = nil, subnet: String? = nil,
        maintenance: Bool? = nil, label: LabelFilter? = nil
    ) {
        self.page = page
        self.search = search
        self.suite = suite
        self.subnet = subnet
        self.maintenance = maintenance
        self.label = label
    }
}

/// A label that a host must have, with exactly this value.
package struct LabelFilter: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// A list of current statuses; without a sort: problems first (critical, unknown, warning, pending, ok), newest first.
package struct StatusQuery: Sendable, Equatable {
    package var page: PageRequest
    package var states: [CheckState]
    /// Exact names; nil lets all pass.
    package var host: String?
    package var plugin: String?
    package var suite: String?
    /// Whether the host is in maintenance.
    package var maintenance: Bool?

    package init(
        page: PageRequest = PageRequest(), states: [CheckState] = [], host: String? = nil,
        plugin: String? = nil, suite: String? = nil, maintenance: Bool? = nil
    ) {
        self.maintenance = maintenance
        self.page = page
        self.states = states
        self.host = host
        self.plugin = plugin
        self.suite = suite
    }
}

/// A piece of history, newest first.
package struct HistoryQuery: Sendable, Equatable {
    package var states: [CheckState]
    package var host: String?
    package var plugin: String?
    package var suite: String?
    /// Due times, both ends included.
    package var from: Timestamp?
    package var to: Timestamp?
    /// Where the last page ended, as that page said.
    package var cursor: String?
    package var limit: Int

    package init(
        states: [CheckState] = [], host: String? = nil, plugin: String? = nil, suite: String? = nil,
        from: Timestamp? = nil, to: Timestamp? = nil, cursor: String? = nil, limit: Int = 100
    ) {
        self.states = states
        self.host = host
        self.plugin = plugin
        self.suite = suite
        self.from = from
        self.to = to
        self.cursor = cursor
        self.limit = limit
    }
}

package struct HistoryPage: Sendable, Equatable {
    package var items: [CheckStatus]
    /// For the next page; nil when this was the last.
    package var cursor: String?

    package init(items: [CheckStatus], cursor: String?) {
        self.items = items
        self.cursor = cursor
    }
}

/// The last result of a check with its names; fields of a result are nil while it is pending.
///
/// A run that the engine itself could not carry out says nothing of the target: the cause is then `internal`, the error
/// text (while pending: the text) says why, and all else stays that of the run before it.
package struct CheckStatus: Sendable, Equatable {
    package var host: String
    package var plugin: String
    package var state: CheckState
    package var exitCode: Int?
    package var cause: Cause?
    package var output: PluginOutput
    package var due: Timestamp?
    package var started: Timestamp?
    package var ended: Timestamp?
    /// Since when it has been in this state.
    package var stateSince: Timestamp?
    package var worker: String?
    /// Seconds, of the plugin; with `due` it tells whether the status is stale.
    package var interval: Int
    package var timeout: Int
    /// Whether its host is in maintenance.
    package var maintenance: Bool

    package init(
        host: String, plugin: String, state: CheckState, exitCode: Int? = nil, cause: Cause? = nil,
        output: PluginOutput = PluginOutput(text: ""), due: Timestamp? = nil, started: Timestamp? = nil,
        ended: Timestamp? = nil, stateSince: Timestamp? = nil, worker: String? = nil, interval: Int,
        timeout: Int,
        maintenance: Bool
    ) {
        self.host = host
        self.plugin = plugin
        self.state = state
        self.exitCode = exitCode
        self.cause = cause
        self.output = output
        self.due = due
        self.started = started
        self.ended = ended
        self.stateSince = stateSince
        self.worker = worker
        self.interval = interval
        self.timeout = timeout
        self.maintenance = maintenance
    }

    /// Whether a newer result should have come by `now`: three intervals and the timeout have passed since it was due.
    package func isStale(at now: Timestamp) -> Bool {
        guard let due, !maintenance else { return false }
        return now > due + .seconds(3 * interval + timeout)
    }
}

/// One sweep of a subnet with what came of it so far.
package struct DiscoveryRound: Sendable, Equatable {
    package enum State: String, Sendable { case running, done, failed }

    package var id: Int64
    package var subnet: Subnet
    package var state: State
    package var started: Timestamp
    package var ended: Timestamp?
    /// Addresses asked so far, and how many there are.
    package var scanned: Int
    package var total: Int
    package var alive: Int
    /// Names of the hosts added.
    package var added: [String]
    /// Responders that were hosts already.
    package var known: Int
    /// Addresses that could not be added, each with the reason.
    package var refused: [String]
    /// Why the round failed.
    package var failure: String?

    package init(
        id: Int64, subnet: Subnet, state: State, started: Timestamp, ended: Timestamp? = nil,
        scanned: Int = 0,
        total: Int = 0, alive: Int = 0, added: [String] = [], known: Int = 0, refused: [String] = [],
        failure: String? = nil
    ) {
        self.id = id
        self.subnet = subnet
        self.state = state
        self.started = started
        self.ended = ended
        self.scanned = scanned
        self.total = total
        self.alive = alive
        self.added = added
        self.known = known
        self.refused = refused
        self.failure = failure
    }
}
