import APIContract
import JSON
import Testing

/// A generator that gives the same numbers in every run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 33)
    }
}

@Suite("The API, random input")
struct FuzzTests {
    @Test("no query and no body brings the server down or out of words", arguments: 0..<4)
    func noise(seed: UInt64) async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            var generator = SeededGenerator(state: seed)
            for _ in 0..<150 {
                let endpoint = try #require(Endpoint.all.randomElement(using: &generator))
                let name =
                    ["web1", "load", "base", "x", "%00", "a%2Fb", "%"].randomElement(using: &generator) ?? ""
                let path = endpoint.path.split(separator: "/").map { part in
                    part.hasPrefix("{") ? name + part.drop { $0 != "}" }.dropFirst() : String(part)
                }
                let query = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    let field = endpoint.query.randomElement(using: &generator)?.name ?? "x"
                    return "\(field)=\(value(&generator))"
                }
                let target = "//" + path.joined(separator: "/") + "?" + query.joined(separator: "&")
                let answer = try await api.send(endpoint.method.rawValue, target, body(endpoint, &generator))
                let isQuiet = endpoint.id == .globalGraph && answer.status == 503
                #expect((200..<500).contains(answer.status) || isQuiet, "\(target) \(answer.raw.text)")
                if answer.status >= 400 {
                    #expect(answer.raw.header("Content-Type") == Problem.contentType)
                }
            }
            #expect(try await api.get("/status").status == 200)
        }
    }

    private func value(_ generator: inout SeededGenerator) -> String {
        let values = [
            "", "0", "-1", "1", "99999999999999999999", "name", "-name", "%F0%9F%98%80", "%", "ok", "a,b,,",
            "-24h", "-9999999999d", "2026-01-01T00:00:00Z", "9e99", "%22%27--;drop", "true", "a=b", "+",
            "checks_ok",
        ]
        return values.randomElement(using: &generator) ?? ""
    }

    private func body(_ endpoint: Endpoint, _ generator: inout SeededGenerator) -> String {
        var members: [JSONMember] = []
        for field in endpoint.body.fields where Bool.random(using: &generator) {
            members.append(JSONMember(field.name, json(&generator)))
        }
        var bytes = JSONValue.object(members).bytes()
        if Int.random(in: 0..<4, using: &generator) == 0 {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                in: 1...127, using: &generator)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func json(_ generator: inout SeededGenerator) -> JSONValue {
        let values: [JSONValue] = [
            nil, true, 0, -1, 1, 65536, 1.5, 1e300, "", "web1", "base", "127.0.0.0/8", "::1", "$X$",
            "a\u{0}b",
            "icmp", "ssh", "builtin", "../x", .array([]), ["base"], ["x", 1], .object([]), ["a": "b"],
            ["a": nil],
            .string(String(repeating: "y", count: 5000)),
        ]
        return values.randomElement(using: &generator) ?? .null
    }
}
