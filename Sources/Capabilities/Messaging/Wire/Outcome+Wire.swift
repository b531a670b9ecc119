import JSON
package import Model

/// An outcome as JSON; a result that is too large loses the end of its longest text and says so.
extension Outcome: WireMessage {
    package func wireBytes() throws(WireError) -> [UInt8] {
        var bytes = written()
        guard bytes.count > WireFormat.sizeLimit else { return bytes }
        guard case .check(var result) = self else {
            throw WireError("an outcome has \(bytes.count) bytes, more than \(WireFormat.sizeLimit)")
        }
        while bytes.count > WireFormat.sizeLimit, result.output.halveLongestText() {
            bytes = Outcome.check(result).written()
        }
        guard bytes.count <= WireFormat.sizeLimit else {
            throw WireError("a result has \(bytes.count) bytes without its output")
        }
        return bytes
    }

    package init(wireBytes: [UInt8]) throws(WireError) {
        let reader = try WireReader.message(wireBytes)
        switch try reader.text("kind") {
        case "check": self = .check(try Self.result(reader))
        case "discovery": self = .discovery(try Self.discovery(reader))
        case "report": self = .report(try Self.report(reader))
        default: throw WireError("its field kind is none that an outcome has")
        }
    }

    private func written() -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.field("v", WireFormat.version)
        switch self {
        case .check(let result): Self.write(result, &writer)
        case .discovery(let result): Self.write(result, &writer)
        case .report(let report): Self.write(report, &writer)
        }
        writer.endObject()
        return writer.bytes
    }

    private static func write(_ result: CheckResult, _ writer: inout JSONWriter) {
        writer.field("kind", "check")
        writer.field("host", Int(result.check.host.value))
        writer.field("plugin", Int(result.check.plugin.value))
        writer.field("due", Int(result.due.microseconds))
        writer.field("started", Int(result.started.microseconds))
        writer.field("ended", Int(result.ended.microseconds))
        writer.field("state", result.state.name)
        writer.field("cause", result.cause.rawValue)
        writer.field("exit_code", result.exitCode)
        writer.field("output", result.output.text)
        writer.field("long_output", result.output.longText)
        writer.field("performance_data", result.output.performanceText)
        writer.field("stderr", result.output.errorText)
        writer.field("truncated", result.output.isTruncated)
        writer.field("sanitised", result.output.isSanitised)
        writer.field("dropped_bytes", result.output.droppedBytes)
        writer.field("worker", result.worker)
        writer.field("history", result.keepsHistory)
        writer.field(result.assignment)
    }

    private static func result(_ reader: WireReader) throws(WireError) -> CheckResult {
        guard let state = CheckState(name: try reader.text("state")), state != .pending else {
            throw WireError("its field state is none that a result has")
        }
        guard let cause = Cause(rawValue: try reader.text("cause")) else {
            throw WireError("its field cause is none that we know")
        }
        let output = PluginOutput(
            text: try reader.text("output"), longText: try reader.text("long_output"),
            performanceText: try reader.text("performance_data"), errorText: try reader.text("stderr"),
            isTruncated: try reader.flag("truncated"), isSanitised: try reader.flag("sanitised"),
            droppedBytes: try reader.count("dropped_bytes"))
        return CheckResult(
            check: CheckID(
                host: HostID(try reader.whole("host")), plugin: PluginID(try reader.whole("plugin"))),
            due: try reader.time("due"), started: try reader.time("started"), ended: try reader.time("ended"),
            state: state, cause: cause, exitCode: try reader.optionalSmall("exit_code"), output: output,
            worker: try reader.text("worker"), keepsHistory: try reader.flag("history"),
            assignment: try reader.assignment())
    }

    private static func write(_ result: DiscoveryResult, _ writer: inout JSONWriter) {
        writer.field("kind", "discovery")
        writer.field("id", Int(result.id))
        writer.field("scanned", result.scanned)
        writer.field("total", result.total)
        writer.field("finished", result.isFinished)
        writer.field("failure", result.failure)
        writer.field(result.assignment)
        writer.field("responders")
        writer.beginArray()
        for responder in result.responders {
            writer.beginObject()
            writer.field("address", responder.address)
            writer.field("name", responder.name)
            writer.endObject()
        }
        writer.endArray()
    }

    private static func discovery(_ reader: WireReader) throws(WireError) -> DiscoveryResult {
        var responders: [DiscoveryResult.Responder] = []
        for responder in try reader.objects("responders") {
            responders.append(
                DiscoveryResult.Responder(
                    address: try responder.text("address"), name: try responder.optionalText("name")))
        }
        return DiscoveryResult(
            id: try reader.whole("id"), scanned: try reader.count("scanned"),
            total: try reader.count("total"),
            responders: responders, isFinished: try reader.flag("finished"),
            failure: try reader.optionalText("failure"), assignment: try reader.assignment())
    }

    private static func write(_ report: WorkerReport, _ writer: inout JSONWriter) {
        writer.field("kind", "report")
        writer.field("name", report.name)
        writer.field("sent", Int(report.sentAt.microseconds))
        writer.field("version", report.version)
        writer.field("address", report.address)
        writer.field("heartbeat", report.heartbeat)
        writer.field("worker_count", report.workerCount)
        writer.field("worker_alive", report.workerAlive)
        writer.field("in_flight", report.inFlight)
        writer.field("input_queue_size", report.inputQueueSize)
        // What is not finite is nothing that a person could read: it is written as 0.
        writer.field("throughput", report.throughput.isFinite ? report.throughput : 0)
        writer.field("latency_ms", report.latencyMilliseconds.isFinite ? report.latencyMilliseconds : 0)
        writer.field("execution_ms", report.executionMilliseconds.isFinite ? report.executionMilliseconds : 0)
        writer.field("ram_used", report.ramUsed)
        writer.field("cpu", report.cpu.isFinite ? report.cpu : 0)
        writer.field("condition", report.condition.rawValue)
    }

    private static func condition(_ reader: WireReader) throws(WireError) -> WorkerReport.Condition {
        guard let text = try reader.newText("condition") else { return .working }
        guard let condition = WorkerReport.Condition(rawValue: text) else {
            throw WireError("its field condition is none that we know")
        }
        return condition
    }

    private static func report(_ reader: WireReader) throws(WireError) -> WorkerReport {
        WorkerReport(
            name: try reader.text("name"), sentAt: try reader.time("sent"),
            version: try reader.text("version"), address: try reader.text("address"),
            heartbeat: try reader.count("heartbeat"), workerCount: try reader.count("worker_count"),
            workerAlive: try reader.count("worker_alive"), inFlight: try reader.count("in_flight"),
            inputQueueSize: try reader.count("input_queue_size"), throughput: try reader.number("throughput"),
            latencyMilliseconds: try reader.number("latency_ms"),
            executionMilliseconds: try reader.number("execution_ms"), ramUsed: try reader.count("ram_used"),
            cpu: try reader.number("cpu"), condition: try condition(reader))
    }
}

extension PluginOutput {
    /// Drops the second half of the longest text, between two characters; false when there is none left to cut.
    mutating func halveLongestText() -> Bool {
        let texts: [WritableKeyPath<PluginOutput, String>] = [
            \.longText, \.performanceText, \.errorText, \.text,
        ]
        guard let longest = texts.max(by: { self[keyPath: $0].utf8.count < self[keyPath: $1].utf8.count })
        else { return false }
        let before = self[keyPath: longest].utf8.count
        guard before > 0 else { return false }
        let utf8 = self[keyPath: longest].utf8
        let middle = utf8.index(utf8.startIndex, offsetBy: before / 2)
        // Scalars are cut before the one that the index lies in.
        var kept = String(self[keyPath: longest].unicodeScalars[..<middle])
        if longest == \.performanceText {
            // A half item would be read as a wrong number.
            kept = kept.lastIndex(of: " ").map { String(kept[..<$0]) } ?? ""
        }
        self[keyPath: longest] = kept
        isTruncated = true
        droppedBytes += before - kept.utf8.count
        return true
    }
}
