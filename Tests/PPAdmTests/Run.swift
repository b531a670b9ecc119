import APIContract
import CommandLine
import Foundation
import JSON
import Model
import Testing

@testable import ppadm

/// What one run of ppadm left behind.
struct Run {
    var status: Int32
    var output: String
    var errors: String
    var requests: [FakeAPI.Request] = []
}

/// The moment at which tests take place: 2026-11-21T12:00:00Z.
let testClock: Int64 = 1_795_262_400

/// Runs ppadm with captured streams and nothing of this machine's configuration.
func ppadm(
    _ arguments: [String], environment: [String: String] = [:], output: Terminal = Terminal(),
    errors: Terminal = Terminal(), reply: String? = nil
) -> Run {
    let written = Captured()
    let console = Console(
        output: output, errors: errors, canAsk: reply != nil, writeOutput: { written.output += $0 },
        writeErrors: { written.errors += Array($0.utf8) }, readAnswer: { reply })
    let status = PPAdm.run(
        arguments, environment: ["HOME": "/nonexistent"].merging(environment) { $1 },
        clock: { testClock }, console: { _ in console })
    return Run(
        status: status, output: String(decoding: written.output, as: UTF8.self),
        errors: String(decoding: written.errors, as: UTF8.self))
}

private final class Captured {
    var output: [UInt8] = []
    var errors: [UInt8] = []
}

/// Runs ppadm against a server that gives these answers by "METHOD /path", and 404 for all else.
///
/// Every request must fit the declaration of the API.
func ppadm(
    _ arguments: [String], answers: [String: FakeAPI.Answer], environment: [String: String] = [:],
    output: Terminal = Terminal(), errors: Terminal = Terminal(), reply: String? = nil
) throws -> Run {
    let api = try FakeAPI { request in
        let isResting = request.query.contains { $0.name == "maintenance" && $0.value == "true" }
        let page = request.query.first { $0.name == "page" }.map { "?page=" + $0.value } ?? ""
        let state = request.query.first { $0.name == "state" }.map { "?state=" + $0.value } ?? ""
        let keys = ([isResting ? "?maintenance=true" : "", page, state].filter { !$0.isEmpty } + [""]).map {
            "\(request.method) \(request.path)\($0)"
        }
        let missing = FakeAPI.Answer.problem(404, #"{"title": "Not Found", "detail": "no such thing"}"#)
        return keys.compactMap { answers[$0] }.first ?? missing
    }
    defer { api.stop() }
    let variables = ["PPADM_URL": api.url, "PPADM_TOKEN": "secret"].merging(environment) { $1 }
    var run = ppadm(arguments, environment: variables, output: output, errors: errors, reply: reply)
    run.requests = api.requests
    for request in run.requests { expectDeclared(request) }
    return run
}

/// Holds a request against the contract: path, parameters and body.
private func expectDeclared(_ request: FakeAPI.Request) {
    let parts = request.path.split(separator: "/")
    let endpoint = Endpoint.all.first { endpoint in
        let declared = endpoint.path.split(separator: "/")
        return endpoint.method.rawValue == request.method && declared.count == parts.count
            && zip(declared, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
    guard let endpoint else {
        Issue.record("no such call: \(request.method) \(request.path)")
        return
    }
    #expect(throws: Never.self) {
        _ = try QueryValues(request.query, for: endpoint.query, now: Timestamp(seconds: testClock))
        if !request.body.isEmpty {
            _ = try RequestBody(JSONValue(parsing: request.body), for: endpoint.body)
        }
    }
}

/// Compares text with `Tests/Golden/ppadm/<name>`; RECORD_GOLDEN=1 writes the file and fails.
func expectGolden(_ text: String, _ name: String, in folder: String = "Tests/Golden/ppadm") throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let file = root.appending(path: folder).appending(path: name).standardizedFileURL
    if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: file, atomically: true, encoding: .utf8)
        Issue.record("\(name) is recorded; look at it and run again without RECORD_GOLDEN")
    }
    let recorded = try? String(contentsOf: file, encoding: .utf8)
    #expect(text == recorded, "\(folder)/\(name) differs; RECORD_GOLDEN=1 records it anew")
}
