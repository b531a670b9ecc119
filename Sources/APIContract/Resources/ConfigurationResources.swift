import JSON
import Model

extension Resource {
    package static let host = Resource(
        name: "Host", noun: "host", plural: "hosts", summary: "A machine that is watched",
        fields: [
            Field("name", .string, "unique name; left out: the reverse name of the address, else the address")
                .sortable.long(1...100),
            Field("address", .string, "unique address").required.sortable
                .accepting("an IPv4 or IPv6 address"),
            Field("login", .string, "account for checks over SSH").sortable.with(
                default: .string(Host.defaultLogin)),
            Field("port", .integer, "port for checks over SSH").within(1...65535).with(default: 22).sortable,
            Field("maintenance", .boolean, "whether checks are off").with(default: false).sortable,
            Field("history", .boolean, "whether results are kept in the history").with(default: true)
                .sortable,
            Field("suites", .strings, "suites that hold this host directly").with(default: .array([]))
                .accepting("a list of names of suites"),
            Field("subnet", .string, "subnet that it belongs to").nullable.with(default: .null).sortable
                .accepting("the name of a subnet"),
            Field("labels", .map, "labels, for filters and for the macros $_HOST<NAME>$")
                .with(default: .object([])),
            Field("variables", .map, "values for the macros $_HOST<NAME>$, by upper-case name")
                .with(default: .object([])),
            zone("site whose workers check it; empty: that of its subnet"),
        ])

    package static let plugin = Resource(
        name: "Plugin", noun: "plugin", plural: "plugins",
        summary: "A check command with its interval, run on every host that a suite brings it to",
        fields: [
            Field("name", .string, "unique name").required.sortable.long(1...100),
            Field("runner", .string, "inside the engine, as a program here, or on the host over SSH")
                .among(Plugin.Runner.allCases.map(\.rawValue)).sortable
                .with(default: .string(Plugin.Runner.local.rawValue)),
            Field("script", .string, "file name in the plugin folders, or the built-in check").required
                .sortable.long(1...100),
            Field("arguments", .string, "split by shell quoting rules; macros are replaced after")
                .with(default: ""),
            Field("interval", .integer, "time between two runs").within(Plugin.intervals).sortable
                .measured(in: "seconds").with(default: .integer(Int64(Plugin.defaultInterval))),
            Field("timeout", .integer, "time until a run is ended").within(Plugin.timeouts).sortable
                .measured(in: "seconds").with(default: .integer(Int64(Plugin.defaultTimeout))),
            Field("description", .string, "free text").with(default: "").sortable,
            Field("suites", .strings, "suites that hold this plugin").with(default: .array([]))
                .accepting("a list of names of suites"),
            Field("allow_silent", .boolean, "whether exit 0 without output is OK and not UNKNOWN")
                .with(default: false),
            Field("allow_background", .boolean, "whether processes left behind may live on")
                .with(default: false),
            Field("warm", .boolean, "whether its Python or Perl is kept loaded between runs")
                .with(default: false),
            Field("zones", .strings, "zones whose workers all run it; empty: the host's own alone")
                .with(default: .array([])).accepting("a list of names of zones"),
            Field("quorum", .integer, "how many of its zones must find something wrong for it to count")
                .within(1...Plugin.mostZones).with(default: 1),
        ])

    package static let suite = Resource(
        name: "Suite", noun: "suite", plural: "suites",
        summary: "A bundle: its plugins run on its hosts and on the hosts of its subnets",
        fields: [
            Field("name", .string, "unique name").required.sortable.long(1...100),
            Field("description", .string, "free text").with(default: "").sortable,
            Field("plugins", .strings, "its plugins").with(default: .array([]))
                .accepting("a list of names of plugins"),
            Field("hosts", .strings, "hosts that it holds directly").with(default: .array([]))
                .accepting("a list of names of hosts"),
            Field("subnets", .strings, "subnets that have this suite").with(default: .array([]))
                .accepting("a list of names of subnets"),
        ])

    package static let subnet = Resource(
        name: "Subnet", noun: "subnet", plural: "subnets", summary: "A network in which hosts are looked for",
        fields: [
            Field("name", .string, "unique name").required.sortable.long(1...100),
            Field("network", .string, "the network").required.sortable
                .accepting("a network in CIDR notation, as 192.0.2.0/24"),
            Field("suite", .string, "suite whose plugins run on its hosts").nullable.sortable.with(
                default: .null
            )
            .accepting("the name of a suite"),
            Field("auto_discovery", .boolean, "whether it is swept at every interval").with(default: false)
                .sortable,
            Field("interval", .integer, "time between two sweeps").within(Subnet.intervals).sortable
                .measured(in: "seconds").with(default: .integer(Int64(Subnet.defaultInterval))),
            Field("discovered_maintenance", .boolean, "whether hosts that a sweep adds start in maintenance")
                .with(default: true).sortable,
            zone("site whose workers sweep it and check its hosts; empty: the main one"),
        ])

    private static func zone(_ help: String) -> Field {
        Field("zone", .string, help).with(default: "").sortable.long(0...63)
    }
}
