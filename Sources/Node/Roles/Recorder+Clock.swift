import Log
import Model
import Storage

/// What goes by the wall clock: deleting old history, and the samples of the archives.
extension Recorder {
    /// How far ahead of the last deletion the clock may be, and how long a clock further ahead is doubted: a wrong one
    /// would delete all history.
    private static let retentionTolerance = Duration.seconds(86_400)
    private static let retentionPatience = Duration.seconds(3 * 86_400)
    /// The same for the archives: a sample from the future keeps all others out until then.
    private static let archiveTolerance = Duration.seconds(60)
    private static let archivePatience = Duration.seconds(600)
    /// Reports that may wait for the archives; the oldest go first.
    private static let unarchivedLimit = 1000

    /// Deletes old history once a minute until cancelled.
    func runRetention() async {
        while !Task.isCancelled {
            await deleteOld(at: .now, .monotonic)
            try? await Task.sleep(for: .seconds(60))  // Cancelled: the loop ends.
        }
    }

    /// Deletes old history in small pieces, unless the clock that tells its age was just set far ahead.
    func deleteOld(at now: Timestamp, _ monotonic: Duration) async {
        let limit = now + .seconds(-86_400 * settings.historyRetentionDays)
        do {
            guard try await isOld(at: now, monotonic) else { return }
            while try await store.pruneHistory(before: limit, atMost: 5000) == 5000, !Task.isCancelled {}
            try await store.endRetention(before: limit, at: now)
        } catch {
            log.warning("old history is kept for now: \(StoreSentence.of(error))")
        }
    }

    /// Whether the clock is believed when it says what is old.
    private func isOld(at now: Timestamp, _ monotonic: Duration) async throws(StoreError) -> Bool {
        var clock: BelievedClock
        if let known = retentionClock {
            clock = known
        } else {
            clock = BelievedClock(
                tolerance: Self.retentionTolerance, patience: Self.retentionPatience,
                lastBelieved: try await store.lastRetention() ?? now, monotonic)
        }
        let decision = clock.decide(at: now, monotonic)
        retentionClock = clock
        guard case .doubt(let ahead, let isNew) = decision else { return true }
        if isNew {
            log.warning(
                "the clock is \(ahead.components.seconds / 3600) h ahead of where old history was last deleted; "
                    + "nothing is deleted for three days; set the clock if it is wrong")
        }
        return false
    }

    /// Counts hosts and checks into the global archive at every step until cancelled.
    func runStatistics() async {
        while !Task.isCancelled {
            let step = Int64(settings.statisticsInterval)
            let now = Timestamp.now.seconds
            // Cancelled: one more sample and the end.
            try? await Task.sleep(for: .seconds(step - now % step))
            guard isTimely(at: .now, .monotonic) else { continue }
            do {
                await archives.record(try await store.counts(), at: .now, now: .now)
            } catch {
                log.warning("no sample for the global archive: \(StoreSentence.of(error))")
            }
        }
    }

    /// Hands reports to the archives without waiting: these may be slow, and results may not wait for them.
    func archive(_ reports: [WorkerReport]) {
        guard isTimely(at: .now, .monotonic) else { return }
        unarchived = (unarchived + reports).suffix(Self.unarchivedLimit)
        guard archiving == nil else { return }
        archiving = Task {
            while !unarchived.isEmpty {
                let batch = unarchived
                unarchived = []
                await archives.record(batch, now: .now)
            }
            archiving = nil
        }
    }

    /// Whether the clock is believed when it dates a sample.
    func isTimely(at now: Timestamp, _ monotonic: Duration) -> Bool {
        var clock =
            archiveClock
            ?? BelievedClock(
                tolerance: Self.archiveTolerance, patience: Self.archivePatience, lastBelieved: now, monotonic
            )
        let decision = clock.decide(at: now, monotonic)
        archiveClock = clock
        guard case .doubt(let ahead, let isNew) = decision else { return true }
        if isNew {
            log.warning(
                "the clock was set \(ahead.components.seconds) s ahead; no statistics are kept for ten minutes; "
                    + "set the clock if it is wrong")
        }
        return false
    }
}
