import Posix

/// Numbers of new runs, each with the time of its start; most have ended when their turn comes.
struct YoungRuns {
    private var entries: [(number: UInt32, time: Int64)] = []
    private var first = 0

    /// When the oldest of them began; nil when there is none.
    var oldest: Int64? { first < entries.count ? entries[first].time : nil }

    mutating func append(_ number: UInt32, at time: Int64) { entries.append((number, time)) }

    mutating func next() -> UInt32 {
        defer {
            first += 1
            if first > 1024, first * 2 > entries.count {
                entries.removeFirst(first)
                first = 0
            }
        }
        return entries[first].number
    }
}

/// The first milliseconds of a run: neither its pipes nor its time are watched, as most plugins end before that.
extension PluginExecutor {
    /// How long a process lives, in nanoseconds, before it is watched.
    private static let youth: Int64 = 20_000_000

    /// Hands the programs to start to the spawning threads, all at once.
    func startRequested() {
        guard !requests.isEmpty else { return }
        spawner.spawn(requests)
        requests.removeAll(keepingCapacity: true)
    }

    /// Takes a new run in, to be watched when it lives for longer.
    func grow(_ run: PluginRun, at now: Int64) {
        let isFirst = young.oldest == nil
        young.append(run.number, at: now)
        if isFirst { scheduleLook(at: now) }
    }

    private func scheduleLook(at start: Int64) {
        reactor.schedule(at: start + Self.youth) { [weak self] in self?.watchGrown() }
    }

    /// Watches the runs that live on, and looks again when the next ones are old enough.
    private func watchGrown() {
        outcomes.handOver()
        let now = Clock.monotonicNanoseconds()
        while let time = young.oldest, time <= now - Self.youth {
            guard let run = runs[young.next()], run.isYoung else { continue }
            // Its youth begins when the process does, unless the threads that start processes are stuck.
            let start = run.process?.startedAt ?? now
            if start > now - Self.youth, run.request.askedAt > now - PluginOutcomes.longestYouth {
                young.append(run.number, at: now)
            } else {
                run.isYoung = false
                if !run.isTold { watch(run) }
            }
        }
        if let time = young.oldest { scheduleLook(at: time) }
    }
}
