package import Log
package import Model
package import Posix
import Synchronization

/// Runs local plugins as processes; confined to one event loop, on which it is made and used.
///
/// Each run has a process of its own session, read without blocking, ended by its timeout, and swept up after: no plugin
/// delays another, leaves a process or a zombie, or leaks a descriptor.
package final class PluginExecutor: JobExecutor {
    /// How plugins are run.
    package struct Settings: Sendable {
        package var folders: PluginFolders
        /// Values of `$USERn$`, by names as `USER1`.
        package var userMacros: [String: String] = [:]
        /// Named in every result.
        package var worker: String
        /// Plugins that run at the same time; jobs beyond wait inside, so the worker should hand over no more.
        package var concurrency = 256
        /// Further runs that may go on beside those after ``PluginExecutor/placeTime``: plugins that hang hold no place.
        package var lasting = 0
        /// Whether set-user-id programs such as sudo keep their meaning in plugins.
        package var mayGainPrivileges = false
        /// What keeps plugins from harming the engine and each other; nil: they may do all that the engine's user may.
        package var isolation: ProcessIsolation?
        /// Whether orphans that are no plugin's are reaped too, as nothing else in this program waits for processes.
        package var reapsStrangers = true
        /// Whether cgroups are used where they can be made.
        package var usesCgroups = true
        /// The folder of the programs that keep plugins warm; without one all runs are cold.
        package var warmFolder: String?
        /// How many helpers keep plugins warm, and for how long.
        package var warmLimits = WarmLimits()

        package init(folders: PluginFolders, worker: String) {
            self.folders = folders
            self.worker = worker
        }
    }

    static let stopping = Ending.internal("engine is stopping; the run was cut off")
    private static let owners = Atomic<UInt16>(0)

    let settings: Settings
    let reactor: Reactor
    let log: Log
    private let onResult: ResultHandler
    let outcomes: PluginOutcomes
    let spawner: Spawner
    /// Programs to start, handed to the spawner before the loop waits.
    var requests: [SpawnRequest] = []
    let exits: ExitWatch
    /// When the loop was last woken by an end, in nanoseconds of the monotonic clock.
    var lastExits: Int64 = 0
    /// New runs in the order of their start, of which some have ended already.
    var young = YoungRuns()
    private let environment = PluginEnvironment()
    var leftovers: PluginLeftovers
    var cgroups: PluginCgroups?
    var trust = PluginTrust()
    private(set) var warm: WarmPool?
    var hasToldNoWarmth = false
    var scratch = ProcessPipe()
    /// Processes of plugins that live on although their own parent is dead, as of the last look.
    package internal(set) var orphanCount = 0
    /// What has been counted so far.
    package internal(set) var counters: PluginCounters {
        get {
            var counters = counted
            counters.warm = warm?.counters ?? WarmCounters()
            return counters
        }
        set { counted = newValue }
    }
    private var counted = PluginCounters()

    var runs: [UInt32: PluginRun] = [:]
    /// Runs whose result is not told; the rest of ``runs`` are stragglers.
    private(set) var running = 0
    private var waiting = JobLine()
    var places = PluginPlaces()
    /// Whether jobs wait for a place.
    var hasWaiting: Bool { waiting.count > 0 }
    /// Results decided inside ``start(_:)``, to be told a moment later.
    private var early = 0
    private var templates: [PluginID: (plugin: Shared<Plugin>, template: Template)] = [:]
    private var lastRun: UInt32 = 0
    private(set) var isStopping = false
    var sweepTimer: (timer: Reactor.Timer, time: Int64)?
    var sweepDelay: Int64 = 0

    private typealias Template = Result<CommandTemplate, CommandTemplateError>

    /// Makes the executor and its two spawning threads; call on `loop`.
    ///
    /// Throws when orphans cannot be found, which needs Linux with `/proc` mounted.
    package init(
        on loop: EventLoop, settings: Settings, log: Log, onResult: @escaping ResultHandler
    ) throws(PosixError) {
        let number = Self.owners.wrappingAdd(1, ordering: .relaxed).newValue
        let owner = UInt16(truncatingIfNeeded: ProcessControl.ownPID) &* 31 &+ number
        self.settings = settings
        reactor = loop.reactor
        self.log = log
        self.onResult = onResult
        leftovers = try PluginLeftovers(owner: owner, reapsStrangers: settings.reapsStrangers)
        cgroups = settings.usesCgroups ? PluginCgroups(most: settings.concurrency) : nil
        exits = try ExitWatch()
        let outcomes = PluginOutcomes(loop: loop, exits: exits)
        self.outcomes = outcomes
        let isConfined = settings.isolation != nil && !settings.mayGainPrivileges
        spawner = Spawner(confined: isConfined) { outcomes.add($0) }
        outcomes.executor = self
        reactor.beforeWaiting { [weak self] in self?.startRequested() }
        warm = makeWarmPool(on: loop, owner: owner)
        try reactor.watch(exits.descriptor, for: .read) { [weak self] _ in self?.noticeExits() }
    }

    deinit {
        spawner.stop()
        warm?.stop()
        outcomes.abandon()
        reactor.unwatch(exits.descriptor)
    }

    /// The processes of the helpers that keep plugins warm.
    package var helpers: Set<Int32> { warm?.processes ?? [] }

    package var inFlight: Int { running + waiting.count + early }

    package func start(_ job: CheckJob) {
        guard !isStopping else { return tellSoon(job, Self.stopping) }
        guard waiting.count == 0, hasPlace else {
            waiting.append(job)
            return lookForPlaces()
        }
        launch(job)
    }

    package func stop(within grace: Duration) {
        isStopping = true
        outcomes.handOver()
        while let job = waiting.next() { tellSoon(job, Self.stopping) }
        let now = Clock.monotonicNanoseconds()
        for run in runs.values where !run.isTold {
            run.lifecycle.stop(at: now, grace: grace.nanoseconds)
            advance(run)
        }
        if running == 0 { retire() }
    }

    /// Starts waiting jobs as long as there is room.
    func launchWaiting() {
        while hasPlace, let job = waiting.next() {
            let now = Timestamp.now
            if now > job.deadline { tellSoon(job, .late(by: now - job.due)) } else { launch(job) }
        }
        if isStopping, running == 0 { retire() }
    }

    /// Ends the threads, with which the last stragglers die, and removes the cgroups.
    private func retire() {
        spawner.stop()
        warm?.stop()
        cgroups = nil
    }

    private func launch(_ job: CheckJob) {
        let plugin = job.plugin.value
        let paths = settings.folders.candidates(for: plugin.script)
        guard !paths.isEmpty else {
            return tellSoon(job, .missing(script: plugin.script, in: settings.folders.paths))
        }
        switch template(of: job.plugin) {
        case .failure(let error):
            tellSoon(job, .internal("cannot read the arguments of plugin \(plugin.name): \(error)"))
        case .success(let template):
            let values = template.expand(host: job.host.value, userMacros: settings.userMacros)
            launch(job, paths: paths, arguments: [plugin.script] + values)
        }
    }

    private func launch(_ job: CheckJob, paths: [String], arguments: [String]) {
        let isTrusted = trust.isTrusted(job.plugin.value.id)
        let lease = isTrusted ? nil : cgroups?.take()
        lastRun = RunNumber.next(after: lastRun, isFree: isTrusted)
        let tag = leftovers.begin(lastRun)
        var request = SpawnRequest(
            ticket: UInt64(lastRun), paths: paths, arguments: arguments,
            environment: environment.entries(for: job, tag: tag))
        request.tag = tag.rawValue
        request.mayGainPrivileges = settings.mayGainPrivileges
        request.isolation = settings.isolation
        request.cgroup = lease?.folder
        let now = Clock.monotonicNanoseconds()
        request.askedAt = now
        let run = PluginRun(
            number: lastRun, job: job, request: request, cgroup: lease,
            lifecycle: PluginLifecycle(timeoutSeconds: job.plugin.value.timeout, at: now), started: .now)
        runs[lastRun] = run
        running += 1
        if !startWarm(run) { requests.append(request) }
        grow(run, at: now)
        keepSweeping()
    }

    /// The arguments of a plugin, read once for each edit of it.
    private func template(of plugin: Shared<Plugin>) -> Template {
        if let known = templates[plugin.value.id], known.plugin === plugin { return known.template }
        if templates[plugin.value.id]?.plugin.value != plugin.value { trust.forget(plugin.value.id) }
        let names = Set(settings.userMacros.keys)
        let template: Template
        do {
            template = .success(
                try CommandTemplate(arguments: plugin.value.arguments, knownUserMacros: names))
        } catch {
            template = .failure(error)
        }
        templates[plugin.value.id] = (plugin, template)
        return template
    }

    /// Tells the result of a run; its place is free from now on.
    func tell(_ run: PluginRun, _ ending: Ending) {
        guard !run.isTold else { return }
        run.isTold = true
        running -= 1
        let output = PluginOutput.parse(
            standardOutput: run.output.kept, standardError: run.errors.kept,
            droppedBytes: run.output.droppedBytes)
        run.output.kept = []
        run.errors.kept = []
        let result = CheckResult(
            of: run.job, started: run.started, ended: .now, ending: ending, output: output,
            worker: settings.worker)
        onResult(result)
    }

    /// Tells a result that needed no process, on the loop's next turn.
    private func tellSoon(_ job: CheckJob, _ ending: Ending) {
        if !isStopping { counters.spawnFailures += 1 }
        early += 1
        reactor.schedule(at: Clock.monotonicNanoseconds()) { [self] in
            early -= 1
            let now = Timestamp.now
            onResult(
                CheckResult(of: job, started: now, ended: now, ending: ending, worker: settings.worker))
        }
    }
}

/// Jobs in the order of their arrival.
private struct JobLine {
    private var jobs: [CheckJob] = []
    private var first = 0

    var count: Int { jobs.count - first }

    mutating func append(_ job: CheckJob) { jobs.append(job) }

    mutating func next() -> CheckJob? {
        guard first < jobs.count else { return nil }
        let job = jobs[first]
        first += 1
        if first == jobs.count || first > 1024 {
            jobs.removeFirst(first)
            first = 0
        }
        return job
    }
}

extension Timestamp {
    /// Now on the wall clock.
    static var now: Timestamp { Timestamp(microseconds: Clock.wallNanoseconds() / 1000) }
}
