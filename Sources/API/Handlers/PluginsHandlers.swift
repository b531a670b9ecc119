import APIContract
import HTTPServer
import JSON
import Model
import Storage

extension Service {
    func listPlugins(_ call: Call) async throws(Problem) -> Response {
        let query = try call.objects()
        let page = try await stored { () async throws(StoreError) in try await parts.store.plugins(query) }
        return call.answer(page) { $1.value($0.view) }
    }

    func getPlugin(_ call: Call) async throws(Problem) -> Response {
        Answer.json(200, try await plugin(named: call.name).view)
    }

    func addPlugin(_ call: Call) async throws(Problem) -> Response {
        let body = call.body
        var plugin = Plugin(name: body.string("name") ?? "", script: body.string("script") ?? "")
        plugin.take(body)
        let normal = plugin.normalised()
        try refuse(normal.validate(userMacros: parts.userMacros), given: body)
        try refuseMissingScript(of: normal)
        let added = try await stored { () async throws(StoreError) in try await parts.store.add(normal) }
        return Answer.json(201, added.view, location: Endpoint.named(.getPlugin).path(["name": added.name]))
    }

    func editPlugin(_ call: Call) async throws(Problem) -> Response {
        let before = try await plugin(named: call.name)
        var plugin = before
        plugin.take(call.body)
        plugin = plugin.normalised()
        try refuse(
            plugin.validate(userMacros: parts.userMacros),
            before: before.validate(userMacros: parts.userMacros), given: call.body)
        if call.body.has("script") || call.body.has("runner") { try refuseMissingScript(of: plugin) }
        let edit = PluginEdit(of: plugin, fields: call.body)
        let edited = try await stored { () async throws(StoreError) in
            try await parts.store.edit(pluginNamed: call.name, edit)
        }
        return Answer.json(200, edited.view)
    }

    func deletePlugin(_ call: Call) async throws(Problem) -> Response {
        try await stored { () async throws(StoreError) in try await parts.store.delete(pluginNamed: call.name)
        }
        return Answer.nothing()
    }

    /// Scripts of other runners are not on this machine; a file that goes away later is a result of the check.
    private func refuseMissingScript(of plugin: Plugin) throws(Problem) {
        guard plugin.runner == .local, let reason = parts.scriptRefusal(plugin.script) else { return }
        throw Problem(invalid: [FieldError(field: "script", reason: reason, value: .string(plugin.script))])
    }

    func plugin(named name: String) async throws(Problem) -> Plugin {
        let found = try await stored { () async throws(StoreError) in
            try await parts.store.plugin(named: name)
        }
        guard let found else { throw .notFound("plugin", name) }
        return found
    }
}

extension Plugin {
    /// Takes over the fields that a request gives.
    mutating func take(_ body: RequestBody) {
        name = body.string("name") ?? name
        runner = body.string("runner").flatMap { Runner(rawValue: $0) } ?? runner
        script = body.string("script") ?? script
        arguments = body.string("arguments") ?? arguments
        interval = body.integer("interval") ?? interval
        timeout = body.integer("timeout") ?? timeout
        description = body.string("description") ?? description
        suites = body.strings("suites").map(\.unique) ?? suites
        allowSilent = body.boolean("allow_silent") ?? allowSilent
        allowBackground = body.boolean("allow_background") ?? allowBackground
        warm = body.boolean("warm") ?? warm
        zones = body.strings("zones").map(\.unique) ?? zones
        quorum = body.integer("quorum") ?? quorum
    }
}

extension PluginEdit {
    /// The fields of `plugin` that a request gives.
    init(of plugin: Plugin, fields: RequestBody) {
        self.init()
        if fields.has("name") { name = plugin.name }
        if fields.has("runner") { runner = plugin.runner }
        if fields.has("script") { script = plugin.script }
        if fields.has("arguments") { arguments = plugin.arguments }
        if fields.has("interval") { interval = plugin.interval }
        if fields.has("timeout") { timeout = plugin.timeout }
        if fields.has("description") { description = plugin.description }
        if fields.has("suites") { suites = plugin.suites }
        if fields.has("allow_silent") { allowSilent = plugin.allowSilent }
        if fields.has("allow_background") { allowBackground = plugin.allowBackground }
        if fields.has("warm") { warm = plugin.warm }
        if fields.has("zones") { zones = plugin.zones }
        if fields.has("quorum") { quorum = plugin.quorum }
    }
}
