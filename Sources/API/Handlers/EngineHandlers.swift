import APIContract
import HTTPServer
import JSON
import Model
import Statistics
import Storage

extension Service {
    func listSchedule(_ call: Call) async -> Response {
        let page = await parts.engine.schedule(
            call.page, host: call.query.string("host"), plugin: call.query.string("plugin"))
        return call.answer(page) { $1.value(view(of: $0)) }
    }

    func listWorkers(_ call: Call) async throws(Problem) -> Response {
        var workers = try await stored { () async throws(StoreError) in try await parts.store.workers() }
            .compactMap { worker in
                WorkerState(of: worker, at: call.now).map { (worker: worker, state: $0) }
            }
        if call.page.isDescending { workers.reverse() }
        let items = Array(workers.dropFirst(call.page.skipped).prefix(call.page.perPage))
        return call.answer(Page(items: items, total: workers.count)) {
            $1.value(view(of: $0.worker, $0.state))
        }
    }

    func listQueues(_ call: Call) async -> Response {
        var queues = await parts.engine.queues()
        if call.page.sort == "name" { queues.sort { $0.name < $1.name } }
        if call.page.isDescending { queues.reverse() }
        let items = Array(queues.dropFirst(call.page.skipped).prefix(call.page.perPage))
        return call.answer(Page(items: items, total: queues.count)) { $1.value(view(of: $0)) }
    }

    func health(_ call: Call) async -> Response {
        let health = await parts.engine.health()
        let levels = health.parts.map(\.level)
        let worst: Health.Level =
            levels.contains(.error) ? .error : levels.contains(.warning) ? .warning : .ok
        let details = health.parts.map { part -> JSONValue in
            [
                "name": .string(part.name), "state": .string(part.level.rawValue),
                "detail": call.isKnown && !part.detail.isEmpty ? .string(part.detail) : .null,
            ]
        }
        return Answer.json(
            worst == .error ? 503 : 200,
            [
                "state": .string(worst.rawValue), "version": call.isKnown ? .string(health.version) : .null,
                "started_at": call.isKnown ? health.startedAt.json : .null, "parts": .array(details),
            ])
    }

    func metrics() async -> Response {
        let text = MetricText.write(await parts.engine.metrics())
        return Answer.content(MetricText.contentType, Array(text.utf8))
    }

    private func view(of entry: ScheduleEntry) -> JSONValue {
        [
            "host": .string(entry.host), "plugin": .string(entry.plugin),
            "interval": .integer(Int64(entry.interval)), "next_run": entry.nextRun.json,
            "last_run": entry.lastRun?.json ?? .null, "lateness_ms": JSONValue(entry.latenessMilliseconds),
            "skipped": .integer(Int64(entry.skipped)),
        ]
    }

    private func view(of queue: QueueState) -> JSONValue {
        [
            "name": .string(queue.name), "zone": queue.zone.map { .string($0) } ?? .null,
            "waiting": .integer(Int64(queue.waiting)), "capacity": .integer(Int64(queue.capacity)),
            "consumers": queue.consumers.map { .integer(Int64($0)) } ?? .null,
            "dead_letters": .integer(Int64(queue.deadLetters)),
            "trouble": queue.trouble.map { .string($0) } ?? .null,
        ]
    }

    private func view(of worker: WorkerReport, _ state: WorkerState) -> JSONValue {
        [
            "name": .string(worker.name), "state": .string(state.rawValue), "last_seen": worker.sentAt.json,
            "version": .string(worker.version), "address": .string(worker.address),
            "throughput": JSONValue(worker.throughput), "in_flight": .integer(Int64(worker.inFlight)),
            "input_queue_size": .integer(Int64(worker.inputQueueSize)),
        ]
    }
}
