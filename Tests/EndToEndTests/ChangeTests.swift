import Foundation
import JSON
import TestSupport
import Testing

/// Changes of the configuration while checks run.
@Suite("Changes under load, end to end")
struct ChangeTests {
    @Test("adding, editing and deleting objects moves no other check and misses no run")
    func nothingMoves() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        try engine.add([
            "runner": "builtin", "script": "icmp", "arguments": "-n 1", "interval": 1, "timeout": 5,
        ])
        for number in 2...40 {
            try engine.post(
                "/hosts",
                [
                    "name": .string("h\(number)"), "address": .string("127.0.0.\(number)"), "suites": ["s1"],
                ])
        }
        let phase = { (entry: JSONValue) in entry["next_run"]?.asString?.suffix(5) ?? "" }
        let phases = {
            let items = try engine.get("/schedule?plugin=p1&per_page=100").json["items"]?.asArray ?? []
            return Dictionary(
                items.map { ($0["host"]?.asString ?? "", phase($0)) }, uniquingKeysWith: { first, _ in first }
            )
        }
        let before = try phases()
        #expect(before.count == 40)
        for number in 100..<160 {
            let name = "x\(number)"
            #expect(
                try engine.post(
                    "/hosts",
                    ["name": .string(name), "address": .string("127.0.1.\(number)"), "suites": ["s1"]]
                ).status == 201)
            #expect(try engine.patch("/hosts/\(name)", ["labels": ["a": "b"]]).status == 200)
            #expect(try engine.delete("/hosts/\(name)").status == 204)
        }
        #expect(try phases() == before)
        let skipped = try engine.get("/schedule?per_page=100").json["items"]?.asArray?.compactMap {
            $0["skipped"]?.asInteger
        }
        #expect(skipped?.reduce(0, +) == 0)
    }

    @Test("an added host is checked within a second and its phase")
    func added() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        try engine.add(["script": "check_dummy", "arguments": "0", "interval": 1])
        #expect(
            await eventually { (try? engine.status(host: "h1", plugin: "p1"))?["state"]?.asString == "ok" })
        let entry = try engine.get("/schedule?host=h1").json["items"]?[0]
        #expect(entry?["interval"]?.asInteger == 1)
        #expect(entry?["last_run"]?.asString != nil)
    }

    @Test("a bad body, a bad name or an unknown reference changes nothing")
    func nothingHalfDone() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        #expect(
            try engine.raw("POST", "/hosts", body: Array("{\"name\":".utf8), token: engine.token).status
                == 400)
        #expect(try engine.post("/hosts", ["name": "a/b", "address": "127.0.0.1"]).status == 422)
        #expect(
            try engine.post("/hosts", ["name": "a", "address": "127.0.0.1", "suites": ["none"]]).status == 422
        )
        #expect(try engine.post("/hosts", ["name": "a", "address": "300.0.0.1"]).status == 422)
        #expect(try engine.post("/plugins", ["name": "p", "script": "x", "interval": 0]).status == 422)
        #expect(
            try engine.post("/plugins", ["name": "p", "script": "x", "arguments": "$HOSTADRESS$"]).status
                == 422)
        #expect(try engine.post("/subnets", ["name": "n", "network": "10.0.0.1/24"]).status == 422)
        let large = Array("{\"name\":\"\(String(repeating: "x", count: 1_100_000))\"}".utf8)
        #expect(try engine.raw("POST", "/hosts", body: large, token: engine.token).status == 413)
        for kind in ["hosts", "plugins", "subnets"] {
            #expect(try engine.get("/\(kind)").json["total"]?.asInteger == 0)
        }
    }
}
