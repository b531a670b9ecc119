import API
import Storage

/// The order of a list of the timetable.
struct ScheduleOrder {
    private let precedes: (ScheduleEntry, ScheduleEntry) -> Bool

    /// By next run unless the page says otherwise; values that are not there yet come first, as in every list.
    init(_ page: PageRequest) {
        let isDescending = page.isDescending
        func by<Value: Comparable>(
            _ value: @escaping (ScheduleEntry) -> Value
        ) -> (ScheduleEntry, ScheduleEntry) -> Bool {
            { isDescending ? value($0) > value($1) : value($0) < value($1) }
        }
        switch page.sort {
        case "host": precedes = by(\.host)
        case "plugin": precedes = by(\.plugin)
        case "interval": precedes = by(\.interval)
        case "last_run": precedes = by { $0.lastRun?.microseconds ?? .min }
        case "lateness_ms": precedes = by { $0.latenessMilliseconds ?? -1 }
        case "skipped": precedes = by(\.skipped)
        default: precedes = by(\.nextRun)
        }
    }

    /// Equal ones by host, then by plugin, so that pages fit together.
    func sorted(_ entries: [ScheduleEntry]) -> [ScheduleEntry] {
        entries.sorted { first, second in
            if precedes(first, second) { return true }
            if precedes(second, first) { return false }
            return (first.host, first.plugin) < (second.host, second.plugin)
        }
    }
}
