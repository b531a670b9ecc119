import Foundation
import Glibc
import JSON
import TestSupport
import Testing

/// Start, stop, power cuts and trouble with the state directory.
@Suite("Life of the engine, end to end")
struct LifeTests {
    @Test("a second engine on the same state directory is refused and says which process has it")
    func secondEngine() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        let second = try Sandbox.run(
            Sandbox.binaries + "/ppalette",
            ["run", "--state-dir", engine.state, "--listen", "127.0.0.1:\(Sandbox.freePort())"])

        #expect(second.code == 1)
        #expect(
            second.errors.contains(
                "another ppalette (process \(engine.process?.pid ?? 0)) is using it"))
    }

    @Test("a state directory that cannot be written is said before anything starts")
    func unwritable() throws {
        let run = try Sandbox.run(Sandbox.binaries + "/ppalette", ["run", "--state-dir", "/proc/nowhere"])

        #expect(run.code == 1)
        #expect(run.errors.contains("cannot write to state directory /proc/nowhere"))
    }

    @Test("a plugin that ends while the engine is frozen has not timed out")
    func frozenEngine() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        let ended = engine.sandbox.path + "/ended"
        try engine.sandbox.write(
            "plugins/check_slow",
            "#!/bin/sh\necho x >> \(engine.sandbox.path)/begun\nsleep 0.4\necho OK\necho x >> \(ended)\n",
            mode: 0o755)
        try await engine.start()
        let pid = try #require(engine.process?.pid)
        try engine.add(["script": "check_slow", "interval": 1, "timeout": 1])
        #expect(await eventually { !engine.sandbox.text(of: "begun").isEmpty })
        kill(pid, SIGSTOP)
        #expect(await eventually { !engine.sandbox.text(of: "ended").isEmpty })
        // The time that the plugin had must be over when the engine goes on.
        let over = ContinuousClock.now + .milliseconds(1500)
        #expect(await eventually { ContinuousClock.now > over })
        kill(pid, SIGCONT)

        let history = { (try? engine.get("/history?host=h1").json["items"]?.asArray) ?? [] }
        #expect(await eventually { history().count >= 2 })
        #expect(history().allSatisfy { $0["cause"]?.asString == "exited" })
        #expect(!engine.log.contains("does not die"))
    }

    @Test("a port in use is said in a sentence")
    func portInUse() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try await engine.start()
        let run = try Sandbox.run(
            Sandbox.binaries + "/ppalette",
            ["run", "--state-dir", engine.sandbox.path + "/other", "--listen", "127.0.0.1:\(engine.port)"])

        #expect(run.code == 1)
        #expect(run.errors.contains("127.0.0.1:\(engine.port)"))
        #expect(run.errors.contains("in use"))
    }

    @Test("a mistake in the configuration names file, line and key, with exit 1")
    func badConfiguration() throws {
        let sandbox = try Sandbox()
        let file = try sandbox.write(
            "p.yaml", "listen: 127.0.0.1:1\nlisten_on: x\nworker: {concurrency: -1}\n")
        let run = try Sandbox.run(Sandbox.binaries + "/ppalette", ["check-config", "--config", file])

        #expect(run.code == 1)
        #expect(run.errors.contains("\(file), line 2: unknown key \"listen_on\""))
        #expect(run.errors.contains("\(file), line 3: worker.concurrency must be a whole number"))
    }

    @Test("a wrong command line is exit 2")
    func usage() throws {
        #expect(try Sandbox.run(Sandbox.binaries + "/ppalette", ["rum"]).code == 2)
        #expect(try Sandbox.run(Sandbox.binaries + "/ppalette", ["version"]).code == 0)
    }

    @Test("TERM ends the engine with exit 0, and no plugin lives on")
    func orderlyStop() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        let mark = "9\(UInt32.random(in: 1000...9999)).5"
        try engine.sandbox.write("plugins/check_hang", "#!/bin/sh\nsleep \(mark)\n", mode: 0o755)
        try await engine.start()
        try engine.add(["script": "check_hang", "interval": 1, "timeout": 60])
        let isHanging = { (try? Sandbox.run("/usr/bin/pgrep", ["-f", "sleep \(mark)"]).code) == 0 }
        #expect(await eventually { isHanging() })

        #expect(try await engine.stop() == 0)
        #expect(await eventually(within: 3) { !isHanging() })
    }

    @Test("a stop ends a sweep, and says so")
    func stopEndsSweeps() async throws {
        let engine = try EngineUnderTest(in: Sandbox(), extra: "discovery: {rate: 10}")
        try await engine.start()
        #expect(try engine.post("/subnets", ["name": "lab", "network": "127.8.9.0/24"]).status == 201)
        #expect(try engine.post("/subnets/lab/discoveries", .object([])).status == 202)
        #expect(try await engine.stop() == 0)
        let query = "SELECT state, failure FROM discoveries"
        let rows = try Sandbox.run("/usr/bin/sqlite3", [engine.state + "/ppalette.db", query]).output
        #expect(rows == "failed|the engine was stopped before the sweep was over\n")
    }

    @Test("PP-B10: after kill -9 nothing that was recorded is lost, and checks go on")
    func powerCut() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try engine.sandbox.write("plugins/check_n", "#!/bin/sh\necho \"OK $(date +%s%N)\"\n", mode: 0o755)
        try await engine.start()
        try engine.add(["script": "check_n", "interval": 1])
        let total = { (try? engine.get("/history?host=h1&limit=1000").json["items"]?.asArray) ?? [] }
        #expect(await eventually { total().count >= 3 })
        let before = total().compactMap { $0["scheduled_at"]?.asString }
        engine.killHard()
        let integrity = try Sandbox.run(
            "/usr/bin/sqlite3", [engine.state + "/ppalette.db", "PRAGMA integrity_check"])
        #expect(integrity.output.trimmingCharacters(in: .whitespacesAndNewlines) == "ok")

        try await engine.start()
        let after = { Set(total().compactMap { $0["scheduled_at"]?.asString }) }
        #expect(after().isSuperset(of: before))
        #expect(await eventually { after().count > before.count })
        #expect(total().count == after().count)
    }

    @Test("results spool while another program holds the database, and are stored when it lets go")
    func lockedDatabase() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        try engine.sandbox.write("plugins/check_n", "#!/bin/sh\necho OK\n", mode: 0o755)
        try await engine.start()
        try engine.add(["script": "check_n", "interval": 1])
        let count = { (try? engine.get("/history?host=h1&limit=1000").json["items"]?.asArray?.count) ?? 0 }
        #expect(await eventually { count() > 0 })
        let holder = try engine.sandbox.start(
            "/usr/bin/python3",
            [
                "-c",
                "import sqlite3, time; c = sqlite3.connect(\"\(engine.state)/ppalette.db\", isolation_level=None); "
                    + "c.execute(\"BEGIN IMMEDIATE\"); time.sleep(12); c.execute(\"ROLLBACK\")",
            ], log: "holder.log")
        #expect(
            await eventually(within: 15) {
                (try? engine.get("/health").json.text().contains("spool")) == true
            })
        #expect(await eventually(within: 20) { !holder.isRunning })
        let due = count() + 8
        #expect(await eventually(within: 30) { count() >= due }, "\(count()) of \(due)\n\(engine.log)")
        let times = (try engine.get("/history?host=h1&limit=1000").json["items"]?.asArray ?? [])
            .compactMap { $0["scheduled_at"]?.asString }
        #expect(Set(times).count == times.count)
    }

    @Test("archives can be read by rrdtool, and a damaged one is set aside with a warning")
    func archives() async throws {
        let engine = try EngineUnderTest(in: Sandbox(), extra: "worker: {name: w1, heartbeat: 1}")
        try await engine.start()
        let file = engine.state + "/statistics/workers/w1.rrd"
        #expect(await eventually { FileManager.default.fileExists(atPath: file) })
        let info = try Sandbox.run("/usr/bin/rrdtool", ["info", file])
        #expect(info.code == 0)
        for source in [
            "worker_count", "worker_alive", "in_flight", "input_queue_size", "throughput", "latency_ms",
            "execution_ms", "ram_used", "cpu",
        ] {
            #expect(info.output.contains("ds[\(source)]"))
        }
        #expect(try await engine.stop() == 0)
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: file))
        try await engine.start()
        #expect(await eventually { (try? Sandbox.run("/usr/bin/rrdtool", ["lastupdate", file]).code) == 0 })
        let folder = try FileManager.default.contentsOfDirectory(atPath: engine.state + "/statistics/workers")
        #expect(folder.contains { $0.contains("damaged") })
        #expect(engine.log.contains("set aside"))
    }
}
