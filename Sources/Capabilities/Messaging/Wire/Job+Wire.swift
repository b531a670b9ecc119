import JSON
package import Model

/// A job as JSON: everything that a worker without a database needs, and never a path.
///
/// Read again it is checked by the rules that hold when objects are saved, so that a broker that somebody else writes to
/// brings no file name with a slash, and no option in the place of an address or a login.
extension Job: WireMessage {
    package func wireBytes() throws(WireError) -> [UInt8] {
        var writer = JSONWriter(capacity: 768)
        writer.beginObject()
        writer.field("v", WireFormat.version)
        switch self {
        case .check(let job): Self.write(job, &writer)
        case .discovery(let job): Self.write(job, &writer)
        }
        writer.endObject()
        guard writer.bytes.count <= WireFormat.sizeLimit else {
            throw WireError(
                "a job has \(writer.bytes.count) bytes, more than \(WireFormat.sizeLimit); its host needs fewer or "
                    + "shorter labels and variables")
        }
        return writer.bytes
    }

    package init(wireBytes: [UInt8]) throws(WireError) {
        let reader = try WireReader.message(wireBytes)
        switch try reader.text("kind") {
        case "check": self = .check(try Self.checkJob(reader))
        case "discovery": self = .discovery(try Self.discoveryJob(reader))
        default: throw WireError("its field kind is none that a job has")
        }
    }

    private static func write(_ job: CheckJob, _ writer: inout JSONWriter) {
        writer.field("kind", "check")
        writer.field("due", Int(job.due.microseconds))
        writer.field("deadline", Int(job.deadline.microseconds))
        writer.field("forced", job.isForced)
        writer.field(job.assignment)
        writer.field("host")
        write(job.host.value, &writer)
        writer.field("plugin")
        write(job.plugin.value, &writer)
    }

    private static func write(_ host: Host, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", Int(host.id.value))
        writer.field("name", host.name)
        writer.field("address", host.address)
        writer.field("login", host.login)
        writer.field("port", host.port)
        writer.field("history", host.history)
        writer.field("labels")
        write(host.labels, &writer)
        writer.field("variables")
        write(host.variables, &writer)
        writer.endObject()
    }

    private static func write(_ map: [String: String], _ writer: inout JSONWriter) {
        writer.beginObject()
        for (name, text) in map {
            writer.name(name)
            writer.value(text)
        }
        writer.endObject()
    }

    private static func write(_ plugin: Plugin, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", Int(plugin.id.value))
        writer.field("name", plugin.name)
        writer.field("runner", plugin.runner.rawValue)
        writer.field("script", plugin.script)
        writer.field("arguments", plugin.arguments)
        writer.field("interval", plugin.interval)
        writer.field("timeout", plugin.timeout)
        writer.field("allow_silent", plugin.allowSilent)
        writer.field("allow_background", plugin.allowBackground)
        writer.field("warm", plugin.warm)
        writer.endObject()
    }

    private static func write(_ job: DiscoveryJob, _ writer: inout JSONWriter) {
        writer.field("kind", "discovery")
        writer.field("id", Int(job.id))
        writer.field("due", Int(job.due.microseconds))
        writer.field(job.assignment)
        writer.field("subnet")
        writer.beginObject()
        writer.field("id", Int(job.subnet.id.value))
        writer.field("name", job.subnet.name)
        writer.field("network", job.subnet.network)
        writer.field("suite", job.subnet.suite)
        writer.field("auto_discovery", job.subnet.autoDiscovery)
        writer.field("interval", job.subnet.interval)
        writer.field("discovered_maintenance", job.subnet.discoveredMaintenance)
        writer.endObject()
    }

    private static func checkJob(_ reader: WireReader) throws(WireError) -> CheckJob {
        let host = try host(try reader.object("host"))
        let plugin = try plugin(try reader.object("plugin"))
        if let error = host.validate().first ?? plugin.validate().first {
            throw WireError("its \(error.field) is none that we accept")
        }
        return CheckJob(
            host: Shared(host), plugin: Shared(plugin), due: try reader.time("due"),
            deadline: try reader.time("deadline"), isForced: try reader.flag("forced"),
            assignment: try reader.assignment())
    }

    private static func host(_ reader: WireReader) throws(WireError) -> Host {
        Host(
            id: HostID(try reader.whole("id")), name: try reader.text("name"),
            address: try reader.text("address"), login: try reader.text("login"),
            port: try reader.count("port"), history: try reader.flag("history"),
            labels: try reader.map("labels"), variables: try reader.map("variables"))
    }

    private static func plugin(_ reader: WireReader) throws(WireError) -> Plugin {
        guard let runner = Plugin.Runner(rawValue: try reader.text("runner")) else {
            throw WireError("its field runner is none that we know")
        }
        return Plugin(
            id: PluginID(try reader.whole("id")), name: try reader.text("name"), runner: runner,
            script: try reader.text("script"), arguments: try reader.text("arguments"),
            interval: try reader.count("interval"), timeout: try reader.count("timeout"),
            allowSilent: try reader.flag("allow_silent"),
            allowBackground: try reader.flag("allow_background"),
            warm: try reader.flag("warm"))
    }

    private static func discoveryJob(_ reader: WireReader) throws(WireError) -> DiscoveryJob {
        let fields = try reader.object("subnet")
        let subnet = Subnet(
            id: SubnetID(try fields.whole("id")), name: try fields.text("name"),
            network: try fields.text("network"), suite: try fields.optionalText("suite"),
            autoDiscovery: try fields.flag("auto_discovery"), interval: try fields.count("interval"),
            discoveredMaintenance: try fields.flag("discovered_maintenance"))
        do throws(IPNetworkError) {
            _ = try IPNetwork(subnet.network)
        } catch {
            throw WireError("its network is none that we accept")
        }
        return DiscoveryJob(
            id: try reader.whole("id"), subnet: subnet, due: try reader.time("due"),
            assignment: try reader.assignment())
    }
}
