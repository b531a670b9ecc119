import JSON
package import Model

/// Runs that are over, on their way from a recorder to the scheduler that leads.
package struct RunEnds: Sendable, Equatable {
    /// So many fit into a message with room to spare.
    package static let most = 1000

    package let ends: [RunEnd]

    package init(_ ends: [RunEnd]) { self.ends = ends }
}

extension RunEnds: WireMessage {
    package func wireBytes() throws(WireError) -> [UInt8] {
        guard ends.count <= Self.most else {
            throw WireError("\(ends.count) runs are more than \(Self.most) for one message")
        }
        var writer = JSONWriter(capacity: 64 + 64 * ends.count)
        writer.beginObject()
        writer.field("v", WireFormat.version)
        writer.field("kind", "ends")
        writer.field("runs")
        writer.beginArray()
        for end in ends {
            writer.beginObject()
            writer.field("host", Int(end.check.host.value))
            writer.field("plugin", Int(end.check.plugin.value))
            writer.field("due", Int(end.due.microseconds))
            writer.field("started", Int(end.started.microseconds))
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    package init(wireBytes: [UInt8]) throws(WireError) {
        let reader = try WireReader.message(wireBytes)
        guard try reader.text("kind") == "ends" else { throw WireError("its field kind is not ends") }
        var ends: [RunEnd] = []
        for run in try reader.objects("runs") {
            let check = CheckID(
                host: HostID(try run.whole("host")), plugin: PluginID(try run.whole("plugin")))
            ends.append(RunEnd(check: check, due: try run.time("due"), started: try run.time("started")))
        }
        self.init(ends)
    }
}
