import API
import Foundation
import HTTPServer
import JSON
import Log
import Model
import Secrets
import Statistics
import Storage
import TestSupport
import Testing

/// An answer of the API with its JSON.
struct APIAnswer {
    let raw: RawAnswer
    let json: JSONValue

    var status: Int { raw.status }
    subscript(name: String) -> JSONValue? { json[name] }
    /// Names of the fields that a problem complains about.
    var fields: [String] { (json["errors"]?.asArray ?? []).compactMap { $0["field"]?.asString } }
    /// Why, of the first.
    var reason: String { json["errors"]?[0]?["reason"]?.asString ?? "" }
    var items: [JSONValue] { json["items"]?.asArray ?? [] }
}

/// The real server with a real store, for one test.
struct TestAPI: Sendable {
    static let token = "the-token-of-the-tests"
    static let now = Timestamp(seconds: 1_790_000_000)

    let server: APIServer
    let store: SQLStore
    let archives: Archives
    let engine: FakeEngine
    var port: Int { server.port }

    /// Starts a server in a folder of its own, runs `body`, and stops it.
    static func running(
        reverseName: @escaping @Sendable (String) async -> String? = { _ in nil },
        scriptRefusal: @escaping @Sendable (String) -> String? = { _ in nil },
        clock: @escaping @Sendable () -> Timestamp = { now },
        _ body: (TestAPI) async throws -> Void
    ) async throws {
        let folder = NSTemporaryDirectory() + "api-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let log = Log(part: "api", level: .error, sink: { _ in })
        let store = try await SQLStore.open(path: folder + "/test.db", log: log) { _ in }
        let archives = Archives(folder: folder + "/rrd", log: log)
        let engine = FakeEngine(store: store)
        let parts = APIServer.Parts(
            store: store, engine: engine, statistics: archives, token: AccessToken(token),
            userMacros: ["USER1"], version: "9.9", now: clock, scriptRefusal: scriptRefusal,
            reverseName: reverseName)
        let server = APIServer(listen: try ListenAddress("127.0.0.1:0"), parts: parts, log: log)
        try server.start()
        let api = TestAPI(server: server, store: store, archives: archives, engine: engine)
        do {
            try await body(api)
        } catch {
            await api.end()
            throw error
        }
        await api.end()
    }

    private func end() async {
        await server.stop(grace: .seconds(1))
        await store.close()
    }

    /// Sends a request with the token to a path below /api/v1, or to any path that begins with two slashes.
    func send(
        _ method: String, _ path: String, _ body: String? = nil, token: String? = TestAPI.token,
        type: String? = "application/json", headers: String = ""
    ) async throws -> APIAnswer {
        let target = path.hasPrefix("//") ? String(path.dropFirst()) : "/api/v1" + path
        var text = "\(method) \(target) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n" + headers
        if let token { text += "Authorization: Bearer \(token)\r\n" }
        if let body {
            if let type { text += "Content-Type: \(type)\r\n" }
            text += "Content-Length: \(body.utf8.count)\r\n\r\n" + body
        } else {
            text += "\r\n"
        }
        let raw = await RawClient.send(text, port: port)
        let isJSON = raw.header("Content-Type")?.contains("json") ?? false
        return APIAnswer(
            raw: raw, json: isJSON && !raw.body.isEmpty ? try JSONValue(parsing: raw.body) : .null)
    }

    func get(_ path: String) async throws -> APIAnswer { try await send("GET", path) }
    func post(_ path: String, _ body: String? = nil) async throws -> APIAnswer {
        try await send("POST", path, body)
    }
    func patch(_ path: String, _ body: String) async throws -> APIAnswer {
        try await send("PATCH", path, body)
    }
    func delete(_ path: String) async throws -> APIAnswer { try await send("DELETE", path) }

    /// A host, a plugin and a suite that joins them.
    func addExample() async throws {
        for (path, body) in [
            ("/suites", #"{"name":"base"}"#),
            ("/hosts", #"{"name":"web1","address":"127.0.0.1","suites":["base"]}"#),
            ("/plugins", #"{"name":"load","script":"check_load","suites":["base"]}"#),
        ] {
            let answer = try await post(path, body)
            #expect(answer.status == 201, "\(path) \(answer.raw.text)")
        }
    }

    /// A result of the example's check.
    func record(
        state: CheckState = .critical, output: PluginOutput, due: Timestamp = TestAPI.now
    ) async throws {
        let host = try #require(try await store.host(named: "web1"))
        let plugin = try #require(try await store.plugin(named: "load"))
        _ = try await store.record([
            CheckResult(
                check: CheckID(host: host.id, plugin: plugin.id), due: due,
                started: due + .microseconds(1500), ended: due + .microseconds(4000), state: state,
                cause: .exited, exitCode: state.rawValue, output: output, worker: "w1")
        ])
    }
}
