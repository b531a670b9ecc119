import Foundation
import Glibc
package import HTTPClient
package import JSON

/// The real `ppalette` in a sandbox, with a client that holds its token.
package final class EngineUnderTest: @unchecked Sendable {
    // `@unchecked`: one test uses it, from one task at a time.
    package let sandbox: Sandbox
    package let port = Sandbox.freePort()
    package private(set) var process: RunningProgram?
    private let configuration: String

    package var url: String { "http://127.0.0.1:\(port)" }
    package var state: String { sandbox.path + "/state" }
    package var plugins: String { sandbox.path + "/plugins" }
    package var tokenFile: String { state + "/admin.token" }
    package var log: String { sandbox.text(of: "engine.log") }

    /// Writes a configuration; `extra` is appended to it as it is.
    package init(in sandbox: Sandbox, extra: String = "") throws {
        self.sandbox = sandbox
        try FileManager.default.createDirectory(
            atPath: sandbox.path + "/plugins", withIntermediateDirectories: true)
        configuration = try sandbox.write(
            "ppalette.yaml",
            """
            state_dir: \(sandbox.path)/state
            listen: 127.0.0.1:\(port)
            plugin_paths: [/usr/lib/nagios/plugins, \(Sandbox.project)/plugins, \(sandbox.path)/plugins]
            \(extra)
            """)
    }

    /// Starts the program and waits until its API answers; as another `user` without any capability when asked to.
    ///
    /// `wrapper` is a program with arguments that ends in starting what follows it, as `unshare` does.
    package func start(
        environment: [String: String] = [:], user: UInt32? = nil, through wrapper: [String] = []
    ) async throws {
        let prefix =
            user.map { ["/usr/bin/setpriv", "--reuid=\($0)", "--regid=\($0)", "--clear-groups"] } ?? []
        let command = wrapper + prefix + [Sandbox.binaries + "/ppalette", "run", "--config", configuration]
        process = try sandbox.start(
            command[0], Array(command.dropFirst()), environment: environment, log: "engine.log")
        guard await eventually(within: 30, { self.isUp || self.process?.isRunning == false }), isUp else {
            let end = process?.exitCode.map { "it ended with \($0)" } ?? "it runs and does not answer"
            throw EngineFailure(description: "the engine did not start, \(end):\n\(log)")
        }
    }

    /// A head without workers answers as well: that it is unwell.
    private var isUp: Bool {
        (try? get("/health", token: nil).status).map { [200, 503].contains($0) } ?? false
    }

    /// Ends it as an operator does and returns its exit code.
    package func stop() async throws -> Int32 {
        guard let process else { throw EngineFailure(description: "it was never started") }
        process.terminate()
        guard await eventually(within: 30, { !process.isRunning }) else {
            throw EngineFailure(description: "it did not end after TERM:\n\(log)")
        }
        let code = process.exitCode ?? -1
        if code != 0 { print("the engine ended with \(code):\n\(log.suffix(4000))") }
        return code
    }

    /// Ends it as a power cut does.
    package func killHard() {
        process?.killNow()
    }

    package var token: String? {
        (try? String(contentsOfFile: tokenFile, encoding: .utf8))?.trimmingCharacters(
            in: .whitespacesAndNewlines)
    }

    package func get(_ path: String) throws -> (status: Int, json: JSONValue) { try get(path, token: token) }

    package func get(_ path: String, token: String?) throws -> (status: Int, json: JSONValue) {
        try send("GET", path, body: nil, token: token)
    }

    @discardableResult
    package func post(_ path: String, _ body: JSONValue) throws -> (status: Int, json: JSONValue) {
        try send("POST", path, body: body.bytes(), token: token)
    }

    @discardableResult
    package func patch(_ path: String, _ body: JSONValue) throws -> (status: Int, json: JSONValue) {
        try send("PATCH", path, body: body.bytes(), token: token)
    }

    @discardableResult
    package func delete(_ path: String) throws -> (status: Int, json: JSONValue) {
        try send("DELETE", path, body: nil, token: token)
    }

    package func send(
        _ method: String, _ path: String, body: [UInt8]?, token: String?
    ) throws -> (status: Int, json: JSONValue) {
        let response = try raw(method, path, body: body, token: token)
        let json = response.body.isEmpty ? JSONValue.null : (try? JSONValue(parsing: response.body)) ?? .null
        return (response.status, json)
    }

    package func raw(_ method: String, _ path: String, body: [UInt8]? = nil, token: String?) throws
        -> HTTPResponse
    {
        var headers: [(name: String, value: String)] = []
        if let token { headers.append((name: "Authorization", value: "Bearer " + token)) }
        if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        let whole = path.hasPrefix("/metrics") ? path : "/api/v1" + path
        return try HTTPClient().send(
            HTTPRequest(method: method, url: url + whole, headers: headers, body: body))
    }

    /// The status of one check; nil when there is no such check.
    package func status(host: String, plugin: String) throws -> JSONValue? {
        try get("/status?host=\(host)&plugin=\(plugin)").json["items"]?[0]
    }

    /// Runs `ppadm` against this engine.
    package func ppadm(_ arguments: String...) throws -> (code: Int32, output: String, errors: String) {
        try Sandbox.run(
            Sandbox.binaries + "/ppadm", ["--url", url, "--token-file", tokenFile] + arguments)
    }

    /// Makes a suite with one plugin and one host, and returns when all three are there.
    package func add(
        host: String = "h1", address: String = "127.0.0.1", plugin: String = "p1", suite: String = "s1",
        _ fields: JSONValue
    ) throws {
        try expect(post("/suites", .object([JSONMember("name", .string(suite))])), 201)
        var members = fields.asObject ?? []
        members.append(JSONMember("name", .string(plugin)))
        members.append(JSONMember("suites", [.string(suite)]))
        try expect(post("/plugins", .object(members)), 201)
        try expect(
            post(
                "/hosts",
                .object([
                    JSONMember("name", .string(host)), JSONMember("address", .string(address)),
                    JSONMember("suites", [.string(suite)]),
                ])), 201)
    }

    private func expect(_ answer: (status: Int, json: JSONValue), _ status: Int) throws {
        guard answer.status == status else {
            throw EngineFailure(
                description: "expected \(status), got \(answer.status): \(answer.json.text())")
        }
    }
}

package struct EngineFailure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}
