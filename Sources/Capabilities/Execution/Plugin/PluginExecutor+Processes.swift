import Model
import Posix

/// From the start of a process to its result.
extension PluginExecutor {
    /// How often, and how much later each time, a file that is being written is tried again.
    private static let busyStarts = 20
    private static let busyDelay: Int64 = 5_000_000

    /// Takes what became of a request to start a plugin.
    func take(_ outcome: SpawnOutcome) {
        guard let run = runs[UInt32(outcome.ticket)] else { return }
        switch outcome.result {
        case .success(let process): begin(run, process)
        case .failure(let failure): fail(run, failure)
        }
    }

    func begin(_ run: PluginRun, _ process: SpawnedProcess) {
        counters.spawned += 1
        run.process = process
        run.output.pipe = process.output
        run.errors.pipe = process.errors
        leftovers.started(run.number, pid: process.pid)
        if run.cgroup != nil, !process.isInCgroup, !run.isWarm, cgroups != nil {
            log.info("plugins cannot be started in cgroups; their marks are used to find what they leave")
            cgroups = nil
        }
        run.started = Timestamp(microseconds: process.startedAtWall / 1000)
        run.lifecycle.started(at: process.startedAt)
        if run.isTold {
            abandonLate(run)
        } else if !run.isYoung {
            watch(run)
        }
    }

    /// From now on the loop is told what the plugin prints and when its time is over.
    func watch(_ run: PluginRun) {
        guard let process = run.process else { return setTimer(of: run) }
        do {
            try watchPipes(of: run)
        } catch {
            // No memory for epoll: the process ends with its result.
            ProcessControl.signal(group: process.pid, .kill)
            tell(run, .internal("cannot watch \(run.job.plugin.value.script): \(error)"))
            closePipes(of: run)
            waitForDeath(of: run)
            pollDeath(of: run)
            return launchWaiting()
        }
        advance(run)
    }

    private func fail(_ run: PluginRun, _ failure: SpawnFailure) {
        let isBusy = failure.step == .execute && failure.code == ErrorNumber.busyText
        if isBusy, run.busyStarts < Self.busyStarts, !run.isTold {
            run.busyStarts += 1
            reactor.schedule(at: Clock.monotonicNanoseconds() + Self.busyDelay) { [weak self] in
                self?.requests.append(run.request)
            }
            return
        }
        counters.spawnFailures += 1
        forget(run)
        tell(run, settings.folders.ending(of: failure, script: run.job.plugin.value.script))
        launchWaiting()
    }

    /// Asks the run's lifecycle what to do and does it.
    func advance(_ run: PluginRun) {
        while !run.isTold {
            switch run.lifecycle.nextAction(at: Clock.monotonicNanoseconds()) {
            case .wait:
                return setTimer(of: run)
            case .terminate:
                signal(run, .terminate)
                signal(run, .goOn)
            case .kill:
                signal(run, .kill)
            case .finish(let ending):
                finish(run, ending)
            case .abandon(let ending):
                abandon(run, ending)
            }
        }
    }

    private func signal(_ run: PluginRun, _ signal: ProcessSignal) {
        guard let process = run.process else { return }
        ProcessControl.signal(group: process.pid, signal)
    }

    /// When many programs end, the loop looks every millisecond in place of being woken by each of them.
    private static let gathering: Int64 = 1_000_000

    /// Is told of programs that have ended: takes them, and others with them in a moment if they come fast.
    func noticeExits() {
        let now = Clock.monotonicNanoseconds()
        let isFast = now - lastExits < Self.gathering
        takeExits()
        lastExits = now
        guard isFast else { return }
        reactor.unwatch(exits.descriptor)
        gatherExits(at: now + Self.gathering)
    }

    private func gatherExits(at time: Int64) {
        reactor.schedule(at: time) { [weak self] in
            guard let self else { return }
            if takeExits() {
                gatherExits(at: Clock.monotonicNanoseconds() + Self.gathering)
            } else {
                watchExits()
            }
        }
    }

    private func watchExits() {
        do {
            try reactor.watch(exits.descriptor, for: .read) { [weak self] _ in self?.noticeExits() }
        } catch {
            // Without memory for epoll the loop goes on looking.
            gatherExits(at: Clock.monotonicNanoseconds() + Self.gathering)
        }
    }

    /// Takes what the watch tells of; false when there is nothing.
    @discardableResult
    private func takeExits() -> Bool {
        let tickets = exits.take()
        outcomes.handOver()
        for ticket in tickets {
            guard let run = runs[UInt32(ticket)], let process = run.process, run.lifecycle.end == nil
            else { continue }
            if !endAtOnce(run, process) { reap(run) }
            if run.process != nil, run.lifecycle.end == nil { exits.addAgain(process.pidfd, ticket: ticket) }
        }
        return !tickets.isEmpty
    }

