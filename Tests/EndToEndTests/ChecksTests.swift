import Foundation
import JSON
import TestSupport
import Testing

/// Checks of every kind, from an object made over the API to a result read over it.
@Suite("Checks, end to end")
struct ChecksTests {
    @Test("a local plugin's result has state, text, performance data and times")
    func localPlugin() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try engine.sandbox.write(
            "plugins/check_it",
            "#!/bin/sh\necho \"WARN $1 $2|a=1;5;10;0;20 'b c'=2.5ms\"\necho second line\nexit 1\n",
            mode: 0o755)
        try await engine.start()
        try engine.add([
            "script": "check_it", "arguments": "\"$HOSTADDRESS$ x\" $HOSTNAME$", "interval": 1, "timeout": 5,
        ])
        var status = JSONValue.null
        #expect(
            await eventually {
                status = (try? engine.status(host: "h1", plugin: "p1")) ?? .null
                return status["state"]?.asString == "warning"
            })

        #expect(status["output"]?.asString == "WARN 127.0.0.1 x h1")
        #expect(status["long_output"]?.asString == "second line")
        #expect(status["exit_code"]?.asInteger == 1)
        #expect(status["cause"]?.asString == "exited")
        #expect(status["performance_data"]?.asArray?.count == 2)
        #expect(status["performance_data"]?[0]?["label"]?.asString == "a")
        #expect(status["performance_data"]?[0]?["warning"]?.asString == "5")
        #expect(status["performance_data"]?[1]?["label"]?.asString == "b c")
        #expect(status["performance_data"]?[1]?["value"]?.asNumber == 2.5)
        #expect(status["performance_data"]?[1]?["unit"]?.asString == "ms")
        #expect((status["duration_ms"]?.asNumber ?? -1) > 0)
        #expect((status["latency_ms"]?.asNumber ?? -1) >= 0)
        #expect(status["stale"]?.asBool == false)
        #expect(status["scheduled_at"]?.asString?.hasSuffix("Z") == true)
        #expect(try await engine.stop() == 0)
    }

    @Test("built-in ICMP reaches IPv4 and IPv6", arguments: ["127.0.0.1", "::1"])
    func icmp(address: String) async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        try engine.add(
            address: address,
            ["runner": "builtin", "script": "icmp", "arguments": "-n 3 -i 20", "interval": 1, "timeout": 5])
        var status = JSONValue.null
        #expect(
            await eventually {
                status = (try? engine.status(host: "h1", plugin: "p1")) ?? .null
                return status["state"]?.asString == "ok"
            }, "\(status.text())\n\(engine.log)")

        let labels = status["performance_data"]?.asArray?.compactMap { $0["label"]?.asString } ?? []
        #expect(
            Set(labels).isSuperset(of: [
                "rta", "pl", "rtmax", "rtmin", "sent", "received", "duplicates", "mdev",
            ]))
        #expect(try await engine.stop() == 0)
    }

    @Test("a missing plugin is a visible result that names the folders")
    func missingPlugin() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        let script = try engine.sandbox.write("plugins/check_nothing", "#!/bin/sh\necho ok\n", mode: 0o755)
        try await engine.start()
        try engine.add(["script": "check_nothing", "interval": 1])
        try FileManager.default.removeItem(atPath: script)
        var status = JSONValue.null
        #expect(
            await eventually {
                status = (try? engine.status(host: "h1", plugin: "p1")) ?? .null
                return status["cause"]?.asString == "not_found"
            })

        #expect(status["state"]?.asString == "unknown")
        #expect(status["output"]?.asString?.contains("check_nothing: not found in") == true)
        #expect(status["output"]?.asString?.contains(engine.plugins) == true)
    }

    @Test("a run asked for now comes back with its own result")
    func runNow() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try engine.sandbox.write("plugins/check_slow", "#!/bin/sh\nsleep 0.3\necho done $$\n", mode: 0o755)
        try await engine.start()
        try engine.add(["script": "check_slow", "interval": 86_400])
        let answer = try engine.post("/checks", ["host": "h1", "plugin": "p1", "wait": 10])

        #expect(answer.status == 200, "\(answer.json.text())")
        let result = answer.json["result"] ?? answer.json
        #expect(result["output"]?.asString?.hasPrefix("done ") == true, "\(answer.json.text())")
        let queued = try engine.post("/checks", ["host": "h1", "plugin": "p1", "wait": 0])
        #expect(queued.status == 202)
        let id = try #require(queued.json["id"]?.asString)
        #expect(
            try await eventually {
                try engine.get("/checks/\(id)").json.text().contains("done ")
            })
    }

    @Test("a host in maintenance gets no checks, and gets them again after")
    func maintenance() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        let marks = engine.sandbox.path + "/marks"
        try engine.sandbox.write(
            "plugins/check_mark", "#!/bin/sh\necho x >> \(marks)\necho ok\n", mode: 0o755)
        try await engine.start()
        try engine.add(["script": "check_mark", "interval": 1])
        let count = { (try? String(contentsOfFile: marks, encoding: .utf8).count / 2) ?? 0 }
        #expect(await eventually { count() > 0 })
        #expect(try engine.patch("/hosts/h1", ["maintenance": true]).status == 200)
        #expect(try engine.get("/schedule").json["total"]?.asInteger == 0)
        let refused = try engine.post("/checks", ["host": "h1", "plugin": "p1"])
        #expect(refused.status == 409)
        #expect(try engine.patch("/hosts/h1", ["maintenance": false]).status == 200)
        let before = count()
        #expect(await eventually { count() > before })
    }

    @Test(
        "the packaged plugins run: check_dummy, check_load, check_disk",
        arguments: [
            ("check_dummy", "0 fine", "ok"), ("check_dummy", "2 broken", "critical"),
            ("check_disk", "-w 1% -c 1% -p /", "ok"),
        ])
    func packaged(script: String, arguments: String, state: String) async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        try engine.add(["script": .string(script), "arguments": .string(arguments), "interval": 1])
        var status = JSONValue.null
        #expect(
            await eventually {
                status = (try? engine.status(host: "h1", plugin: "p1")) ?? .null
                return status["state"]?.asString == state
            }, "\(status.text())")
    }
}
