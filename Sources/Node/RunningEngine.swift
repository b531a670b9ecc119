import API
import ICMP
import Model
import Posix
import Scheduling
import Statistics
import Storage

/// What the API sees of the engine in this process.
struct RunningEngine: Engine {
    let scheduler: Scheduler
    let worker: Worker
    let recorder: Recorder
    let board: RunBoard
    let store: any Store
    let queues: JobQueues
    let sockets: ICMPSockets
    let startedAt: Timestamp

    func run(host: Host, plugin: Plugin, wait: Duration) async -> CheckRun? {
        guard let job = await scheduler.runNow(host: host.id, plugin: plugin.id) else { return nil }
        // On the board first: its result may be there at once.
        let run = await board.add(job)
        guard await scheduler.queue(job) else {
            await board.remove(run.id)
            return nil
        }
        return await board.wait(for: run.id, atMost: wait) ?? run
    }

    func run(_ id: String) async -> CheckRun? { await board.run(id) }

    func discover(subnetNamed name: String) async throws(StoreError) -> DiscoveryRound {
        let round = try await store.beginDiscovery(ofSubnetNamed: name, at: .now)
        guard await scheduler.sweep(round) else {
            let failure = "too many sweeps are waiting; try again later"
            let result = DiscoveryResult(
                id: round.id, scanned: 0, total: 0, responders: [], isFinished: true, failure: failure)
            return try await store.record(result, at: .now)
        }
        return round
    }

    func schedule(_ page: PageRequest, host: String?, plugin: String?) async -> Page<ScheduleEntry> {
        if page.sort == nil || page.sort == "next_run" && !page.isDescending, host == nil, plugin == nil {
            let part = await scheduler.firstEntries(skipping: page.skipped, atMost: page.perPage)
            return Page(items: part.items.map(\.view), total: part.total)
        }
        // Sorted here and not on the core loop, where checks run.
        let all = await scheduler.entries(host: host, plugin: plugin).map(\.view)
        let items = ScheduleOrder(page).sorted(all).dropFirst(page.skipped).prefix(page.perPage)
        return Page(items: Array(items), total: all.count)
    }

    func health() async -> Health {
        let tally = await recorder.tally
        let spooled = await recorder.spoolCounters
        var parts: [Health.Part] = []
        let waiting = queues.count
        let isBehind = waiting > queues.local.capacity / 2
        parts.append(
            Health.Part(
                name: "scheduler", level: isBehind ? .warning : .ok,
                detail: isBehind ? "\(waiting) jobs wait for a worker" : ""))
        parts.append(await worker.health())
        let storeLevel: Health.Level = tally.trouble == nil ? .ok : .error
        parts.append(Health.Part(name: "database", level: storeLevel, detail: tally.trouble ?? ""))
        parts.append(
            Health.Part(
                name: "recorder", level: spooled.isEmpty ? .ok : .warning,
                detail: spooled.isEmpty
                    ? ""
                    : "results wait in the spool: \(spooled.bytes / 1024) KiB on disk, \(spooled.inMemory) in memory"
            ))
        parts.append(icmpHealth)
        return Health(version: Version.text, startedAt: startedAt, parts: parts)
    }

    /// Without IPv6 most networks do; without IPv4 something is wrong.
    private var icmpHealth: Health.Part {
        guard case .failure(let error) = sockets.socket(.ipv4) else {
            return Health.Part(name: "icmp", level: .ok)
        }
        return Health.Part(name: "icmp", level: .warning, detail: "\(error)")
    }

    func metrics() async -> [MetricFamily] {
        await EngineMetrics().families(
            scheduler: scheduler, worker: worker, recorder: recorder, queues: queues)
    }
}

extension Timetable.NamedEntry {
    fileprivate var view: ScheduleEntry {
        ScheduleEntry(
            host: host, plugin: plugin, interval: Int(entry.interval.components.seconds), nextRun: nextRun,
            lastRun: lastRun, latenessMilliseconds: entry.lateness?.milliseconds, skipped: entry.skipped)
    }
}
