import API
import Log
import Model
import Posix
import Storage

/// Begins the sweeps of subnets with automatic discovery, each every interval, until cancelled.
///
/// A subnet's sweeps are anchored to the clock by its identity, like checks: a restart neither skips nor repeats one.
struct SweepTimer: Sendable {
    /// How often the list of subnets is looked at.
    private static let step = Duration.seconds(1)

    let store: any Store
    let engine: any Engine
    /// Sweeps are begun where checks are scheduled.
    let scheduler: Scheduler
    let log: Log

    func run() async {
        var last = Timestamp.now
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.step)
            } catch {
                return
            }
            let now = Timestamp.now
            if await scheduler.isDriving { await beginSweeps(after: last, until: now) }
            last = now
        }
    }

    private func beginSweeps(after last: Timestamp, until now: Timestamp) async {
        var page = PageRequest(page: 1, perPage: 500)
        do {
            while true {
                let part = try await store.subnets(ObjectQuery(page: page))
                for subnet in part.items where Self.isDue(subnet, after: last, until: now) {
                    await sweep(subnet)
                }
                guard page.page * page.perPage < part.total else { return }
                page.page += 1
            }
        } catch {
            log.warning("sweeps by interval have to wait: \(StoreSentence.of(error))")
        }
    }

    private func sweep(_ subnet: Subnet) async {
        do {
            _ = try await engine.discover(subnetNamed: subnet.name)
        } catch {
            log.warning("no sweep of \(subnet.name): \(StoreSentence.of(error))")
        }
    }

    /// Whether one of the times `phase + n * interval` lies in the span.
    static func isDue(_ subnet: Subnet, after last: Timestamp, until now: Timestamp) -> Bool {
        guard subnet.autoDiscovery, now > last else { return false }
        let interval = Int64(max(1, subnet.interval))
        let phase = subnet.id.value &* 7919 % interval
        return (now.seconds - phase) / interval > (last.seconds - phase) / interval
    }
}
