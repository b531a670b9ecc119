import Foundation
import Glibc
import JSON
import TestSupport
import Testing

/// The running product held against its public contract, where single parts cannot show it.
@Suite("Contract, end to end")
struct ContractTests {
    @Test(
        "a page beyond every number is empty on every list, and the engine lives on",
        arguments: ["hosts", "plugins", "suites", "subnets", "status", "schedule", "workers"])
    func farPage(list: String) async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        try engine.add(["runner": "builtin", "script": "icmp", "interval": 60])
        for page in ["9223372036854775807", "1000000", "2"] {
            let answer = try engine.get("/\(list)?page=\(page)&per_page=1000")
            #expect(answer.status == 200 && answer.json["items"]?.asArray?.isEmpty == true)
        }
        #expect(try engine.get("/health").status == 200)
        #expect(try await engine.stop() == 0)
    }

    @Test("the schedule is sorted by every field that it says it is sorted by")
    func sortedSchedule() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        try engine.add(["runner": "builtin", "script": "icmp", "interval": 3600])
        for (name, interval) in [("a", 60), ("z", 7200)] as [(String, Int64)] {
            let plugin: JSONValue = [
                "name": .string(name), "runner": "builtin", "script": "icmp",
                "interval": .integer(interval), "suites": ["s1"],
            ]
            #expect(try engine.post("/plugins", plugin).status == 201)
        }
        #expect(try await eventually { try engine.get("/schedule").json["total"] == 3 })
        func plugins(_ sort: String) throws -> [String] {
            let items = try engine.get("/schedule?sort=\(sort)").json["items"]?.asArray ?? []
            return items.compactMap { $0["plugin"]?.asString }
        }
        #expect(try plugins("plugin") == ["a", "p1", "z"])
        #expect(try plugins("-plugin") == ["z", "p1", "a"])
        #expect(try plugins("interval") == ["a", "p1", "z"])
        #expect(try plugins("-interval") == ["z", "p1", "a"])
        #expect(try plugins("-next_run") == plugins("next_run").reversed())
        #expect(
            try engine.get("/schedule?sort=-plugin&per_page=1&page=2").json["items"]?[0]?["plugin"] == "p1")
    }

    @Test("a script that is in no plugin folder is refused by a sentence with the nearest one")
    func unknownScript() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try engine.sandbox.write("plugins/check_thing", "#!/bin/sh\n", mode: 0o755)
        try await engine.start()
        let answer = try engine.post("/plugins", ["name": "p", "script": "check_thnig"])
        #expect(answer.status == 422)
        let reason = answer.json["errors"]?[0]?["reason"]?.asString ?? ""
        #expect(reason.contains(engine.plugins) && reason.hasSuffix("did you mean check_thing?"))
        #expect(try engine.get("/plugins").json["total"] == 0)
    }

    @Test("1,000 idle connections keep nobody else from being answered")
    func idleConnections() async throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        // The test shares the limit of its own process with other tests.
        let count = min(1000, Int(limit.rlim_cur) / 2)
        var connections: [Int32] = []
        defer { for connection in connections { close(connection) } }
        for _ in 0..<count {
            let connection = try #require(Self.connect(port: engine.port))
            connections.append(connection)
        }
        let request = Array("GET /api/v1/hosts HTTP/1.1\r\nHo".utf8)
        for connection in connections.prefix(count / 2) {
            _ = send(connection, request, request.count, Int32(MSG_NOSIGNAL))
        }
        #expect(try engine.get("/health").status == 200)
        #expect(try engine.get("/hosts").status == 200)
    }

    private static func connect(port: Int) -> Int32? {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { return nil }
        var patience = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(connection)
            return nil
        }
        return connection
    }
}