    /// The usual end: the child is dead and nobody else holds its pipes, so that its result is final; false otherwise.
    private func endAtOnce(_ run: PluginRun, _ process: SpawnedProcess) -> Bool {
        guard !run.isTold else { return false }
        readPipes(of: run)
        guard run.hasClosedPipes, !run.job.plugin.value.allowBackground else { return false }
        killGroup(of: run, process)
        guard let end = ProcessControl.end(of: process.pidfd, reaping: true) else { return false }
        run.isReaped = true
        run.lifecycle.exited(end, at: Clock.monotonicNanoseconds())
        advance(run)
        return true
    }

    /// Kills what is left of the group of a child that is dead and not reaped; its cgroup would hold all of it.
    private func killGroup(of run: PluginRun, _ process: SpawnedProcess) {
        guard run.cgroup == nil || !process.isInCgroup else { return }
        ProcessControl.signal(group: process.pid, .kill)
    }

    /// The direct child has ended; it stays a zombie until its group is dead, so that its number is not used anew.
    private func reap(_ run: PluginRun) {
        guard let process = run.process, let end = ProcessControl.end(of: process.pidfd, reaping: false)
        else { return }
        run.lifecycle.exited(end, at: Clock.monotonicNanoseconds())
        if run.isTold {
            counters.stragglers -= 1
            cleanUp(run)
        } else {
            // Somebody else may hold its pipes: they are read until the drain is over.
            run.isYoung = false
            readPipes(of: run)
            watch(run)
        }
    }

    /// The process has ended and its result is final.
    private func finish(_ run: PluginRun, _ ending: Ending) {
        readPipes(of: run)
        cleanUp(run)
        tell(run, ending)
        launchWaiting()
    }

    /// The time is over and the process will not die: its result is told, and it is waited for without one.
    private func abandon(_ run: PluginRun, _ ending: Ending) {
        readPipes(of: run)
        closePipes(of: run)
        if run.process != nil { waitForDeath(of: run) }
        tell(run, ending)
        launchWaiting()
    }

    /// A process that started after its run was given up.
    private func abandonLate(_ run: PluginRun) {
        ProcessControl.signal(group: run.process?.pid ?? 0, .kill)
        closePipes(of: run)
        waitForDeath(of: run)
    }

    private func waitForDeath(of run: PluginRun) {
        counters.stragglers += 1
        if let timer = run.timer { reactor.cancel(timer) }
        log.warning(
            "a plugin does not die although it was killed",
            ["plugin": run.job.plugin.value.name, "host": run.job.host.value.name])
    }

    /// Asks for the death of a process that cannot be watched.
    func pollDeath(of run: PluginRun) {
        reactor.schedule(at: Clock.monotonicNanoseconds() + PluginLifecycle.killWait) { [weak self] in
            self?.reap(run)
            if run.process != nil { self?.pollDeath(of: run) }
        }
    }

    /// Kills what is left of an ended run, reaps it and gives its cgroup back.
    private func cleanUp(_ run: PluginRun) {
        guard let process = run.process else { return }
        let mayLeave = run.job.plugin.value.allowBackground && !isStopping
        if !run.isReaped {
            if !mayLeave { ProcessControl.signal(group: process.pid, .kill) }
            _ = ProcessControl.end(of: process.pidfd, reaping: true)
        }
        ProcessControl.close(process.pidfd)
        closePipes(of: run)
        run.process = nil
        if mayLeave { leftovers.keep(run.number) }
        let isEmpty = run.cgroup.map { cgroups?.giveBack($0, killing: !mayLeave) == false } ?? false
        if process.isInCgroup {
            trust.ended(run.job.plugin.value.id, isClean: isEmpty && run.lifecycle.endedByItself)
        }
        forget(run)
        // An empty cgroup leaves nothing to look for.
        if !isEmpty || !process.isInCgroup { sweepAfterRun() }
    }

    func forget(_ run: PluginRun) {
        if let timer = run.timer { reactor.cancel(timer) }
        if run.process == nil, !run.lifecycle.isStarted, let lease = run.cgroup {
            _ = cgroups?.giveBack(lease, killing: true)
        }
        leftovers.end(run.number)
        runs[run.number] = nil
    }

    /// Makes the run's one timer fit its lifecycle; a timer that is early stays and asks again.
    func setTimer(of run: PluginRun) {
        let wakeAt = run.lifecycle.wakeAt
        if run.timer != nil, run.timerTime <= wakeAt { return }
        if let timer = run.timer { reactor.cancel(timer) }
        run.timerTime = wakeAt
        run.timer = reactor.schedule(at: wakeAt) { [weak self] in
            run.timer = nil
            // When the engine itself was stopped for a while, a plugin that ended meanwhile ended in time.
            if !run.isTold, run.lifecycle.end == nil { self?.reap(run) }
            self?.advance(run)
        }
    }
}
