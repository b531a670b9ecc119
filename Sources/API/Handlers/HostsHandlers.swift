import APIContract
import HTTPServer
import JSON
import Model
import Storage

extension Service {
    func listHosts(_ call: Call) async throws(Problem) -> Response {
        let query = try call.objects()
        let page = try await stored { () async throws(StoreError) in try await parts.store.hosts(query) }
        return call.answer(page) { $1.value($0.view) }
    }

    func getHost(_ call: Call) async throws(Problem) -> Response {
        Answer.json(200, try await host(named: call.name).view)
    }

    func addHost(_ call: Call) async throws(Problem) -> Response {
        let body = call.body
        let address = body.string("address") ?? ""
        var host = Host(name: body.string("name") ?? address, address: address)
        host.take(body)
        host = host.normalised()
        guard body.has("name") else { return try await addNamedByAddress(host, body) }
        try refuse(host.validate(), given: body)
        return try await created(host)
    }

    func editHost(_ call: Call) async throws(Problem) -> Response {
        let before = try await host(named: call.name)
        var host = before
        host.take(call.body)
        host = host.normalised()
        try refuse(host.validate(), before: before.validate(), given: call.body)
        let edit = HostEdit(of: host, fields: call.body)
        let edited = try await stored { () async throws(StoreError) in
            try await parts.store.edit(hostNamed: call.name, edit)
        }
        return Answer.json(200, edited.view)
    }

    func deleteHost(_ call: Call) async throws(Problem) -> Response {
        try await stored { () async throws(StoreError) in try await parts.store.delete(hostNamed: call.name) }
        return Answer.nothing()
    }

    func host(named name: String) async throws(Problem) -> Host {
        let found = try await stored { () async throws(StoreError) in try await parts.store.host(named: name)
        }
        guard let found else { throw .notFound("host", name) }
        return found
    }

    /// Adds a host under its reverse name, or under its address when that name cannot be used or is taken.
    private func addNamedByAddress(_ host: Host, _ body: RequestBody) async throws(Problem) -> Response {
        var named = host
        named.name = host.address
        try refuse(named.validate().filter { $0.field != "name" }, given: body)
        guard let reverse = await reverseName(of: host.address) else { return try await created(named) }
        let byAddress = named
        named.name = reverse
        guard named.validate().isEmpty else { return try await created(byAddress) }
        do throws(Problem) {
            return try await created(named)
        } catch {
            guard error.status == 409, error.errors.first?.field == "name" else { throw error }
            return try await created(byAddress)
        }
    }

    private func created(_ host: Host) async throws(Problem) -> Response {
        let added = try await stored { () async throws(StoreError) in try await parts.store.add(host) }
        return Answer.json(201, added.view, location: Endpoint.named(.getHost).path(["name": added.name]))
    }

    /// The reverse name, asked for during two seconds at most.
    private func reverseName(of address: String) async -> String? {
        let (names, answer) = AsyncStream<String?>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let lookUp = parts.reverseName
        let question = Task { _ = answer.yield(await lookUp(address)) }
        let timer = Task {
            // A cancelled timer has nothing to say any more.
            guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
            _ = answer.yield(nil)
        }
        defer {
            question.cancel()
            timer.cancel()
        }
        for await name in names {
            guard let name, !name.isEmpty else { return nil }
            return name.hasSuffix(".") ? String(name.dropLast()) : name
        }
        return nil
    }
}

extension Host {
    /// Takes over the fields that a request gives.
    mutating func take(_ body: RequestBody) {
        name = body.string("name") ?? name
        address = body.string("address") ?? address
        login = body.string("login") ?? login
        port = body.integer("port") ?? port
        maintenance = body.boolean("maintenance") ?? maintenance
        history = body.boolean("history") ?? history
        suites = body.strings("suites").map(\.unique) ?? suites
        subnet = body.nullableString("subnet") ?? subnet
        zone = body.string("zone") ?? zone
        labels = body.map("labels") ?? labels
        variables = body.map("variables") ?? variables
    }
}

extension HostEdit {
    /// The fields of `host` that a request gives.
    init(of host: Host, fields: RequestBody) {
        self.init()
        if fields.has("name") { name = host.name }
        if fields.has("address") { address = host.address }
        if fields.has("login") { login = host.login }
        if fields.has("port") { port = host.port }
        if fields.has("maintenance") { maintenance = host.maintenance }
        if fields.has("history") { history = host.history }
        if fields.has("suites") { suites = host.suites }
        if fields.has("subnet") { subnet = .some(host.subnet) }
        if fields.has("zone") { zone = host.zone }
        if fields.has("labels") { labels = host.labels }
        if fields.has("variables") { variables = host.variables }
    }
}

extension [String] {
    /// Without repetitions, in order.
    var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
