import API
import Model
import Storage

/// The schedule as the store tells it, for a process that does not drive it: when a check runs follows from host and
/// plugin, and its last run from its status.
struct StoredSchedule: Sendable {
    let store: any Store

    /// Empty while the store cannot be read; `/health` says so then.
    func entries(_ page: PageRequest, host: String?, plugin: String?) async -> Page<ScheduleEntry> {
        guard let snapshot = try? await store.schedule() else { return Page(items: [], total: 0) }
        let hosts = Dictionary(uniqueKeysWithValues: snapshot.hosts.map { ($0.id, $0) })
        let plugins = Dictionary(uniqueKeysWithValues: snapshot.plugins.map { ($0.id, $0) })
        let now = Timestamp.now
        let all = snapshot.checks.compactMap { check -> ScheduleEntry? in
            guard let own = hosts[check.host], !own.maintenance, let runs = plugins[check.plugin],
                host == nil || own.name == host, plugin == nil || runs.name == plugin
            else { return nil }
            return ScheduleEntry(
                host: own.name, plugin: runs.name, interval: runs.interval,
                nextRun: Self.nextRun(of: check, interval: runs.interval, after: now))
        }
        let part = ScheduleOrder(page).sorted(all).dropFirst(page.skipped).prefix(page.perPage)
        var items: [ScheduleEntry] = []
        for entry in part { items.append(await withLastRun(entry)) }
        return Page(items: items, total: all.count)
    }

    private func withLastRun(_ entry: ScheduleEntry) async -> ScheduleEntry {
        let query = StatusQuery(host: entry.host, plugin: entry.plugin)
        guard let status = try? await store.statuses(query).items.first else { return entry }
        var entry = entry
        entry.lastRun = status.due
        if let due = status.due, let started = status.started {
            entry.latenessMilliseconds = (started - due).milliseconds
        }
        return entry
    }

    /// The first `phase + n * interval` after `now`.
    static func nextRun(of check: CheckID, interval: Int, after now: Timestamp) -> Timestamp {
        let step = Int64(max(1, interval)) * 1000
        let phase = Phase.milliseconds(of: check, interval: step)
        let passed = now.microseconds / 1000 - phase
        return Timestamp(microseconds: (phase + (passed / step + 1) * step) * 1000)
    }
}
