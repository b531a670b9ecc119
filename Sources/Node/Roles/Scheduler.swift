import Log
import Messaging
import Model
import Posix
import Scheduling
import Statistics
import Storage

/// Drives the timetable on the core loop: asks it what is due and offers the jobs to the queue of their runner.
actor Scheduler {
    /// Runs due within this time of each other leave in one batch, which bounds wake-ups and costs as much lateness.
    private static let coalescing = Duration.milliseconds(2)

    /// A wall clock further off than this was set; less is the time between asking two clocks.
    private static let clockTolerance = Duration.milliseconds(500)

    nonisolated let loop: EventLoop
    private let queues: JobQueues
    private let log: Log
    private let wall: @Sendable () -> Timestamp
    /// Monotonic nanoseconds when the timetable began; its runs count from here, whatever the wall clock does.
    private let beginning = Clock.monotonicNanoseconds()
    /// That moment on the wall clock as it is set now; people and workers are told times by it.
    private var wallBeginning: Timestamp
    /// The same before the clock was set last: runs that were under way then are known by it.
    private var earlierBeginning: Timestamp?
    private var timetable: Timetable
    private var hosts: [HostID: Shared<Host>] = [:]
    private var plugins: [PluginID: Shared<Plugin>] = [:]
    private var zones = HostZones()
    /// Those that several zones run.
    private var polledPlugins: Set<PluginID> = []
    private var pluginsOfHost: [HostID: [PluginID]] = [:]
    private var timer: Reactor.Timer?
    private var isStarted = false
    /// What was changed since the snapshot that it is to start with was asked for; nil while none was.
    private var early: [ScheduleChange]?
    private var isStopped = false

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        // The loop lives as long as the actor that holds it.
        unsafe loop.asUnownedSerialExecutor()
    }

    init(
        loop: EventLoop, queues: JobQueues, log: Log, wall: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.loop = loop
        self.queues = queues
        self.log = log
        self.wall = wall
        wallBeginning = wall()
        timetable = Timetable(start: wallBeginning)
    }

    /// Whether it drives the checks; otherwise another one does, or none yet.
    var isDriving: Bool { isStarted && !isStopped }

    /// How many checks are scheduled.
    var count: Int { timetable.count }

    /// Keeps what is changed from now on, until it starts: call before the snapshot is read.
    func prepare() { early = [] }

    /// Fills the timetable and starts.
    func start(_ snapshot: ScheduleSnapshot) {
        isStarted = true
        timetable.reserve(snapshot.checks.count)
        _ = zones.set(snapshot.subnets)
        for host in snapshot.hosts {
            hosts[host.id] = Shared(host)
            zones.set(host)
        }
        for plugin in snapshot.plugins { keep(plugin) }
        for check in snapshot.checks { add(check) }
        let changes = early ?? []
        early = nil
        for change in changes {
            // The snapshot may have them already.
            for check in change.added { drop(check) }
            apply(change)
        }
        log.info("\(timetable.count) checks are scheduled", ["hosts": "\(hosts.count)"])
        tick()
    }

    /// Carries a committed change of the configuration out; nothing else moves. Changes before the start wait for it, or
    /// are part of what it starts with.
    func apply(_ change: ScheduleChange) {
        guard isStarted else {
            early?.append(change)
            return
        }
        for check in change.removed { drop(check) }
        for host in change.removedHosts {
            hosts[host] = nil
            pluginsOfHost[host] = nil
            zones.remove(host)
        }
        for plugin in change.removedPlugins {
            plugins[plugin] = nil
            polledPlugins.remove(plugin)
        }
        if !change.subnets.isEmpty || !change.removedSubnets.isEmpty {
            follow(change.subnets, removed: change.removedSubnets)
        }
        for plugin in change.plugins { replace(plugin) }
        for host in change.hosts { replace(host) }
        for check in change.added { add(check) }
        tick()
    }

    /// Takes note of ended runs.
    func finished(_ results: [CheckResult]) { finished(results.map(\.end)) }

    /// The same of runs that other machines told of.
    func finished(_ ends: [RunEnd]) {
        for beginning in [wallBeginning, earlierBeginning].compactMap(\.self) {
            for end in ends {
                timetable.finished(end.check, due: end.due - beginning, lateness: end.started - end.due)
            }
        }
    }

    /// A run of a check now, for the caller to queue; nil when it is not in the timetable.
    func runNow(host: HostID, plugin: PluginID) -> CheckJob? {
        followWallClock()
        return timetable.forced(CheckID(host: host, plugin: plugin), at: now).flatMap(job)
    }

    /// Another scheduler drives the checks: nothing is scheduled here until the next start.
    func resign() {
        if let timer { loop.reactor.cancel(timer) }
        timer = nil
        isStarted = false
        early = nil
        timetable = Timetable(start: wallBeginning)
        (hosts, plugins, pluginsOfHost) = ([:], [:], [:])
        zones = HostZones()
        polledPlugins = []
    }

    /// No further run begins.
    func stop() {
        isStopped = true
        if let timer { loop.reactor.cancel(timer) }
    }

    func skipped() -> [(reason: Timetable.SkipReason, count: Int)] {
        Timetable.SkipReason.allCases.map { ($0, timetable.skipped(for: $0)) }
    }

    /// A part of the timetable with names, earliest next run first; cheap for the first pages.
    func firstEntries(skipping: Int, atMost limit: Int) -> Page<Timetable.NamedEntry> {
        let entries = timetable.entries(skipping: skipping, atMost: limit)
        return Page(items: entries.compactMap(named), total: timetable.count)
    }

    /// The whole timetable of these hosts and plugins (nil: all), in no order; other work gets its turn meanwhile.
    func entries(host: String?, plugin: String?) async -> [Timetable.NamedEntry] {
        var found: [Timetable.NamedEntry] = []
        let wanted = hosts.keys.filter { host == nil || hosts[$0]?.name == host }
        for (index, id) in wanted.enumerated() {
            for own in pluginsOfHost[id] ?? [] where plugin == nil || plugins[own]?.name == plugin {
                let entry = timetable.entry(of: CheckID(host: id, plugin: own)).flatMap(named)
                if let entry { found.append(entry) }
            }
            if index % 100 == 99 { await Task.yield() }
        }
        return found
    }

    private var now: Duration { .nanoseconds(Clock.monotonicNanoseconds() - beginning) }

    private func tick() {
        if let timer { loop.reactor.cancel(timer) }
        timer = nil
        guard !isStopped else { return }
        followWallClock()
        while true {
            switch timetable.nextAction(at: now) {
            case .dispatch(let due): dispatch(due)
            case .idle: return
            case .sleep(let until):
                let wake = max(until, now + Self.coalescing)
                timer = loop.reactor.schedule(at: beginning + wake.nanoseconds) { [weak self] in
                    self?.assumeIsolated { $0.tick() }
                }
                return
            }
        }
    }

    /// Takes note that the wall clock was set or that the machine slept: otherwise workers, who ask the wall clock,
    /// would take every later job as too late. No run moves.
    private func followWallClock() {
        let step = wall() - (wallBeginning + now)
        guard step < .zero - Self.clockTolerance || step > Self.clockTolerance else { return }
        earlierBeginning = wallBeginning
        wallBeginning = wallBeginning + step
        log.warning("the clock was set by \(step.components.seconds) s; no run moves")
    }

    private func dispatch(_ due: [Timetable.DueCheck]) {
        for runner in Plugin.Runner.allCases {
            let all = due.filter { plugins[$0.check.plugin]?.runner == runner }
            guard !all.isEmpty else { continue }
            let (own, polled) = polledPlugins.isEmpty ? (all, []) : parted(all)
            ask(polled, runner)
            guard !zones.isTrivial else {
                send(own, to: queues[runner])
                continue
            }
            for (zone, part) in Dictionary(grouping: own, by: { zones[$0.check.host] }) {
                send(part, to: queues.inZone(zone)?[runner])
            }
        }
    }

    /// Runs of one zone, and those that several are asked for.
    private func parted(_ due: [Timetable.DueCheck]) -> (
        own: [Timetable.DueCheck], polled: [Timetable.DueCheck]
    ) {
        (
            due.filter { !polledPlugins.contains($0.check.plugin) },
            due.filter { polledPlugins.contains($0.check.plugin) }
        )
    }

    /// Gives each run to all zones that its plugin names; a zone whose queue is full is one that does not answer.
    private func ask(_ due: [Timetable.DueCheck], _ runner: Plugin.Runner) {
        let refused = due.filter { due in
            guard let job = job(for: due) else { return false }
            return job.polled.count { queues.inZone($0.zone)?[runner].offer([.check($0.job)]) == 1 } == 0
        }
        timetable.refused(refused)
    }

    private func send(_ due: [Timetable.DueCheck], to queue: (any MessageQueue<Job>)?) {
        let jobs = due.compactMap { job(for: $0).map(Job.check) }
        let accepted = queue?.offer(jobs) ?? 0
        if accepted < jobs.count { timetable.refused(Array(due[accepted...])) }
    }

    /// Subnets have changed: hosts that get their zone from them go along.
    private func follow(_ subnets: [Subnet], removed: [SubnetID]) {
        let change = zones.set(subnets, removed: removed)
        guard change.isTold else { return }
        for (id, host) in hosts {
            if let old = host.value.subnet, let new = change.renamed[old] {
                var moved = host.value
                moved.subnet = new
                hosts[id] = Shared(moved)
            }
            if let current = hosts[id] { zones.set(current.value) }
        }
    }

    private func job(for due: Timetable.DueCheck) -> CheckJob? {
        guard let host = hosts[due.check.host], let plugin = plugins[due.check.plugin] else { return nil }
        return CheckJob(
            host: host, plugin: plugin, due: wallBeginning + due.due,
            deadline: wallBeginning + Timetable.deadline(due: due.due, interval: plugin.interval),
            isForced: due.isForced)
    }

    private func add(_ check: CheckID) {
        guard let host = hosts[check.host], let plugin = plugins[check.plugin] else { return }
        pluginsOfHost[check.host, default: []].append(check.plugin)
        guard !host.maintenance else { return }
        timetable.set(check, interval: plugin.interval, timeout: plugin.timeout, at: now)
    }

    private func drop(_ check: CheckID) {
        timetable.remove(check)
        pluginsOfHost[check.host]?.removeAll { $0 == check.plugin }
    }

    private func replace(_ host: Host) {
        let wasScheduled = hosts[host.id].map { !$0.maintenance } ?? false
        hosts[host.id] = Shared(host)
        zones.set(host)
        guard wasScheduled == host.maintenance else { return }
        for plugin in pluginsOfHost[host.id] ?? [] {
            let check = CheckID(host: host.id, plugin: plugin)
            if host.maintenance {
                timetable.remove(check)
            } else if let definition = plugins[plugin] {
                timetable.set(check, interval: definition.interval, timeout: definition.timeout, at: now)
            }
        }
    }

    private func keep(_ plugin: Plugin) {
        plugins[plugin.id] = Shared(plugin)
        if plugin.zones.isEmpty {
            polledPlugins.remove(plugin.id)
        } else {
            polledPlugins.insert(plugin.id)
        }
    }

    private func replace(_ plugin: Plugin) {
        let isRetimed = plugins[plugin.id].map {
            $0.interval != plugin.interval || $0.timeout != plugin.timeout
        }
        keep(plugin)
        guard isRetimed == true else { return }
        for (host, own) in pluginsOfHost where own.contains(plugin.id) {
            guard hosts[host]?.maintenance == false else { continue }
            let check = CheckID(host: host, plugin: plugin.id)
            timetable.set(check, interval: plugin.interval, timeout: plugin.timeout, at: now)
        }
    }

    private func named(_ entry: Timetable.Entry) -> Timetable.NamedEntry? {
        guard let host = hosts[entry.check.host], let plugin = plugins[entry.check.plugin] else { return nil }
        return Timetable.NamedEntry(
            host: host.name, plugin: plugin.name, entry: entry, nextRun: wallBeginning + entry.nextRun,
            lastRun: entry.lastRun.map { wallBeginning + $0 })
    }
}

extension Timetable {
    /// An entry with the names and wall-clock times that people see.
    struct NamedEntry: Sendable {
        let host: String
        let plugin: String
        let entry: Entry
        let nextRun: Timestamp
        let lastRun: Timestamp?
    }
}
