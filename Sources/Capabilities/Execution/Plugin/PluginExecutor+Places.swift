import Posix

/// How many runs hold no place any more, as of the last look.
struct PluginPlaces {
    var lasting = 0
    var lookedAt: Int64 = 0
    var isLookPlanned = false
}

/// Who may begin: a run that lasts gives its place to others, so that plugins that hang delay none.
extension PluginExecutor {
    /// How long a run holds a place, in nanoseconds.
    static let placeTime: Int64 = 1_000_000_000
    private static let lookInterval: Int64 = 200_000_000

    /// Whether another run may begin. Only where all places are taken are the runs looked at, five times a second at most.
    var hasPlace: Bool {
        if running < settings.concurrency { return true }
        guard running < settings.concurrency + settings.lasting else { return false }
        countLasting(at: Clock.monotonicNanoseconds())
        return running - places.lasting < settings.concurrency
    }

    private func countLasting(at now: Int64) {
        guard now - places.lookedAt >= Self.lookInterval else { return }
        places.lookedAt = now
        let lasting = runs.values.count { !$0.isTold && now - $0.request.askedAt >= Self.placeTime }
        places.lasting = min(lasting, settings.lasting)
    }

    /// Looks for places while jobs wait; without those that last a place gets free by the end of a run only.
    func lookForPlaces() {
        guard settings.lasting > 0, !places.isLookPlanned else { return }
        places.isLookPlanned = true
        reactor.schedule(at: Clock.monotonicNanoseconds() + Self.lookInterval) { [weak self] in
            guard let self else { return }
            places.isLookPlanned = false
            launchWaiting()
            if hasWaiting { lookForPlaces() }
        }
    }
}
