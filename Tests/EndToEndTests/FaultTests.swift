import Foundation
import Glibc
import JSON
import TestSupport
import Testing

/// Faults of the systems that came before, tried on the real engine; `Tests/FAULTS.md` lists them all.
@Suite("Faults of the predecessors, end to end")
struct FaultTests {
    private func sweeps(of subnet: String, _ engine: EngineUnderTest) -> Int {
        engine.log.components(separatedBy: "sweep of \(subnet) is over").count - 1
    }

    @Test("PP-B1: what is edited before it is scheduled works from then on, and so does all else")
    func editedBeforeScheduled() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        // In no suite, so in no schedule.
        #expect(try engine.post("/plugins", ["name": "p1", "script": "check_dummy"]).status == 201)
        #expect(try engine.patch("/plugins/p1", ["interval": 1, "arguments": "1 edited"]).status == 200)
        #expect(try engine.post("/suites", ["name": "s1"]).status == 201)
        #expect(
            try engine.post("/subnets", ["name": "lab", "network": "127.8.8.0/30", "interval": 1]).status
                == 201)
        let patch = try engine.patch("/subnets/lab", ["auto_discovery": true, "suite": "s1"])
        #expect(patch.status == 200, "\(patch.json.text())")
        #expect(try engine.patch("/plugins/p1", ["suites": ["s1"]]).status == 200)
        #expect(
            try engine.post("/hosts", ["name": "h1", "address": "127.0.0.1", "suites": ["s1"]]).status == 201)

        #expect(
            await eventually {
                (try? engine.status(host: "h1", plugin: "p1"))?["output"]?.asString == "WARNING: edited"
            })
        #expect(await eventually { (try? engine.get("/hosts?subnet=lab").json["total"]?.asInteger) == 2 })
        #expect(sweeps(of: "lab", engine) >= 1)
    }

    @Test("PP-B5: discovery that is switched off stops, and a deleted subnet is gone for good")
    func discoveryOff() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        for (name, network) in [("off", "127.8.1.0/30"), ("gone", "127.8.2.0/30"), ("clock", "127.8.3.0/30")]
        {
            let subnet: JSONValue = [
                "name": .string(name), "network": .string(network), "auto_discovery": true, "interval": 1,
            ]
            #expect(try engine.post("/subnets", subnet).status == 201)
        }
        #expect(await eventually { ["off", "gone", "clock"].allSatisfy { sweeps(of: $0, engine) >= 1 } })
        #expect(try engine.patch("/subnets/off", ["auto_discovery": false]).status == 200)
        #expect(try engine.delete("/subnets/gone").status == 204)
        #expect(try engine.get("/subnets/gone").status == 404)
        #expect(try engine.get("/subnets").json["total"]?.asInteger == 2)
        // A sweep that had begun may still end; the third subnet is the clock that tells how time goes by.
        let start = sweeps(of: "clock", engine)
        #expect(await eventually { sweeps(of: "clock", engine) >= start + 1 })
        let before = ["off", "gone"].map { sweeps(of: $0, engine) }
        #expect(await eventually { sweeps(of: "clock", engine) >= start + 3 })
        #expect(["off", "gone"].map { sweeps(of: $0, engine) } == before)
    }

    @Test("PP-B6: editing what was deleted is refused and brings nothing back", arguments: [false, true])
    func noResurrection(afterRestart: Bool) async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        try engine.add(["script": "check_dummy", "arguments": "0", "interval": 1])
        #expect(try engine.post("/subnets", ["name": "n1", "network": "127.8.4.0/30"]).status == 201)
        let paths = ["/plugins/p1", "/hosts/h1", "/subnets/n1", "/suites/s1"]
        for path in paths { #expect(try engine.delete(path).status == 204) }
        if afterRestart {
            #expect(try await engine.stop() == 0)
            try await engine.start()
        }
        let edits: [JSONValue] = [
            ["interval": 5], ["login": "x"], ["auto_discovery": true], ["description": "x"],
        ]
        for (path, edit) in zip(paths, edits) {
            #expect(try engine.patch(path, edit).status == 404)
            #expect(try engine.get(path).status == 404)
        }
        for kind in ["/plugins", "/hosts", "/subnets", "/suites", "/schedule", "/status"] {
            #expect(try engine.get(kind).json["total"]?.asInteger == 0, "\(kind)")
        }
    }

    @Test("PP-B12: no call but health is answered without the token, and none with a wrong one")
    func token() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        let paths = try #require(try engine.get("/openapi.json").json["paths"]?.asObject)
        var tried = 0
        for path in paths {
            for call in path.value.asObject ?? [] {
                let target = path.name.replacingOccurrences(of: "/api/v1", with: "")
                    .replacing(/\{[^}]*\}/, with: "x")
                guard ["get", "post", "patch", "delete"].contains(call.name), target != "/health" else {
                    continue
                }
                for token in [nil, "", "wrong"] as [String?] {
                    let answer = try engine.raw(call.name.uppercased(), target, body: [], token: token)
                    #expect(answer.status == 401, "\(call.name) \(target)")
                }
                tried += 1
            }
        }
        #expect(tried >= 30)
        #expect(try engine.raw("GET", "/metrics", token: nil).status == 401)
        #expect(try engine.get("/health", token: nil).status == 200)
        let mode =
            try FileManager.default.attributesOfItem(atPath: engine.tokenFile)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test("PP-B19: the status of a plugin that is detached vanishes; one that no worker renews is stale")
    func staleAndDetached() async throws {
        let engine = try EngineUnderTest(in: Sandbox(), extra: "worker: {concurrency: 1}")
        try engine.sandbox.write("plugins/check_hang", "#!/bin/sh\nexec sleep 100\n", mode: 0o755)
        try await engine.start()
        try engine.add(["script": "check_dummy", "arguments": "0", "interval": 1, "timeout": 1])
        let status = { try? engine.status(host: "h1", plugin: "p1") }
        #expect(await eventually { status()?["state"]?.asString == "ok" })
        #expect(status()?["stale"]?.asBool == false)
        // The only place of the worker is taken, and the three for runs that last.
        for number in 2...5 {
            let hang: JSONValue = [
                "name": .string("p\(number)"), "script": "check_hang", "interval": 1, "timeout": 90,
                "suites": ["s1"],
            ]
            #expect(try engine.post("/plugins", hang).status == 201)
        }
        #expect(await eventually(within: 30) { status()?["stale"]?.asBool == true })
        #expect(status()?["state"]?.asString == "ok")

        #expect(try engine.patch("/suites/s1", ["plugins": ["p2"]]).status == 200)
        #expect(status() == .some(.none))
        #expect(try engine.get("/status").json["total"]?.asInteger == 1)
        #expect(try engine.get("/schedule").json["total"]?.asInteger == 1)
    }

    @Test("PP-B22: a sweep that is too large is refused, and two of one subnet do not overlap")
    func sweepLimits() async throws {
        let engine = try EngineUnderTest(in: Sandbox(), extra: "discovery: {rate: 100}")
        try await engine.start()
        let networks = [
            ("huge", "10.0.0.0/8", "/16"), ("six", "2001:db8::/64", "IPv6"), ("lab", "127.8.5.0/24", ""),
        ]
        for (name, network, word) in networks {
            let subnet: JSONValue = ["name": .string(name), "network": .string(network)]
            #expect(try engine.post("/subnets", subnet).status == 201)
            guard !word.isEmpty else { continue }
            let refused = try engine.post("/subnets/\(name)/discoveries", .object([]))
            #expect(refused.status == 422 && refused.json.text().contains(word), "\(refused.json.text())")
        }
        let first = try engine.post("/subnets/lab/discoveries", .object([]))
        #expect(first.status == 202)
        #expect(try engine.post("/subnets/lab/discoveries", .object([])).status == 409)
    }

    @Test(
        "PP-B25: TERM and INT let running checks end and record them, and cut long ones short",
        arguments: [SIGTERM, SIGINT])
    func signals(signal: Int32) async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        let marks = engine.sandbox.path + "/marks"
        try engine.sandbox.write(
            "plugins/check_slow", "#!/bin/sh\necho up >> \(marks)\nsleep \"$1\"\necho \"ended after $1\"\n",
            mode: 0o755)
        try await engine.start()
        try engine.add(["script": "check_slow", "arguments": "1.5", "interval": 86_400, "timeout": 90])
        let long: JSONValue = [
            "name": "p2", "script": "check_slow", "arguments": "80", "interval": 86_400, "timeout": 90,
            "suites": ["s1"],
        ]
        #expect(try engine.post("/plugins", long).status == 201)
        for plugin in ["p1", "p2"] {
            let asked = try engine.post("/checks", ["host": "h1", "plugin": .string(plugin), "wait": 0])
            #expect(asked.status == 202)
        }
        let started = { (try? String(contentsOfFile: marks, encoding: .utf8).count) ?? 0 }
        #expect(await eventually { started() >= 6 })
        let process = try #require(engine.process)
        kill(process.pid, signal)
        #expect(await eventually(within: 30) { !process.isRunning })
        #expect(process.exitCode == 0)

        let database = engine.state + "/ppalette.db"
        let query = "SELECT count(*) FROM history"
        #expect(try Sandbox.run("/usr/bin/sqlite3", [database, query]).output == "2\n", "\(engine.log)")
        try await engine.start()
        #expect(try engine.status(host: "h1", plugin: "p1")?["output"]?.asString == "ended after 1.5")
        let cut = try engine.status(host: "h1", plugin: "p2")
        // It never ran to its end, and that says nothing of the target.
        #expect(cut?["state"]?.asString == "pending", "\(cut?.text() ?? "")")
        #expect(cut?["cause"]?.asString == "internal")
        #expect(cut?["output"]?.asString == "engine is stopping; the run was cut off")
    }
}
