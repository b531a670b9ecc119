import Log
import Messaging
import Model
import Posix
import Statistics
import Storage

/// Takes outcomes from the result queue and puts them into the store and the archives; nothing it does slows a check.
///
/// While the store cannot be used, results go to the spool on disk and are replayed in order once it can.
actor Recorder {
    struct Tally: Sendable {
        var stored = 0
        var duplicates = 0
        var outdated = 0
        var orphaned = 0
        var failures = 0
        /// Results that the store never takes; they are set aside.
        var refused = 0
        /// Why the store cannot be used; nil while it can.
        var trouble: String?
        /// Seconds between the end of the oldest result of the last batch and its commit.
        var lag = 0.0
    }

    /// Results in one transaction.
    private static let batchSize = 1000
    /// Batches from the spool before the queue has its turn again.
    private static let replayedInTurn = 20
    /// Parts of sweeps that wait for a store that failed; the oldest go first.
    private static let sweepPartsLimit = 2000
    /// How long results are gathered before they are stored.
    private static let gathering = Duration.milliseconds(50)
    /// Nanoseconds between two looks at votes that are still out.
    private static let votesStep: Int64 = 1_000_000_000
    /// How long a store that failed is left alone.
    private static let storePause = Duration.seconds(1)

    private let queue: any MessageQueue<Outcome>
    /// Looks at what comes from other machines; nil when all is of this process.
    private var reception: Reception?
    let store: any Store
    let archives: Archives
    private let spool: ResultSpool
    let settings: Settings
    let log: Log
    private let onReceived: @Sendable ([CheckResult]) async -> Void
    private let onRecorded: @Sendable ([CheckResult]) async -> Void
    private let arrivals = ArrivalSignal()
    private var storeRestsUntil: Int64 = 0
    private var votesRestUntil: Int64 = 0
    /// Whether older results wait in the spool, so that newer ones must queue behind them.
    private var isSpooling = false
    /// Parts of sweeps that are not stored yet, in order.
    private var sweepParts: [DiscoveryResult] = []
    var retentionClock: BelievedClock?
    var archiveClock: BelievedClock?
    /// Reports that wait for the archives, which may be slow.
    var unarchived: [WorkerReport] = []
    var archiving: Task<Void, Never>?
    private(set) var tally = Tally()

    /// `onReceived` hears of results before they are stored, `onRecorded` when they are.
    init(
        queue: any MessageQueue<Outcome>, reception: Reception? = nil, store: any Store, archives: Archives,
        spool: ResultSpool,
        settings: Settings, log: Log,
        onReceived: @escaping @Sendable ([CheckResult]) async -> Void = { _ in },
        onRecorded: @escaping @Sendable ([CheckResult]) async -> Void
    ) {
        self.queue = queue
        self.reception = reception
        self.store = store
        self.archives = archives
        self.spool = spool
        self.settings = settings
        self.log = log
        self.onReceived = onReceived
        self.onRecorded = onRecorded
    }

    /// What the spool has counted.
    var spoolCounters: ResultSpool.Counters {
        get async { await spool.counters }
    }

    /// Samples of the archives by what became of them.
    var archiveCounters: Archives.Counters {
        get async { await archives.counters }
    }

    /// Records until cancelled, then records what is left.
    func run() async {
        isSpooling = await spool.open()
        queue.onArrival { [arrivals] in arrivals.signal() }
        while !Task.isCancelled {
            await arrivals.wait(atMost: .seconds(1))
            try? await Task.sleep(for: Self.gathering)  // Cancelled: the loop ends.
            await catchUp()
        }
        // Into the spool first, where it is safe should there be no time left to store all of it.
        // Of a shared queue there is no end: what was not taken is for others.
        while reception == nil, await recordBatch() > 0 {}
        storeRestsUntil = 0
        await recordSweeps()
        while await replay(atMost: Self.replayedInTurn) {}
        await archiving?.value
    }

    /// Records what waits in the queue and in the spool, by turns: neither may keep the other from its turn for ever.
    private func catchUp() async {
        var isBehind = true
        while isBehind, !Task.isCancelled {
            let isQueueFull = await recordBatch() >= Self.batchSize
            await recordSweeps()
            await settleVotes()
            let isSpoolFull = await replay(atMost: Self.replayedInTurn)
            isBehind = isQueueFull || isSpoolFull
        }
    }

    /// Once a second stores what comes of runs that not all zones answered.
    private func settleVotes() async {
        let now = Clock.monotonicNanoseconds()
        guard now >= max(storeRestsUntil, votesRestUntil), !isSpooling else { return }
        votesRestUntil = now + Self.votesStep
        do throws(StoreError) {
            let summary = try await store.settleVotes(at: .now)
            tally.stored += summary.stored
            if !summary.verdicts.isEmpty { await onRecorded(summary.verdicts) }
        } catch {
            rest(after: error)
        }
    }

    /// Takes one batch from the queue and stores or spools it; returns how many outcomes it was.
    private func recordBatch() async -> Int {
        let deliveries = queue.take(atMost: Self.batchSize)
        guard !deliveries.isEmpty else { return 0 }
        var results: [CheckResult] = []
        var reports: [WorkerReport] = []
        let now = Timestamp.now
        for delivery in deliveries {
            guard let outcome = admit(delivery.message, at: now) else { continue }
            switch outcome {
            case .check(let result): results.append(result)
            case .report(let report): reports.append(report)
            case .discovery(let part): keep(part)
            }
        }
        await recordSweeps()
        if !results.isEmpty {
            // Whatever the store does: the next run of these checks does not wait for it.
            await onReceived(results)
            await record(results)
        }
        if !reports.isEmpty { await record(reports) }
        queue.acknowledge(deliveries.map(\.tag))
        return deliveries.count
    }

    /// What was refused and what was mended of what distant workers brought; nil when there is none.
    var received: Reception.Tally? { reception?.tally }

    private func admit(_ outcome: Outcome, at now: Timestamp) -> Outcome? {
        guard reception != nil else { return outcome }
        let admitted = reception?.admit(outcome, at: now)
        if admitted == nil, let tally = reception?.tally, tally.foreign.nonzeroBitCount == 1 {
            // Told at the first, the second, the fourth and so on: somebody may send thousands.
            log.warning(
                "a result without a ticket of ours is refused; somebody else writes to the queue, or a worker still "
                    + "has jobs of another database",
                ["worker": tally.lastForeign?.worker ?? "", "refused": "\(tally.foreign)"])
        }
        return admitted
    }

    private func record(_ results: [CheckResult]) async {
        if !isSpooling, await store(results) { return }
        isSpooling = true
        await spool.append(results)
    }

    /// Stores a batch; false when the store could not, and then it rests for a moment.
    private func store(_ results: [CheckResult]) async -> Bool {
        do {
            let summary = try await store.record(results)
            tally.stored += summary.stored
            tally.duplicates += summary.duplicates
            tally.outdated += summary.outdated
            tally.orphaned += summary.orphaned
            hasRecovered()
            if let oldest = results.map(\.ended).min() {
                tally.lag = (Timestamp.now - oldest).milliseconds / 1000
            }
            await onRecorded(results.filter { $0.assignment.observer == nil } + summary.verdicts)
            return true
        } catch .refused(let sentence) {
            return await storeInParts(results, sentence)
        } catch {
            rest(after: error)
            return false
        }
    }

    /// Finds by halving which results the store never takes and sets these aside; all others are stored.
    private func storeInParts(_ results: [CheckResult], _ sentence: String) async -> Bool {
        guard results.count > 1 else {
            await spool.setAside(results, because: sentence)
            tally.refused += results.count
            // Those who wait for it get what it was all the same.
            await onRecorded(results)
            return true
        }
        let middle = results.count / 2
        guard await store(Array(results[..<middle])) else { return false }
        return await store(Array(results[middle...]))
    }

    private func hasRecovered() {
        if tally.trouble != nil { log.info("the database can be used again") }
        tally.trouble = nil
    }

    private func rest(after error: StoreError) {
        tally.failures += 1
        storeRestsUntil = Clock.monotonicNanoseconds() + Self.storePause.nanoseconds
        let sentence = StoreSentence.of(error)
        if tally.trouble == nil { log.error("results go to the spool: \(sentence)") }
        tally.trouble = sentence
    }

    /// Stores what waits in the spool, oldest first; true when there is more and the store can take it.
    private func replay(atMost batches: Int) async -> Bool {
        for _ in 0..<batches {
            guard isSpooling, Clock.monotonicNanoseconds() >= storeRestsUntil else { return false }
            let batch = await spool.next(atMost: Self.batchSize)
            guard !batch.isEmpty else {
                isSpooling = false
                return false
            }
            guard await store(batch) else { return false }
            await spool.confirm(batch.count)
        }
        return isSpooling
    }

    private func record(_ reports: [WorkerReport]) async {
        archive(reports)
        do {
            try await store.record(reports)
            if !isSpooling { hasRecovered() }
        } catch {
            // The next heartbeat tells as much; while the database is in trouble that is already said.
            guard tally.trouble == nil else { return }
            log.warning("a worker's report is not stored: \(StoreSentence.of(error))")
        }
    }

    private func keep(_ part: DiscoveryResult) {
        if sweepParts.count >= Self.sweepPartsLimit {
            log.error("a part of sweep \(sweepParts[0].id) is lost: too many wait for the database")
            sweepParts.removeFirst()
        }
        sweepParts.append(part)
    }

    /// Stores the parts of sweeps that wait, in order, until the store fails.
    private func recordSweeps() async {
        while let part = sweepParts.first, Clock.monotonicNanoseconds() >= storeRestsUntil {
            do throws(StoreError) {
                try await record(part)
                if !isSpooling { hasRecovered() }
            } catch .notFound {
                // The subnet was deleted meanwhile, and its sweeps with it.
                if part.isFinished { log.info("sweep \(part.id) is over; its subnet was deleted meanwhile") }
            } catch {
                switch error {
                case .unavailable, .unusable: return rest(after: error)
                default: log.error("a part of sweep \(part.id) is lost: \(StoreSentence.of(error))")
                }
            }
            sweepParts.removeFirst()
        }
    }

    private func record(_ part: DiscoveryResult) async throws(StoreError) {
        let round = try await store.record(part, at: .now)
        guard part.isFinished else { return }
        log.info(
            "sweep of \(round.subnet.name) is over",
            [
                "scanned": "\(round.scanned)", "alive": "\(round.alive)", "added": "\(round.added.count)",
                "known": "\(round.known)", "refused": "\(round.refused.count)",
            ])
    }
}
