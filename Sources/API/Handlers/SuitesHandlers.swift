import APIContract
import HTTPServer
import JSON
import Model
import Storage

extension Service {
    func listSuites(_ call: Call) async throws(Problem) -> Response {
        let query = try call.objects()
        let page = try await stored { () async throws(StoreError) in try await parts.store.suites(query) }
        return call.answer(page) { $1.value($0.view) }
    }

    func getSuite(_ call: Call) async throws(Problem) -> Response {
        Answer.json(200, try await suite(named: call.name).view)
    }

    func addSuite(_ call: Call) async throws(Problem) -> Response {
        var suite = Suite(name: call.body.string("name") ?? "")
        suite.take(call.body)
        let normal = suite.normalised()
        try refuse(normal.validate(), given: call.body)
        let added = try await stored { () async throws(StoreError) in try await parts.store.add(normal) }
        return Answer.json(201, added.view, location: Endpoint.named(.getSuite).path(["name": added.name]))
    }

    func editSuite(_ call: Call) async throws(Problem) -> Response {
        let before = try await suite(named: call.name)
        var suite = before
        suite.take(call.body)
        suite = suite.normalised()
        try refuse(suite.validate(), before: before.validate(), given: call.body)
        let edit = SuiteEdit(of: suite, fields: call.body)
        let edited = try await stored { () async throws(StoreError) in
            try await parts.store.edit(suiteNamed: call.name, edit)
        }
        return Answer.json(200, edited.view)
    }

    func deleteSuite(_ call: Call) async throws(Problem) -> Response {
        try await stored { () async throws(StoreError) in try await parts.store.delete(suiteNamed: call.name)
        }
        return Answer.nothing()
    }

    private func suite(named name: String) async throws(Problem) -> Suite {
        let found = try await stored { () async throws(StoreError) in try await parts.store.suite(named: name)
        }
        guard let found else { throw .notFound("suite", name) }
        return found
    }
}

extension Suite {
    /// Takes over the fields that a request gives.
    mutating func take(_ body: RequestBody) {
        name = body.string("name") ?? name
        description = body.string("description") ?? description
        plugins = body.strings("plugins").map(\.unique) ?? plugins
        hosts = body.strings("hosts").map(\.unique) ?? hosts
        subnets = body.strings("subnets").map(\.unique) ?? subnets
    }
}

extension SuiteEdit {
    /// The fields of `suite` that a request gives.
    init(of suite: Suite, fields: RequestBody) {
        self.init()
        if fields.has("name") { name = suite.name }
        if fields.has("description") { description = suite.description }
        if fields.has("plugins") { plugins = suite.plugins }
        if fields.has("hosts") { hosts = suite.hosts }
        if fields.has("subnets") { subnets = suite.subnets }
    }
}
