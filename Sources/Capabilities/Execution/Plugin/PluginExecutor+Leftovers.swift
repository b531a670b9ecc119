import Posix

/// When the executor looks for what plugins left behind.
extension PluginExecutor {
    /// More orphans than this are not looked through after every run but a little later, for many runs at once.
    private static let manyOrphans = 64
    private static let regularDelay: Int64 = 1_000_000_000
    private static let shortestDelay: Int64 = 2_000_000
    private static let longestDelay: Int64 = 256_000_000

    /// Looks at once, unless many allowed background processes make that dear.
    func sweepAfterRun() {
        if orphanCount > Self.manyOrphans {
            scheduleSweep(after: 10 * Self.shortestDelay)
        } else {
            sweepDelay = 0
            sweep()
        }
    }

    private func sweep() {
        spawner.relieve()
        let finding = leftovers.sweep(sparing: warm?.processes ?? [])
        cgroups?.collect()
        counters.leftoversKilled += finding.ended
        if finding.isBreachOfTrust { trust.doubtAll() }
        orphanCount = finding.orphans
        if finding.isPending {
            sweepDelay = min(Self.longestDelay, max(Self.shortestDelay, 2 * sweepDelay))
            scheduleSweep(after: sweepDelay)
        } else if finding.orphans > 0 || !runs.isEmpty || cgroups?.hasOccupied == true {
            sweepDelay = 0
            scheduleSweep(after: Self.regularDelay)
        }
    }

    /// Looks regularly while anything runs.
    func keepSweeping() {
        if sweepTimer == nil { scheduleSweep(after: Self.regularDelay) }
    }

    /// Looks again after `delay`, unless that is planned for an earlier time.
    private func scheduleSweep(after delay: Int64) {
        let time = Clock.monotonicNanoseconds() + delay
        if let planned = sweepTimer, planned.time <= time { return }
        if let planned = sweepTimer { reactor.cancel(planned.timer) }
        let timer = reactor.schedule(at: time) { [weak self] in
            self?.sweepTimer = nil
            self?.sweep()
        }
        sweepTimer = (timer, time)
    }
}
