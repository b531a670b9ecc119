import API
import Model
import Posix
import Storage

/// Runs that people asked for, from the moment of asking until ten minutes after their result.
actor RunBoard {
    private struct Key: Hashable {
        let check: CheckID
        let due: Timestamp
    }

    private struct Waiter {
        let number: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    /// Runs remembered at once; the oldest go first.
    private static let limit = 10_000
    private static let memory = Duration.seconds(600)
    private static let lookEvery = Duration.milliseconds(200)

    private var runs: [String: CheckRun] = [:]
    private var order: [String] = []
    private var idOfRun: [Key: String] = [:]
    private var dueOfRun: [String: Timestamp] = [:]
    private var waiters: [String: [Waiter]] = [:]
    private var lastNumber = 0
    private let start = Timestamp.now.microseconds

    /// Takes note of a job that was queued for somebody.
    func add(_ job: CheckJob) -> CheckRun {
        forgetOld(at: .now)
        lastNumber += 1
        let id = String(start, radix: 36) + "-" + String(lastNumber)
        let run = CheckRun(
            id: id, host: job.host.name, plugin: job.plugin.name, state: .queued, requestedAt: .now)
        runs[id] = run
        order.append(id)
        idOfRun[Key(check: job.check, due: job.due)] = id
        dueOfRun[id] = job.due
        return run
    }

    func run(_ id: String) -> CheckRun? { runs[id] }

    /// Forgets a run that could not be queued.
    func remove(_ id: String) {
        runs[id] = nil
        dueOfRun[id] = nil
        order.removeAll { $0 == id }
        idOfRun = idOfRun.filter { $0.value != id }
    }

    /// Puts the results that somebody asked for to their runs and wakes those who wait; cheap when nobody asked.
    func recorded(_ results: [CheckResult], in store: any Store) async {
        guard !idOfRun.isEmpty else { return }
        for result in results {
            guard let id = idOfRun[Key(check: result.check, due: result.due)], let run = runs[id] else {
                continue
            }
            let query = StatusQuery(host: run.host, plugin: run.plugin)
            // The run's own result counts even when the store cannot be read now or has a newer one.
            let current = try? await store.statuses(query).items.first
            finish(result, with: Self.status(of: result, run, like: current))
        }
    }

    /// Waits at most `limit` for the result of a run that another process records, and returns the run as it is then.
    func look(for id: String, in store: any Store, atMost limit: Duration) async -> CheckRun? {
        let end = Timestamp.now + limit
        while let run = runs[id], run.state == .queued {
            let query = StatusQuery(host: run.host, plugin: run.plugin)
            let due = dueOfRun[id]
            // A store that cannot be read now is asked again.
            if let status = try? await store.statuses(query).items.first, let due, let last = status.due,
                last >= due
            {
                runs[id]?.state = .done
                runs[id]?.result = status
                break
            }
            guard Timestamp.now < end, !Task.isCancelled else { break }
            try? await Task.sleep(for: Self.lookEvery)  // Cancelled: it looks once more.
        }
        return runs[id]
    }

    private static func status(of result: CheckResult, _ run: CheckRun, like current: CheckStatus?)
        -> CheckStatus
    {
        CheckStatus(
            host: run.host, plugin: run.plugin, state: result.state, exitCode: result.exitCode,
            cause: result.cause,
            output: result.output, due: result.due, started: result.started, ended: result.ended,
            stateSince: current?.due == result.due ? current?.stateSince : nil, worker: result.worker,
            interval: current?.interval ?? 0, timeout: current?.timeout ?? 0, maintenance: false)
    }

    private func finish(_ result: CheckResult, with status: CheckStatus) {
        guard let id = idOfRun.removeValue(forKey: Key(check: result.check, due: result.due)) else { return }
        runs[id]?.state = .done
        runs[id]?.result = status
        for waiter in waiters.removeValue(forKey: id) ?? [] { waiter.continuation.resume() }
    }

    /// Waits at most `limit` for a run to be done and returns it as it is then.
    func wait(for id: String, atMost limit: Duration) async -> CheckRun? {
        guard runs[id]?.state == .queued, limit > .zero else { return runs[id] }
        lastNumber += 1
        let number = lastNumber
        let timeout = Task { [weak self] in
            try? await Task.sleep(for: limit)  // Cancelled: the run was done first.
            await self?.wake(number, of: id)
        }
        await withCheckedContinuation { continuation in
            waiters[id, default: []].append(Waiter(number: number, continuation: continuation))
        }
        timeout.cancel()
        return runs[id]
    }

    private func wake(_ number: Int, of id: String) {
        guard let index = waiters[id]?.firstIndex(where: { $0.number == number }) else { return }
        waiters[id]?.remove(at: index).continuation.resume()
    }

    private func forgetOld(at now: Timestamp) {
        while let oldest = order.first, let run = runs[oldest],
            order.count >= Self.limit || now - run.requestedAt > Self.memory
        {
            order.removeFirst()
            runs[oldest] = nil
            dueOfRun[oldest] = nil
            idOfRun = idOfRun.filter { $0.value != oldest }
            for waiter in waiters.removeValue(forKey: oldest) ?? [] { waiter.continuation.resume() }
        }
    }
}
