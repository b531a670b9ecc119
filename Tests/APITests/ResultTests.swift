import APIContract
import JSON
import Model
import Storage
import Testing

@Suite("Results over the API")
struct ResultTests {
    @Test("a pending check is listed with nulls")
    func pending() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            let answer = try await api.get("/status")
            #expect(answer["total"] == 1)
            let status = try #require(answer.items.first)
            #expect(status.asObject?.map(\.name) == Resource.status.fields.map(\.name))
            #expect(status["state"] == "pending" && status["host"] == "web1" && status["output"] == "")
            for name in [
                "exit_code", "cause", "scheduled_at", "started_at", "duration_ms", "latency_ms", "worker",
            ] {
                #expect(status[name] == .null, "\(name)")
            }
            #expect(status["performance_data"] == .array([]) && status["stale"] == false)
        }
    }

    @Test("PP-B21: times are UTC with milliseconds; latency and duration are told apart")
    func times() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            try await api.record(output: PluginOutput(text: "bad"))
            let status = try #require(try await api.get("/status").items.first)
            #expect(status["scheduled_at"] == .string("2026-09-21T14:13:20.000Z"))
            #expect(status["started_at"] == .string("2026-09-21T14:13:20.001Z"))
            #expect(status["latency_ms"] == 1.5 && status["duration_ms"] == 2.5)
            #expect(status["exit_code"] == 2 && status["cause"] == "exited" && status["worker"] == "w1")
        }
    }

    @Test("performance data is a list of numbers and ranges as written")
    func performanceData() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            try await api.record(
                output: PluginOutput(
                    text: "x", performanceText: "'a b'=1.5ms;@1:2;~:5;0;100 none=U free=3B"))
            let data = try #require(try await api.get("/status").items.first?["performance_data"])
            #expect(
                data == [
                    [
                        "label": "a b", "value": 1.5, "unit": "ms", "warning": "@1:2", "critical": "~:5",
                        "minimum": 0, "maximum": 100,
                    ],
                    [
                        "label": "none", "value": nil, "unit": "", "warning": nil, "critical": nil,
                        "minimum": nil, "maximum": nil,
                    ],
                    [
                        "label": "free", "value": 3, "unit": "B", "warning": nil, "critical": nil,
                        "minimum": nil, "maximum": nil,
                    ],
                ])
        }
    }

    @Test("markup, escapes and control characters of a plugin come back as they were, escaped in the JSON")
    func hostileOutput() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            let text = "<script>alert(1)</script> \u{1b}[31m \u{7} \u{9b} \u{2028} \" \\ </td> é😀"
            try await api.record(output: PluginOutput(text: text, longText: "a\nb\t\(text)", errorText: text))
            let answer = try await api.get("/status")
            let status = try #require(answer.items.first)
            #expect(status["output"] == .string(text) && status["stderr"] == .string(text))
            #expect(status["long_output"] == .string("a\nb\t\(text)"))
            #expect(!answer.raw.body.contains { $0 < 32 || $0 == 127 })
            #expect(answer.raw.header("Content-Type") == "application/json")
            #expect(answer.raw.header("X-Content-Type-Options") == "nosniff")
        }
    }

    @Test("status is filtered by state, host, plugin and suite")
    func filters() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            try await api.record(output: PluginOutput(text: "x"))
            for query in [
                "state=critical", "state=ok,critical", "state=ok&state=critical", "host=web1", "plugin=load",
                "suite=base",
            ] {
                #expect(try await api.get("/status?" + query)["total"] == 1, "\(query)")
            }
            for query in ["state=ok", "host=web", "plugin=x", "suite=x"] {
                #expect(try await api.get("/status?" + query)["total"] == 0, "\(query)")
            }
        }
    }

    @Test("running a check answers 200 with the result, or 202 with where to ask")
    func runCheck() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            let done = try await api.post("/checks", #"{"host":"web1","plugin":"load","wait":2.5}"#)
            #expect(done.status == 200 && done["state"] == "warning" && done["finished"] == true)
            #expect(done["output"] == "LOAD WARNING" && done["duration_ms"] == 12)
            #expect(done.json.asObject?.map(\.name) == Resource.check.fields.map(\.name))
            let queued = try await api.post("/checks", #"{"host":"web1","plugin":"load"}"#)
            #expect(queued.status == 202 && queued["state"] == "pending" && queued["finished"] == false)
            #expect(queued.raw.header("Location") == "/api/v1/checks/run-2")
            #expect(try await api.get("/checks/run-2").json == queued.json)
            #expect(try await api.get("/checks/run-9").status == 404)
            #expect(api.engine.state.withLock { $0.waits } == [.milliseconds(2500), .zero])
        }
    }

    @Test("a check that cannot be run says why")
    func refusedChecks() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            _ = try await api.post("/plugins", #"{"name":"disk","script":"x"}"#)
            func status(_ body: String) async throws -> Int { try await api.post("/checks", body).status }
            #expect(try await status(#"{"host":"x","plugin":"load"}"#) == 404)
            #expect(try await status(#"{"host":"web1","plugin":"x"}"#) == 404)
            #expect(try await status(#"{"host":"web1","plugin":"disk"}"#) == 409)
            #expect(try await status(#"{"host":"web1"}"#) == 422)
            #expect(try await status(#"{"host":"web1","plugin":"load","wait":301}"#) == 422)
            #expect(try await status(#"{"host":"web1","plugin":"load","wait":-1}"#) == 422)
            api.engine.state.withLock { $0.isQueueFull = true }
            #expect(try await status(#"{"host":"web1","plugin":"load"}"#) == 503)
            _ = try await api.patch("/hosts/web1", #"{"maintenance":true}"#)
            #expect(try await status(#"{"host":"web1","plugin":"load"}"#) == 409)
        }
    }

    @Test("a suite of the subnet brings a check to a host, too")
    func checkBySubnet() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            _ = try await api.post("/subnets", #"{"name":"n","network":"127.0.0.0/24","suite":"base"}"#)
            _ = try await api.post("/hosts", #"{"name":"h","address":"127.0.0.9","subnet":"n"}"#)
            #expect(try await api.post("/checks", #"{"host":"h","plugin":"load"}"#).status == 202)
        }
    }

    @Test("a discovery is begun, shown, and not begun twice")
    func discovery() async throws {
        try await TestAPI.running { api async throws in
            _ = try await api.post("/subnets", #"{"name":"n","network":"127.0.5.0/29"}"#)
            let begun = try await api.post("/subnets/n/discoveries")
            #expect(begun.status == 202 && begun["state"] == "running")
            #expect(begun.json.asObject?.map(\.name) == Resource.discovery.fields.map(\.name))
            let id = try #require(begun["id"]?.asInteger)
            #expect(begun.raw.header("Location") == "/api/v1/discoveries/\(id)")
            #expect(try await api.post("/subnets/n/discoveries", "{}").status == 409)
            _ = try await api.store.record(
                DiscoveryResult(
                    id: id, scanned: 6, total: 6, responders: [.init(address: "127.0.5.1", name: nil)],
                    isFinished: true), at: TestAPI.now)
            let shown = try await api.get("/discoveries/\(id)")
            #expect(shown["state"] == "done" && shown["alive"] == 1 && shown["added"] == 1)
            #expect(shown["added_hosts"] == ["127.0.5.1"])
            #expect(try await api.get("/discoveries/999").status == 404)
            #expect(try await api.get("/discoveries/x").status == 404)
            #expect(try await api.post("/subnets/x/discoveries").status == 404)
        }
    }
}
