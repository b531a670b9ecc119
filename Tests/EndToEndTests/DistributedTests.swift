import AMQP
import Foundation
import JSON
import Log
import Messaging
import Model
import TestSupport
import Testing

extension Cluster {
    /// Sets what the plugin `check_view` of one worker finds from now on.
    func setView(of worker: String, _ code: Int) throws {
        guard let sandbox = folder(ofWorker: worker) else { return }
        let new = try sandbox.write(
            "view", "#!/bin/sh\necho seen by \(worker)\nexit \(code)\n", mode: 0o755)
        // Renamed, so that nobody runs half of it.
        guard rename(new, sandbox.path + "/plugins/check_view") == 0 else {
            throw EngineFailure(description: "cannot put check_view in its place")
        }
    }

    /// State and cause of the host's check.
    func status(of host: String, _ plugin: String = "p1") throws -> String {
        let status = try head.status(host: host, plugin: plugin)
        return "\(status?["state"]?.asString ?? "none") \(status?["cause"]?.asString ?? "none")"
    }

    /// A queue of results as a foreign program with the broker's password has it.
    func foreignResults() throws -> RabbitQueue<Outcome> {
        let server = AMQPServer(
            host: "127.0.0.1", port: broker.port, user: broker.user, password: Password(broker.password))
        return try RabbitQueue<Outcome>(
            RabbitSettings(server: server, queue: "ppalette.results", ends: .publishing, limit: 200_000),
            log: Log(part: "foreign") { _ in })
    }

    /// Adds hosts with one check a second.
    func addHosts(_ count: Int) throws {
        try head.add(["script": "check_dummy", "arguments": "0 fine", "interval": 1])
        for number in 2...count {
            let host: JSONValue = [
                "name": .string("h\(number)"), "address": .string("127.0.0.\(number)"), "suites": ["s1"],
            ]
            #expect(try head.post("/hosts", host).status == 201)
        }
    }

    /// Every result of the host, oldest first: seconds of the due time, cause and worker.
    func history(of host: String) throws -> [(due: Int, cause: String, worker: String)] {
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let items = try head.get("/history?host=\(host)&limit=1000").json["items"]?.asArray ?? []
        return try items.reversed().map { item in
            let due = try format.parse(item["scheduled_at"]?.asString ?? "")
            return (
                Int(due.timeIntervalSince1970), item["cause"]?.asString ?? "", item["worker"]?.asString ?? ""
            )
        }
    }

    /// Whether each host has one result for each second so far.
    func expectNoGap(_ hosts: Int) throws {
        for number in 1...hosts {
            let dues = try history(of: "h\(number)").map(\.due)
            #expect(Set(zip(dues, dues.dropFirst()).map { $1 - $0 }) == [1], "h\(number): \(dues)")
        }
    }

    /// Whether each second of each host has one result, or was skipped and counted.
    func expectNothingUncounted(_ hosts: Int) throws {
        var missing = 0
        for number in 1...hosts {
            let dues = try history(of: "h\(number)").map(\.due)
            #expect(Set(dues).count == dues.count)
            missing += (dues.last ?? 0) - (dues.first ?? 0) + 1 - dues.count
        }
        let answer = try head.raw("GET", "/metrics", token: head.token)
        let skipped = String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("ppalette_runs_skipped_total") }
            .compactMap { Int($0.split(separator: " ").last ?? "") }.reduce(0, +)
        #expect(missing <= skipped, "\(missing) runs are missing and \(skipped) were skipped")
    }
}

@Suite("Past one machine, end to end", .serialized)
struct DistributedTests {
    @Test("workers that know only the broker share the checks; one that is killed leaves no gap")
    func workers() async throws {
        let cluster = try await Cluster("workers")
        try await cluster.head.start()
        let first = try await cluster.startWorker("one")
        try await cluster.startWorker("two")
        try cluster.addHosts(20)
        #expect(
            try await eventually {
                let names = try (1...20).flatMap { try cluster.history(of: "h\($0)").map(\.worker) }
                return Set(names) == ["one", "two"]
            }, "\(cluster.logs())")
        let names = try cluster.head.get("/workers").json["items"]?.asArray ?? []
        #expect(Set(names.compactMap { $0["name"]?.asString }) == ["one", "two"])

