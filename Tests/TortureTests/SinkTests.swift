import Foundation
import TestSupport
import Testing

extension Torture {
    @Suite("Stalled sinks")
    struct Sinks {
        private static let hosts = 100

        private func rig() throws -> Rig {
            let rig = try Rig(extra: "worker: {name: w1, heartbeat: 1}")
            rig.addHosts(Self.hosts)
            rig.addAudit()
            return rig
        }

        /// Another program that has a transaction open for some seconds.
        private func hold(_ rig: Rig, _ words: String, seconds: Double) throws -> RunningProgram {
            let log = "foreign-\(UInt32.random(in: 0 ... .max)).log"
            let holder = try rig.sandbox.start(
                "/bin/sh",
                ["-c", "(echo '\(words)'; sleep \(seconds); echo 'ROLLBACK;') | sqlite3 \(rig.database)"],
                log: log)
            return holder
        }

        private func expectReplayed(_ scenario: Scenario, _ rig: Rig, from: Date, to: Date) async throws {
            let isBack = await eventually(within: 60) { rig.isWell }
            scenario.hold(isBack, "results are stored again:\n\(rig.engine.log.suffix(2000))")
            let counters = try rig.metrics()
            let number = { (name: String) in Int(counters[name] ?? -1) }
            scenario.see("\(number("ppalette_results_spooled_total")) spooled")
            scenario.hold(number("ppalette_results_lost_total") == 0, "the spool lost nothing")
            let outdated = number("ppalette_results_total{outcome=\"outdated\"}")
            scenario.hold(outdated == 0, "they are stored in order, \(outdated) were not")
            let skipped = try rig.skipped()
            scenario.see("\(Int(skipped)) skipped")
            scenario.holdInTime(skipped == 0, "no run is skipped")
            let before = try rig.lateness(of: "audit", from: .distantPast, to: from)
            let during = try rig.lateness(of: "audit", from: from, to: to)
            scenario.see(
                "lateness p99 \(before.at(0.99).short) ms before, \(during.at(0.99).short) ms meanwhile")
            scenario.holdInTime(during.at(0.99) - before.at(0.99) < 50, "lateness does not grow")
            scenario.hold(try await rig.engine.stop() == 0, "it stops in order")
            let audit = try Audit(rig)
            audit.holdBasics(scenario)
            scenario.hold(audit.lost.isEmpty, "no result is lost, \(audit.lost.count) are")
            let unexplained = audit.unexplained(skipped: Int(skipped))
            scenario.hold(unexplained == 0, "due = ended + skipped, \(unexplained) are neither")
            scenario.hold(
                audit.longestGap < 4, "checks go on, the longest pause was \(audit.longestGap.short) s")
        }

        @Test(
            "while another program holds the database locked, results spool and are replayed in order (B16)")
        func lockedByWriter() async throws {
            let seconds = Extent.pick(7.0, 60.0)
            try await Scenario.run("SQL", injected: "locked by a foreign writer for \(Int(seconds)) s") {
                scenario in
                let rig = try rig()
                try await rig.start()
                await pause(Extent.pick(2, 10))
                let begin = Date()
                let holder = try hold(rig, "BEGIN IMMEDIATE;", seconds: seconds)
                let isSaid = await eventually(within: 15) {
                    rig.healthTells("another program holds it locked")
                }
                scenario.hold(isSaid, "health says who is to blame")
                scenario.hold(
                    await eventually(within: seconds + 10, { !holder.isRunning }), "the lock is let go")
                try await expectReplayed(scenario, rig, from: begin, to: Date())
            }
        }

        @Test("a foreign reader delays nothing (B16)")
        func heldByReader() async throws {
            let seconds = Extent.pick(4.0, 20.0)
            try await Scenario.run("SQL", injected: "read by a foreign program for \(Int(seconds)) s") {
                scenario in
                let rig = try rig()
                try await rig.start()
                await pause(Extent.pick(2, 10))
                let begin = Date()
                let holder = try hold(rig, "BEGIN; SELECT count(*) FROM history;", seconds: seconds)
                let isOver = await eventually(within: seconds + 10) { !holder.isRunning }
                scenario.hold(isOver, "the reader ends")
                scenario.hold(
                    try rig.metrics()["ppalette_store_failures_total"] == 0, "no batch is refused meanwhile")
                try await expectReplayed(scenario, rig, from: begin, to: Date())
            }
        }

