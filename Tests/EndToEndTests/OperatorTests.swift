import Foundation
import JSON
import TestSupport
import Testing

/// What an operator does, with the real `ppadm`.
@Suite("Operating, end to end")
struct OperatorTests {
    @Test("the sample configuration loads its objects on first start and shows live results")
    func sample() async throws {
        let sandbox = try Sandbox()
        let port = Sandbox.freePort()
        let engine = try sandbox.start(
            Sandbox.binaries + "/ppalette",
            [
                "run", "--config", Sandbox.project + "/etc/ppalette.yaml", "--state-dir",
                sandbox.path + "/var",
                "--listen", "127.0.0.1:\(port)",
            ], log: "engine.log")
        defer { engine.terminate() }
        let show = {
            try Sandbox.run(
                Sandbox.binaries + "/ppadm",
                [
                    "--url", "http://127.0.0.1:\(port)", "--token-file", sandbox.path + "/var/admin.token",
                    "show",
                    "status",
                ])
        }
        let isLive = try await eventually(within: 40) {
            let shown = try show()
            return shown.code == 0 && shown.output.contains("localhost") && shown.output.contains("loopback6")
                && shown.output.contains(" 0 pending")
        }
        let shown = try show()
        #expect(isLive, "\(shown.output)\(sandbox.text(of: "engine.log"))")
        #expect(!shown.output.contains("not found"), "\(shown.output)")
        #expect(sandbox.text(of: "engine.log").contains("http://127.0.0.1:\(port)"))
    }

    @Test("objects are added, listed, edited and deleted; mistakes are exit 1 with a sentence")
    func objects() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        #expect(try engine.ppadm("add", "suite", "base").code == 0)
        #expect(
            try engine.ppadm("add", "host", "web1", "--address", "127.0.0.5", "--suites", "base").code == 0)
        #expect(
            try engine.ppadm(
                "add", "plugin", "ping", "--runner", "builtin", "--script", "icmp", "--suites", "base"
            ).code == 0)
        let listed = try engine.ppadm("list", "hosts", "-o", "json")
        #expect(listed.code == 0)
        #expect(listed.output.contains("web1"))
        #expect(try engine.ppadm("edit", "host", "web1", "--maintenance", "on").code == 0)
        #expect(try engine.get("/hosts/web1").json["maintenance"]?.asBool == true)

        let duplicate = try engine.ppadm("add", "host", "web1", "--address", "127.0.0.6")
        #expect(duplicate.code == 1)
        #expect(duplicate.errors.contains("web1"))
        #expect(duplicate.output.isEmpty)
        let unknown = try engine.ppadm("get", "host", "nobody")
        #expect(unknown.code == 1)
        #expect(try engine.ppadm("frob", "host").code == 2)
        #expect(try engine.ppadm("delete", "host", "web1", "--yes").code == 0)
        #expect(try engine.get("/hosts/web1").status == 404)
    }

    @Test("run check waits for the result and prints it")
    func runCheck() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        try engine.add(["script": "check_dummy", "arguments": "2 oh-no", "interval": 3600])
        let run = try engine.ppadm("run", "check", "--host", "h1", "--plugin", "p1", "--wait", "10")

        #expect(run.code == 0, "\(run.errors)")
        #expect(run.output.lowercased().contains("critical"))
        #expect(run.output.contains("oh-no"))
    }

    @Test("a discovery of a loopback subnet adds its hosts in maintenance with the subnet's suite")
    func discovery() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        #expect(try engine.ppadm("add", "suite", "found").code == 0)
        #expect(
            try engine.ppadm("add", "subnet", "lab", "--network", "127.9.9.0/28", "--suite", "found").code
                == 0)
        let run = try engine.ppadm("run", "discovery", "--subnet", "lab")
        #expect(run.code == 0, "\(run.errors)")
        let hosts = try engine.get("/hosts?per_page=100").json

        #expect(hosts["total"]?.asInteger == 14)
        #expect(hosts["items"]?[0]?["maintenance"]?.asBool == true)
        #expect(hosts["items"]?[0]?["subnet"]?.asString == "lab")
        #expect(hosts["items"]?[0]?["suites"]?[0]?.asString == "found")
        let again = try engine.ppadm("run", "discovery", "--subnet", "lab", "-o", "json")
        #expect(again.code == 0)
        #expect(try engine.get("/hosts").json["total"]?.asInteger == 14)
    }

    @Test("PP-B24: without a connection the exit code of ppadm is 3, without a token 1")
    func refusals() async throws {
        let nobody = try Sandbox.run(
            Sandbox.binaries + "/ppadm",
            ["--url", "http://127.0.0.1:\(Sandbox.freePort())", "list", "hosts"],
            environment: ["PPADM_TOKEN": "x"])
        #expect(nobody.code == 3)
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        let wrong = try Sandbox.run(
            Sandbox.binaries + "/ppadm", ["--url", engine.url, "list", "hosts"],
            environment: ["PPADM_TOKEN": "x"])
        #expect(wrong.code == 1)
        #expect(try engine.get("/hosts", token: nil).status == 401)
    }

    @Test("graphs are PNG files, statistics are series, metrics are Prometheus text")
    func statistics() async throws {
        let engine = try EngineUnderTest(in: Sandbox(), extra: "worker: {name: w1, heartbeat: 1}")
        try await engine.start()
        #expect(await eventually { (try? engine.get("/statistics/workers/w1").status) == 200 })
        let series = try engine.get("/statistics/workers/w1?from=-1h").json
        #expect(series["step"]?.asInteger != nil)
        #expect(series["series"]?["throughput"]?.asArray != nil)
        let file = engine.sandbox.path + "/w1.png"
        let graph = try engine.ppadm("show", "graph", "--worker", "w1", "--output", file)
        #expect(graph.code == 0, "\(graph.errors)")
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(bytes.prefix(8) == Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
        let metrics = try engine.raw("GET", "/metrics", token: engine.token)
        #expect(metrics.status == 200)
        #expect(metrics.text.contains("# TYPE ppalette_check_lateness_seconds histogram"))
    }
}
