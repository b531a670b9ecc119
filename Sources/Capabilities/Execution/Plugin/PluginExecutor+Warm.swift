import Model
import Posix

/// Runs of plugins that are kept warm: begun by a helper, and then runs like all others.
extension PluginExecutor {
    /// The highest run number, by which helpers are marked: the mark of a run is lower, and marks can only be lowered.
    private static let helperRun = UInt32.max

    /// Makes the pool of helpers when there is a folder with the programs.
    func makeWarmPool(on loop: EventLoop, owner: UInt16) -> WarmPool? {
        guard let folder = settings.warmFolder else { return nil }
        return WarmPool(
            on: loop, settings: settings, folder: folder,
            tag: ProcessTag(owner: owner, run: Self.helperRun),
            environment: PluginEnvironment().common, log: log
        ) { [weak self] in self?.take($0) }
    }

    /// Whether a helper takes the run; its answer follows.
    func startWarm(_ run: PluginRun) -> Bool {
        let plugin = run.job.plugin.value
        guard plugin.warm else { return false }
        guard let warm else {
            if !hasToldNoWarmth {
                hasToldNoWarmth = true
                log.warning("warm plugins run cold: the programs that keep them warm are not installed")
            }
            return false
        }
        guard warm.take(run.request, script: plugin.script, interval: plugin.interval) else { return false }
        run.isWarm = true
        return true
    }

    private func take(_ answer: WarmPool.Answer) {
        switch answer {
        case .started(let ticket, let process, let word):
            guard let run = runs[UInt32(truncatingIfNeeded: ticket)] else {
                ProcessControl.close(word)
                return PluginOutcomes.discard(process)
            }
            begin(run, process)
            guard let begun = run.process else { return ProcessControl.close(word) }
            // Without memory for the watch its end is asked for until it comes.
            if !exits.add(begun.pidfd, ticket: ticket) { pollDeath(of: run) }
            // A run that was given up meanwhile is killed and never begins.
            if run.isTold { ProcessControl.close(word) } else { ProcessControl.release(word) }
        case .cold(let ticket):
            guard let run = runs[UInt32(truncatingIfNeeded: ticket)] else { return }
            run.isWarm = false
            if run.isTold { return forget(run) }
            requests.append(run.request)
        case .lost:
            leftovers.lookEverywhere()
            keepSweeping()
        }
    }
}
