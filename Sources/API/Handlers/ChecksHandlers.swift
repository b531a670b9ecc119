import APIContract
import HTTPServer
import JSON
import Model
import Storage

extension Service {
    func runCheck(_ call: Call) async throws(Problem) -> Response {
        let host = try await host(named: call.body.string("host") ?? "")
        let plugin = try await plugin(named: call.body.string("plugin") ?? "")
        guard !host.maintenance else {
            throw Problem(
                409, "host \"\(host.name)\" is in maintenance; set maintenance to false to run checks on it")
        }
        guard try await reaches(plugin, host) else {
            throw Problem(
                409,
                "no suite brings plugin \"\(plugin.name)\" to host \"\(host.name)\"; put both into one suite")
        }
        let wait = Duration.milliseconds(Int64((call.body.number("wait") ?? 0) * 1000))
        guard let run = await parts.engine.run(host: host, plugin: plugin, wait: wait) else {
            throw Problem(503, "the job queue is full; try again in some seconds")
        }
        if run.state == .done { return Answer.json(200, view(of: run, call.now)) }
        return Answer.json(
            202, view(of: run, call.now), location: Endpoint.named(.getCheck).path(["id": run.id]))
    }

    func getCheck(_ call: Call) async throws(Problem) -> Response {
        let id = call.path["id"] ?? ""
        guard let run = await parts.engine.run(id) else {
            throw Problem(404, "there is no run \"\(id.prefix(100))\"; runs are kept for ten minutes")
        }
        return Answer.json(200, view(of: run, call.now))
    }

    /// Whether the host or its subnet has a suite with the plugin.
    private func reaches(_ plugin: Plugin, _ host: Host) async throws(Problem) -> Bool {
        let suites = Set(plugin.suites)
        if !suites.isDisjoint(with: host.suites) { return true }
        guard let name = host.subnet else { return false }
        let subnet = try await stored { () async throws(StoreError) in
            try await parts.store.subnet(named: name)
        }
        return subnet?.suite.map(suites.contains) ?? false
    }

    /// The run with its result, or pending without one.
    private func view(of run: CheckRun, _ now: Timestamp) -> JSONWriter {
        let status =
            run.result
            ?? CheckStatus(
                host: run.host, plugin: run.plugin, state: .pending, interval: 0, timeout: 0,
                maintenance: false)
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.member("id", .string(run.id))
        writer.member("requested_at", run.requestedAt.json)
        writer.member("finished", .bool(run.state == .done))
        writer.statusMembers(status, now: now)
        writer.endObject()
        return writer
    }
}
