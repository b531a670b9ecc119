import API
import ICMP
import Model
import Posix
import Scheduling
import Statistics
import Storage

/// What the API sees of the engine: the roles that run in this process, and the store for what others do.
struct RunningEngine: Engine {
    /// Nil where this process does not have the role.
    let scheduler: Scheduler?
    let worker: Worker?
    let recorder: Recorder?
    let board: RunBoard
    let store: any Store
    let workers: WorkerBoard
    let queues: NodeQueues
    let sockets: ICMPSockets
    let startedAt: Timestamp

    func run(host: Host, plugin: Plugin, wait: Duration) async -> CheckRun? {
        guard let job = await job(host, plugin) else { return nil }
        // On the board first: its result may be there at once.
        let run = await board.add(job)
        let jobs = plugin.zones.isEmpty ? [(zone: await zone(of: host), job: job)] : job.polled
        let accepted = jobs.count { queues.jobs.inZone($0.zone)?[plugin.runner].offer([.check($0.job)]) == 1 }
        guard accepted > 0 else {
            await board.remove(run.id)
            return nil
        }
        guard looksInStore else { return await board.wait(for: run.id, atMost: wait) ?? run }
        return await board.look(for: run.id, in: store, atMost: wait) ?? run
    }

    /// Whether results may be recorded by another process, which tells nobody here.
    private var looksInStore: Bool { recorder == nil || queues.isShared }

    /// The main zone when the host's subnet cannot be read now.
    private func zone(of host: Host) async -> String {
        guard host.zone.isEmpty, let name = host.subnet else {
            return HostZones.effective(host.zone, inherited: "")
        }
        let subnet = try? await store.subnet(named: name)
        return HostZones.effective("", inherited: subnet?.zone ?? "")
    }

    /// A run of the check now, which the scheduler takes note of when it is here.
    private func job(_ host: Host, _ plugin: Plugin) async -> CheckJob? {
        if let scheduler, await scheduler.isDriving {
            return await scheduler.runNow(host: host.id, plugin: plugin.id)
        }
        let now = Timestamp.now
        return CheckJob(
            host: Shared(host), plugin: Shared(plugin), due: now,
            deadline: now + .seconds(plugin.interval), isForced: true)
    }

    func run(_ id: String) async -> CheckRun? {
        guard looksInStore else { return await board.run(id) }
        return await board.look(for: id, in: store, atMost: .zero)
    }

    func discover(subnetNamed name: String) async throws(StoreError) -> DiscoveryRound {
        let round = try await store.beginDiscovery(ofSubnetNamed: name, at: .now)
        let job = DiscoveryJob(id: round.id, subnet: round.subnet, due: round.started)
        let zone = HostZones.effective(round.subnet.zone, inherited: "")
        guard queues.jobs.inZone(zone)?.discovery.offer([.discovery(job)]) == 1 else {
            let failure = "too many sweeps are waiting; try again later"
            let result = DiscoveryResult(
                id: round.id, scanned: 0, total: 0, responders: [], isFinished: true, failure: failure)
            return try await store.record(result, at: .now)
        }
        return round
    }

    func schedule(_ page: PageRequest, host: String?, plugin: String?) async -> Page<ScheduleEntry> {
        guard let scheduler, await scheduler.isDriving else {
            return await StoredSchedule(store: store).entries(page, host: host, plugin: plugin)
        }
        if page.sort == nil || page.sort == "next_run" && !page.isDescending, host == nil, plugin == nil {
            let part = await scheduler.firstEntries(skipping: page.skipped, atMost: page.perPage)
            return Page(items: part.items.map(\.view), total: part.total)
        }
        // Sorted here and not on the core loop, where checks run.
        let all = await scheduler.entries(host: host, plugin: plugin).map(\.view)
        let items = ScheduleOrder(page).sorted(all).dropFirst(page.skipped).prefix(page.perPage)
        return Page(items: Array(items), total: all.count)
    }

