import JSON
import Model
import Storage

extension JSONWriter {
    /// Writes the last result of a check as an object.
    mutating func status(_ status: CheckStatus, now: Timestamp) {
        beginObject()
        statusMembers(status, now: now)
        endObject()
    }

    /// Writes the members of a status, in the declared order.
    mutating func statusMembers(_ status: CheckStatus, now: Timestamp) {
        member("host", .string(status.host))
        member("plugin", .string(status.plugin))
        member("state", .string(status.state.name))
        member("exit_code", JSONValue(status.exitCode))
        member("cause", JSONValue(status.cause?.rawValue))
        member("output", .string(status.output.text))
        member("long_output", .string(status.output.longText))
        member("stderr", .string(status.output.errorText))
        name("performance_data")
        performanceData(status.output.performanceText)
        member("scheduled_at", status.due?.json ?? .null)
        member("started_at", status.started?.json ?? .null)
        member("duration_ms", milliseconds(from: status.started, to: status.ended))
        member("latency_ms", milliseconds(from: status.due, to: status.started))
        member("state_since", status.stateSince?.json ?? .null)
        member("worker", JSONValue(status.worker))
        member("stale", .bool(status.isStale(at: now)))
        member("truncated", .bool(status.output.isTruncated))
    }

    private mutating func performanceData(_ text: String) {
        beginArray()
        if !text.isEmpty {
            for item in PerformanceData(parsing: text).items {
                beginObject()
                member("label", .string(item.label))
                member("value", JSONValue(item.value))
                member("unit", .string(item.unit))
                member("warning", JSONValue(item.warning))
                member("critical", JSONValue(item.critical))
                member("minimum", JSONValue(item.minimum))
                member("maximum", JSONValue(item.maximum))
                endObject()
            }
        }
        endArray()
    }

    private func milliseconds(from earlier: Timestamp?, to later: Timestamp?) -> JSONValue {
        guard let earlier, let later else { return .null }
        return .number(Double(later.microseconds - earlier.microseconds) / 1000)
    }
}
