import API
import Storage

/// The order of the timetable when a person asks for another one than by next run.
struct ScheduleOrder {
    private let precedes: (ScheduleEntry, ScheduleEntry) -> Bool

    /// Nil for the timetable's own order; values that are not there yet come first, as in every list.
    init?(_ page: PageRequest) {
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
        case "next_run" where isDescending: precedes = by(\.nextRun)
        case "last_run": precedes = by { $0.lastRun?.microseconds ?? .min }
        case "lateness_ms": precedes = by { $0.latenessMilliseconds ?? -1 }
        case "skipped": precedes = by(\.skipped)
        default: return nil
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