    func queues() async -> [QueueState] { queues.states }

    func health() async -> Health {
        var parts: [Health.Part] = []
        if let scheduler { parts.append(await health(of: scheduler)) }
        let empty = queues.zonesWithoutWorker
        if scheduler != nil, !empty.isEmpty {
            parts.append(
                Health.Part(
                    name: "zones", level: .error,
                    detail:
                        "no worker serves \(empty.joined(separator: ", ")); checks there do not run and turn stale"
                ))
        }
        if queues.isShared { parts.append(await workersHealth()) }
        if let worker {
            parts.append(await worker.health())
            parts.append(icmpHealth)
        }
        if let recorder { parts += await health(of: recorder) }
        if queues.isShared {
            let trouble = queues.trouble
            let dead = queues.deadLetters
            let detail =
                trouble ?? (dead > 0 ? "\(dead) messages could not be read; see the queues named .dead" : "")
            let level: Health.Level = trouble != nil ? .error : dead > 0 ? .warning : .ok
            parts.append(Health.Part(name: "queue", level: level, detail: detail))
        }
        return Health(version: Version.text, startedAt: startedAt, parts: parts)
    }

    /// Workers of all processes, as they were last heard of.
    private func workersHealth() async -> Health.Part {
        let now = Timestamp.now
        let bad = await workers.reports.compactMap { worker -> (level: Health.Level, words: String)? in
            let silence = "\((now - worker.sentAt).components.seconds) s"
            switch WorkerState(of: worker, at: now) {
            case .warning: return (.warning, "\(worker.name) was last heard of \(silence) ago")
            case .error: return (.error, "\(worker.name) was last heard of \(silence) ago")
            case .isolated: return (.error, "\(worker.name) reaches none of its reference targets")
            case .alive, .stopped, nil: return nil
            }
        }
        let level: Health.Level = bad.contains { $0.level == .error } ? .error : bad.isEmpty ? .ok : .warning
        return Health.Part(name: "workers", level: level, detail: bad.map(\.words).joined(separator: "; "))
    }

    private func health(of scheduler: Scheduler) async -> Health.Part {
        guard await scheduler.isDriving else {
            return Health.Part(
                name: "scheduler", level: .ok, detail: "it stands by; another one drives the checks")
        }
        let waiting = queues.jobs.count
        let isBehind = waiting > queues.jobs.local.capacity / 2
        return Health.Part(
            name: "scheduler", level: isBehind ? .warning : .ok,
            detail: isBehind ? "\(waiting) jobs wait for a worker" : "")
    }

    private func health(of recorder: Recorder) async -> [Health.Part] {
        let tally = await recorder.tally
        let spooled = await recorder.spoolCounters
        let waiting =
            "results wait in the spool: \(spooled.bytes / 1024) KiB on disk, \(spooled.inMemory) in memory"
        var own = Health.Part(
            name: "recorder", level: spooled.isEmpty ? .ok : .warning, detail: spooled.isEmpty ? "" : waiting)
        if spooled.isEmpty, let tally = await recorder.received, let last = tally.lastForeign,
            Timestamp.now - last.at < .seconds(3600)
        {
            own = Health.Part(
                name: "recorder", level: .warning,
                detail:
                    "\(tally.foreign) results that nobody asked for were refused, the last from \(last.worker)"
            )
        }
        return [
            Health.Part(
                name: "database", level: tally.trouble == nil ? .ok : .error, detail: tally.trouble ?? ""),
            own,
        ]
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
            scheduler: scheduler, worker: worker, recorder: recorder, queues: queues.jobs)
    }
}

extension Timetable.NamedEntry {
    fileprivate var view: ScheduleEntry {
        ScheduleEntry(
            host: host, plugin: plugin, interval: Int(entry.interval.components.seconds), nextRun: nextRun,
            lastRun: lastRun, latenessMilliseconds: entry.lateness?.milliseconds, skipped: entry.skipped)
    }
}
