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
        field("host", status.host)
        field("plugin", status.plugin)
        field("state", status.state.name)
        field("exit_code", status.exitCode)
        field("cause", status.cause?.rawValue)
        field("output", status.output.text)
        field("long_output", status.output.longText)
        field("stderr", status.output.errorText)
        field("performance_data")
        performanceData(status.output.performanceText)
        field("scheduled_at", status.due?.rfc3339)
        field("started_at", status.started?.rfc3339)
        field("duration_ms", milliseconds(from: status.started, to: status.ended))
        field("latency_ms", milliseconds(from: status.due, to: status.started))
        field("state_since", status.stateSince?.rfc3339)
        field("worker", status.worker)
        field("stale", status.isStale(at: now))
        field("truncated", status.output.isTruncated)
    }

    private mutating func performanceData(_ text: String) {
        beginArray()
        if !text.isEmpty {
            for item in PerformanceData(parsing: text).items {
                beginObject()
                field("label", item.label)
                field("value", item.value)
                field("unit", item.unit)
                field("warning", item.warning)
                field("critical", item.critical)
                field("minimum", item.minimum)
                field("maximum", item.maximum)
                endObject()
            }
        }
        endArray()
    }

    private func milliseconds(from earlier: Timestamp?, to later: Timestamp?) -> Double? {
        guard let earlier, let later else { return nil }
        return Double(later.microseconds - earlier.microseconds) / 1000
    }
}