        first.killNow()
        try await Task.sleep(for: .seconds(5))
        try cluster.expectNoGap(20)
        let last = try (1...20).compactMap { try cluster.history(of: "h\($0)").last?.worker }
        #expect(Set(last) == ["two"])
        // A person asks for a run, and it goes by the broker as well.
        let run = try cluster.head.post("/checks", ["host": "h3", "plugin": "p1", "wait": 10])
        #expect(run.status == 200 && run.json["worker"]?.asString == "two", "\(run.json.text())")
        #expect(try await cluster.head.stop() == 0)
    }

    @Test("jobs of a zone go to its workers only; a zone without one is shown and its checks are never green")
    func zones() async throws {
        let cluster = try await Cluster("zones")
        try await cluster.head.start()
        try await cluster.startWorker("one")
        try cluster.addHosts(3)
        #expect(try cluster.head.patch("/hosts/h2", ["zone": "dmz"]).status == 200)
        try cluster.head.post("/subnets", ["name": "far", "network": "127.0.0.0/30", "zone": "dmz"])
        #expect(try cluster.head.patch("/hosts/h3", ["subnet": "far"]).status == 200)
        func zonesPart() -> JSONValue? {
            let parts = (try? cluster.head.get("/health").json["parts"]?.asArray) ?? []
            return parts.first { $0["name"]?.asString == "zones" }
        }
        #expect(
            await eventually { zonesPart()?["detail"]?.asString?.contains("no worker serves dmz;") == true },
            "\(zonesPart()?.text() ?? "nil")")
        #expect(zonesPart()?["state"]?.asString == "error")
        let before = try ["h2", "h3"].map {
            try cluster.history(of: $0).filter { $0.cause != "too_late" }.count
        }
        #expect(try await eventually { try cluster.history(of: "h1").count >= 3 })
        #expect(
            try ["h2", "h3"].map { try cluster.history(of: $0).filter { $0.cause != "too_late" }.count }
                == before)

        try await cluster.startWorker("two", zones: "dmz")
        #expect(
            try await eventually {
                try ["h2", "h3"].allSatisfy { try cluster.history(of: $0).last?.worker == "two" }
            }, "\(cluster.head.log)\n\(cluster.logs())")
        #expect(await eventually { zonesPart() == nil })
        #expect(Set(try cluster.history(of: "h1").map(\.worker)) == ["one"])
        let run = try cluster.head.post("/checks", ["host": "h3", "plugin": "p1", "wait": 10])
        #expect(run.json["worker"]?.asString == "two", "\(run.json.text())")
        // Its subnet moves it back.
        #expect(try cluster.head.patch("/subnets/far", ["zone": ""]).status == 200)
        #expect(try await eventually { try cluster.history(of: "h3").last?.worker == "one" })
        #expect(try await cluster.head.stop() == 0)
    }

    @Test("a broker that is killed and comes back loses no result and doubles none")
    func brokerRestart() async throws {
        let cluster = try await Cluster("restarts")
        try await cluster.head.start()
        try await cluster.startWorker("one")
        try cluster.addHosts(10)
        #expect(try await eventually { try cluster.history(of: "h1").count >= 3 }, "\(cluster.logs())")
        try cluster.broker.settle()
        cluster.broker.kill()
        #expect(
            await eventually {
                let parts = (try? cluster.head.get("/health", token: nil).json["parts"]?.asArray) ?? []
                return parts.contains { $0["name"]?.asString == "queue" && $0["state"]?.asString == "error" }
            })
        try await cluster.broker.start()
        let before = try cluster.history(of: "h1").count
        #expect(
            try await eventually(within: 60) {
                let all = try cluster.history(of: "h1")
                return all.count > before + 5 && all.last?.cause == "exited"
            }, "\(cluster.head.log)\n\(cluster.logs())")
        try cluster.expectNothingUncounted(10)
        #expect(try await cluster.head.stop() == 0)
    }

    @Test("what nobody asked for is refused, counted and shown, and changes nothing")
    func forgedResults() async throws {
        let cluster = try await Cluster("forgeries")
        try await cluster.head.start()
        try await cluster.startWorker("one")
        try cluster.addHosts(2)
        #expect(try await eventually { try cluster.status(of: "h2") == "ok exited" }, "\(cluster.logs())")
        let foreign = try cluster.foreignResults()
        let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
        let forged = (1...5).map { number in
            Outcome.check(
                CheckResult(
                    check: CheckID(host: HostID(2), plugin: PluginID(1)), due: now + .seconds(number),
                    started: now, ended: now, state: .critical, cause: .exited, exitCode: 2,
                    output: PluginOutput(text: "forged"), worker: "mallory",
                    assignment: Assignment(ticket: Ticket(bytes: Array(repeating: 9, count: 16)))))
        }
        let sweep = DiscoveryResult(
            id: 1, scanned: 1, total: 1, responders: [.init(address: "192.0.2.66", name: nil)],
            isFinished: true)
        #expect(foreign.offer(forged + [.discovery(sweep)]) == 6)
        #expect(
            await eventually {
                cluster.health("recorder")?.hasPrefix("warning: 6 results that nobody asked for") == true
            },
            "\(cluster.health("recorder") ?? "")\n\(cluster.head.log)")
        #expect(foreign.close(within: .seconds(5)) == 0)
        let metrics = String(
            decoding: try cluster.head.raw("GET", "/metrics", token: cluster.head.token).body, as: UTF8.self)
        #expect(metrics.contains("ppalette_results_total{outcome=\"foreign\"} 6"))
        #expect(!(try cluster.history(of: "h2").contains { $0.worker == "mallory" }))
        #expect(try cluster.status(of: "h2") == "ok exited")
        let hosts = try cluster.head.get("/hosts").json["items"]?.asArray ?? []
        #expect(hosts.count == 2)
        #expect(try await cluster.head.stop() == 0)
    }

    @Test("a host is down only when enough zones agree, and each zone's word is shown")
    func secondOpinion() async throws {
        let cluster = try await Cluster("opinions")
        try await cluster.head.start()
        for (name, zone) in [("one", "main"), ("two", "berlin"), ("three", "paris")] {
            // One of them may do no more than it has to.
            if zone == "paris" { try cluster.addUser("paris", ofZone: zone) }
            try await cluster.startWorker(name, zones: zone, user: zone == "paris" ? "paris" : nil)
            try cluster.setView(of: name, 0)
        }
        try cluster.head.add([
            "script": "check_view", "interval": 1, "timeout": 1, "zones": ["main", "berlin", "paris"],
            "quorum": 2,
        ])
        #expect(try await eventually { try cluster.status(of: "h1") == "ok exited" }, "\(cluster.logs())")
        try cluster.setView(of: "two", 2)
        let before = try cluster.history(of: "h1").count
        #expect(try await eventually { try cluster.history(of: "h1").count >= before + 3 })
        #expect(try cluster.status(of: "h1") == "ok exited", "one zone alone is not believed")
        try cluster.setView(of: "one", 2)
        #expect(try await eventually { try cluster.status(of: "h1") == "critical exited" })
        let words = try cluster.head.status(host: "h1", plugin: "p1")?["long_output"]?.asString ?? ""
        #expect(words.hasPrefix("2 of 3 zones must agree:\nmain (one) critical: seen by one\n"), "\(words)")
        #expect(words.contains("berlin (two) critical: seen by two"))
        try cluster.setView(of: "one", 0)
        try cluster.setView(of: "three", 2)
        #expect(
            try await eventually {
                let words = try cluster.head.status(host: "h1", plugin: "p1")?["long_output"]?.asString ?? ""
                return words.contains("main (one) ok") && words.contains("paris (three) critical")
            }, "\(cluster.logs())")
        let dues = try cluster.history(of: "h1").map(\.due)
        #expect(Set(dues).count == dues.count, "one result a run")
        // A person who asks for a run gets what the zones agree on.
        let run = try cluster.head.post("/checks", ["host": "h1", "plugin": "p1", "wait": 10])
        #expect(run.status == 200 && run.json["state"]?.asString == "critical", "\(run.json.text())")
        #expect(try await cluster.head.stop() == 0)
    }

    @Test(
        "an isolated worker says so and raises no alarm; a silent one is told of, one that was ended is not")
    func observers() async throws {
        let cluster = try await Cluster("observers")
        try await cluster.head.start()
        // The discard prefix of IPv6 (RFC 6666): nobody answers there.
        let alone = try await cluster.startWorker("alone", zones: "berlin", references: "100::1")
        let near = try await cluster.startWorker("near", references: "100::1, 127.0.0.1")
        try cluster.head.add(["script": "check_dummy", "arguments": "2 down", "interval": 1])
        try cluster.head.post(
            "/hosts", ["name": "h2", "address": "127.0.0.2", "suites": ["s1"], "zone": "berlin"])
        #expect(
            try await eventually { try cluster.status(of: "h2") == "pending observer_isolated" },
            "\(cluster.logs())")
        #expect(try await eventually { try cluster.status(of: "h1") == "critical exited" })
        let output = try cluster.head.status(host: "h2", plugin: "p1")?["output"]?.asString ?? ""
        #expect(
            output.contains("reaches none of its reference targets (100::1); what it saw: critical"),
            "\(output)")
        #expect(
            await eventually {
                cluster.health("workers") == "error: alone reaches none of its reference targets"
            },
            "\(cluster.health("workers") ?? "")")

        alone.terminate()
        #expect(
            await eventually { cluster.health("workers") == "ok: " }, "\(cluster.health("workers") ?? "")")
        near.killNow()
        #expect(
            await eventually(within: 30) {
                cluster.health("workers")?.hasPrefix("warning: near was last heard of ") == true
            }, "\(cluster.health("workers") ?? "")")
        #expect(
            await eventually(within: 30) {
                cluster.health("workers")?.hasPrefix("error: near was last heard of 1") == true
            }, "\(cluster.health("workers") ?? "")")
        let table = try cluster.head.ppadm("show", "workers", "-o", "csv").output
        #expect(table.contains("alone,stopped,") && table.contains("near,error,"), "\(table)")
        let queues = try cluster.head.ppadm("show", "queues").output
        #expect(queues.contains("ppalette.zone.berlin.local"), "\(queues)")
        #expect(try await cluster.head.stop() == 0)
    }
}
