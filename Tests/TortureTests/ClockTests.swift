import Foundation
import TestSupport
import Testing

extension Torture {
    /// The wall clock of the engine alone is set, by a library that it loads; that of the machine stays.
    @Suite("Clocks")
    struct Clocks {
        private static let hosts = 40
        private static let hour = 3600
        private static let day = 86_400

        @Test("a wall clock that is set back and forth moves no run and dates no sample in the future (B9)")
        func jumps() async throws {
            let seconds = Extent.pick(3.0, 8.0)
            let jumps = [-Self.hour, Self.day, 0] + Extent.pick([], [-10 * 365 * Self.day, 0, 3600, 0])
            try await Scenario.run(
                "wall clock", injected: "set by \(jumps.map { "\($0) s" }.joined(separator: ", ")) in turn"
            ) { scenario in
                try await follow(jumps, every: seconds, scenario)
            }
        }

        @Test("a wall clock that jumps at random, again and again, changes nothing either (B9)")
        func randomJumps() async throws {
            let jumps = (0..<Extent.pick(8, 100)).map { _ in Int.random(in: -Self.day...Self.day) } + [0]
            try await Scenario.run(
                "wall clock", injected: "\(jumps.count) jumps of up to a day, the first \(jumps[0]) s"
            ) { scenario in
                try await follow(jumps, every: Extent.pick(0.4, 0.6), scenario)
            }
        }

        @Test("where summer time begins and ends no run moves (B9)")
        func summerTime() async throws {
            let seconds = Extent.pick(3.0, 8.0)
            // 2026-03-29 and 2026-10-25, 01:00 UTC; the engine lives through each in a zone that has them.
            let changes = [1_774_746_000, 1_792_890_000]
            try await Scenario.run("wall clock", injected: "summer time begins, then ends") { scenario in
                let now = Int(Date().timeIntervalSince1970)
                let jumps = changes.enumerated().map { index, change in
                    change - Int(seconds) / 2 - (now + index * Int(seconds) + 2)
                }
                try await follow(
                    jumps + [0], every: seconds, scenario,
                    environment: ["TZ": "CET-1CEST,M3.5.0,M10.5.0/3"])
            }
        }

        /// Sets the clock by each of `jumps` in turn, and holds that nothing else moved.
        private func follow(
            _ jumps: [Int], every seconds: Double, _ scenario: Scenario, environment: [String: String] = [:]
        ) async throws {
            // Results dated ten years back are as old as they say.
            let rig = try rig("history: {retention_days: 36500}")
            try await start(rig, environment: environment)
            let begin = Date()
            await pause(max(seconds, 2))
            for jump in jumps {
                try setClock(jump, rig)
                await pause(seconds)
                try expectNoFuture(scenario, rig, "after \(jump) s")
            }
            await pause(3)
            try expectSteady(scenario, rig, from: begin, to: Date())
            scenario.hold(rig.engine.log.contains("the clock was set by"), "the log tells of it")
            let stale = try rig.engine.get("/status?per_page=500").json["items"]?.asArray?.count {
                $0["stale"]?.asBool == true
            }
            scenario.hold(stale == 0, "no status is stale, \(stale ?? -1) are")
            try await expectArchives(scenario, rig)
        }

        @Test(
            "a clock far ahead deletes no history",
            .enabled(if: Extent.isFull, "old history is deleted once a minute only"))
        func retention() async throws {
            try await Scenario.run("wall clock", injected: "400 days ahead for 66 s") { scenario in
                let rig = try rig()
                try await start(rig)
                await pause(5)
                let before = try rig.number("SELECT count(*) FROM history")
                try setClock(400 * Self.day, rig)
                await pause(66)
                let after = try rig.number("SELECT count(*) FROM history")
                scenario.see("\(before) results before, \(after) after")
                scenario.hold(after > before, "history only grows")
                let isTold = rig.engine.log.contains("nothing is deleted for three days")
                scenario.hold(isTold, "the log says why nothing is deleted")
            }
        }

        private func rig(_ extra: String = "") throws -> Rig {
            let rig = try Rig(
                extra: "worker: {name: w1, heartbeat: 1}\nstatistics: {interval: 10}\n\(extra)")
            rig.addHosts(Self.hosts, suites: ["all", "ping"])
            rig.addAudit()
            rig.add(
                Rig.Plugin(name: "ping", script: "icmp", arguments: "-n 1", runner: "builtin", suite: "ping"))
            return rig
        }

        private func start(_ rig: Rig, environment: [String: String] = [:]) async throws {
            try setClock(0, rig)
            let shift = [
                "LD_PRELOAD": try Tools.clockShift.get(), "CLOCK_SHIFT": rig.sandbox.path + "/shift",
            ]
            try await rig.start(environment: environment.merging(shift) { $1 })
            let isRunning = await eventually { (try? rig.number("SELECT count(*) FROM history")) ?? 0 > 0 }
            #expect(isRunning)
        }

        /// In place, as the engine has the file mapped.
        private func setClock(_ seconds: Int, _ rig: Rig) throws {
            let path = rig.sandbox.path + "/shift"
            if !FileManager.default.fileExists(atPath: path) { try rig.sandbox.write("shift", "") }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
            try file.write(contentsOf: withUnsafeBytes(of: Int64(seconds)) { Data($0) })
            try file.close()
        }

        /// Seconds between the runs of all hosts, as the plugins' true clocks saw them.
        private func expectSteady(_ scenario: Scenario, _ rig: Rig, from: Date, to: Date) throws {
            let audit = try Audit(rig)
            audit.holdBasics(scenario)
            let rates = audit.rates(from: from, to: to)
            scenario.see("runs a second \(rates.min() ?? 0) to \(rates.max() ?? 0), due \(Self.hosts)")
            scenario.hold(rates.max() ?? 0 <= 2 * Self.hosts, "no storm")
            scenario.see("longest pause \(audit.longestGap.short) s")
            scenario.hold(audit.longestGap < 4, "no gap")
            let skipped = try rig.skipped()
            scenario.see("\(Int(skipped)) skipped")
            scenario.holdInTime(skipped == 0, "no run is skipped")
            let moved = audit.moved
            scenario.see("\(audit.lost.count) results missing, \(moved) runs off their place")
            // Those that are on their way at this moment are not stored yet.
            scenario.hold(audit.lost.count <= 2 * Self.hosts, "no result is lost")
        }

        private func archives(_ rig: Rig) -> [String] {
            let folder = rig.engine.state + "/statistics"
            return ["\(folder)/global.rrd", "\(folder)/workers/w1.rrd"]
        }

        private func last(_ archive: String) throws -> Int {
            let output = try Sandbox.run("/usr/bin/rrdtool", ["last", archive]).output
            return Int(output.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        }

        private func expectNoFuture(_ scenario: Scenario, _ rig: Rig, _ when: String) throws {
            for archive in archives(rig) where FileManager.default.fileExists(atPath: archive) {
                let ahead = try last(archive) - Int(Date().timeIntervalSince1970)
                scenario.hold(ahead <= 11, "no sample from the future \(when), one is \(ahead) s ahead")
            }
        }

        /// They take samples again now that the clock is right.
        private func expectArchives(_ scenario: Scenario, _ rig: Rig) async throws {
            let archive = archives(rig)[1]
            let before = try last(archive)
            let isAlive = await eventually(within: 10) { (try? last(archive)) ?? 0 > before }
            scenario.hold(isAlive, "the archive takes samples")
        }
    }
}
