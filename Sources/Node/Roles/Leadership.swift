import Log
import Model
import Storage

/// Lets one scheduler of all nodes drive the schedule: the others stand by and take over when it is gone.
///
/// A leader that cannot reach the database goes on: checks never wait for it. Nobody can take over meanwhile, unless the
/// database lives and only we are cut off from it.
struct Leadership: Sendable {
    /// A leader that died is replaced after this and one answer of the database.
    private static let step = Duration.seconds(2)

    let store: any Store
    let scheduler: Scheduler
    /// Nil where all runs are of this process.
    let relay: EndRelay?
    /// Unique for every start of a process.
    let node: String
    let log: Log

    /// Takes the lead when it is free; later calls of ``run(isLeading:)`` go on from what this returns.
    func begin() async throws(StoreError) -> Bool {
        guard try await store.lead(as: node) != nil else {
            log.info(
                "another scheduler drives the checks; this one stands by and takes over when that one is gone"
            )
            return false
        }
        try await drive()
        return true
    }

    /// Sweeps that were under way are of a scheduler that is gone.
    private func drive() async throws(StoreError) {
        try await store.abandonDiscoveries(at: .now)
        await scheduler.prepare()
        relay?.begin()
        do throws(StoreError) {
            await scheduler.start(try await store.schedule())
        } catch {
            relay?.end()
            await scheduler.resign()
            throw error
        }
    }

    /// Looks after the lead until cancelled.
    func run(isLeading: Bool) async {
        var isLeading = isLeading
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.step)
            } catch {
                return
            }
            do throws(StoreError) {
                isLeading = try await look(isLeading)
            } catch {
                // The store says so itself; until it is back all stays as it is.
                log.debug("who leads is not known now: \(StoreSentence.of(error))")
            }
        }
    }

    private func look(_ isLeading: Bool) async throws(StoreError) -> Bool {
        let epoch = try await store.lead(as: node)
        if let epoch, !isLeading {
            try await drive()
            log.info("this scheduler took over", ["epoch": "\(epoch)"])
        } else if epoch == nil, isLeading {
            relay?.end()
            await scheduler.resign()
            log.warning(
                "another scheduler took over while this one could not reach the database; standing by")
        }
        return epoch != nil
    }
}