        @Test("who writes through the API waits for a foreign writer, and nobody is refused (B16)")
        func writersOfTheAPI() async throws {
            let (writers, seconds) = Extent.pick((10, 2.5), (50, 4.0))
            try await Scenario.run(
                "SQL",
                injected: "locked by a foreign writer for \(seconds.short) s, \(writers) write by the API"
            ) { scenario in
                let rig = try rig()
                try await rig.start()
                await pause(2)
                let begin = Date()
                let holder = try hold(rig, "BEGIN IMMEDIATE;", seconds: seconds)
                // It has the lock by now.
                await pause(0.7)
                let clients = try (0..<writers).map { try edit(rig, host: $0, times: 20) }
                let isOver = await eventually(within: 60) { !clients.contains(where: \.isRunning) }
                scenario.hold(isOver, "all edits are answered")
                scenario.hold(await eventually(within: 10, { !holder.isRunning }), "the lock is let go")
                let answers = (0..<writers).flatMap {
                    rig.sandbox.text(of: "edits-\($0)").split(separator: "\n").map(String.init)
                }
                let times = Quantiles(answers.compactMap { Double($0.dropFirst(4)) })
                scenario.see("\(answers.count) edits, at most \(times.most.short) s")
                let good = answers.count { $0.hasPrefix("200 ") }
                scenario.hold(good == writers * 20, "each edit is made, \(good) of \(writers * 20) were")
                scenario.hold(times.most > 0.1, "the lock is felt")
                scenario.holdInTime(times.at(0.99) < 5.5, "an edit takes less than 5.5 s (p99)")
                try await expectReplayed(scenario, rig, from: begin, to: Date())
            }
        }

        /// A client that edits a host, again and again, and writes down code and seconds of each answer.
        private func edit(_ rig: Rig, host: Int, times: Int) throws -> RunningProgram {
            guard let token = rig.engine.token else { throw EngineFailure(description: "there is no token") }
            return try rig.sandbox.start(
                "/usr/bin/curl",
                [
                    "--silent", "--max-time", "30", "--request", "PATCH", "--output", "/dev/null",
                    "--write-out", "%{http_code} %{time_total}\n", "--header",
                    "Authorization: Bearer \(token)", "--header", "Content-Type: application/json", "--data",
                    "{\"labels\": {\"edited\": \"yes\"}}",
                    "\(rig.engine.url)/api/v1/hosts/h\(host)#[1-\(times)]",
                ], log: "edits-\(host)")
        }

        @Test("archives that hang delay neither checks nor results", .enabled(if: Tools.hasStrace))
        func stalledArchives() async throws {
            let seconds = Extent.pick(5.0, 60.0)
            try await Scenario.run("RRD", injected: "each file call takes \(Int(seconds)) s") { scenario in
                let rig = try rig()
                try await rig.start()
                await pause(Extent.pick(2, 10))
                let begin = Date()
                let tampering = try await Tampering(
                    rig.sandbox, pid: rig.enginePID(), thread: "archives",
                    "openat:delay_enter=\(Int(seconds * 1_000_000))")
                await pause(2)
                let early = try rig.number("SELECT count(*) FROM history")
                await pause(seconds - 2)
                let late = try rig.number("SELECT count(*) FROM history")
                let rate = Double(late - early) / (seconds - 2)
                scenario.see("\(rate.short) results/s stored meanwhile, \(Self.hosts) due")
                scenario.hold(
                    late - early >= Int(seconds - 2) * Self.hosts / 2, "results are stored meanwhile")
                await tampering.end()
                try await expectReplayed(scenario, rig, from: begin, to: Date())
            }
        }
    }
}
