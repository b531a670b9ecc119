import Foundation
import TestSupport
import Testing

extension Torture {
    @Suite("Floods and long runs")
    struct Load {
        @Test("plugins that never stop writing cost 64 KiB each, and the engine stays small (B6)")
        func flood() async throws {
            let (count, seconds) = Extent.pick((10, 4), (50, 60))
            try await Scenario.run("flood", injected: "\(count) plugins write for \(seconds) s") { scenario in
                let rig = try Rig()
                rig.addHosts(count, suites: ["flood"])
                rig.addHosts(5, prefix: "g")
                rig.addAudit()
                try rig.addScript(
                    "check_yes", "#!/bin/sh\nexec yes\n", interval: 86_400, timeout: seconds, suite: "flood")
                try await rig.start()
                for host in 0..<count {
                    scenario.hold(try rig.run(host: "h\(host)", plugin: "check_yes"), "the run is taken")
                }
                let pid = rig.enginePID()
                var most = 0.0
                let results = "SELECT count(*) FROM history WHERE truncated"
                let isOver = await eventually(within: Double(seconds) + 30) {
                    most = max(most, Processes.memory(pid))
                    return (try? rig.number(results)) == count
                }
                scenario.hold(isOver, "each flood has its result, cut and flagged")
                let row =
                    try rig.query(
                        """
                        SELECT max(length(CAST(output AS BLOB)) + 1 + length(CAST(long_output AS BLOB))),
                            sum(dropped_bytes) / 1048576, min(cause), max(cause) FROM history WHERE truncated
                        """
                    ).first ?? []
                scenario.see(
                    "at most \(row.first ?? "?") bytes stored, \(row.dropFirst().first ?? "?") MiB dropped")
                scenario.hold(row.first.flatMap { Int($0) } ?? .max <= 65_536, "at most 64 KiB are stored")
                scenario.hold(row.suffix(2) == ["timeout", "timeout"], "each ended by its timeout")
                scenario.see("engine at most \(most.short) MiB")
                // A sanitizer keeps what was freed.
                scenario.hold(most < 256 || Extent.isSanitized, "the engine stays below 256 MiB")
                try Audit(rig).holdBasics(scenario)
            }
        }

        @Test("outputs of every size stay apart, each the beginning of what its own run wrote (B3)")
        func sizes() async throws {
            // Lines of some forty bytes, up to 2 MiB.
            let copies = [1, 2, 20, 200, 1500, 1700, 5000, 50_000]
            let seconds = Extent.pick(4.0, 60.0)
            try await Scenario.run("outputs", injected: "of \(copies.count) sizes for \(Int(seconds)) s") {
                scenario in
                let rig = try Rig()
                rig.addHosts(Extent.pick(4, 20))
                for number in copies { rig.addAudit(name: "audit\(number)", copies: number) }
                try await rig.start()
                await pause(seconds)
                scenario.hold(try await rig.engine.stop() == 0, "it stops in order")
                for number in copies {
                    let audit = try Audit(rig, plugin: "audit\(number)")
                    let lines = audit.exited.map { $0.longOutput.split(separator: "\n").count + 1 }
                    scenario.hold(!lines.isEmpty, "there are results of \(number) lines")
                    // Some 1,600 lines are 64 KiB.
                    scenario.hold(
                        number > 1000 || lines.allSatisfy { $0 == number }, "all \(number) lines are stored")
                    scenario.hold(
                        number < 5000 || lines.allSatisfy { $0 > 1000 }, "64 KiB of \(number) lines are")
                    audit.holdBasics(scenario)
                }
            }
        }

        @Test("descriptors, threads and memory stay flat over very many checks (B7)")
        func soak() async throws {
            let (pings, plugins, goal, limit) = Extent.pick(
                (300, 30, 2000.0, 30.0), (6000, 100, 1_000_000.0, 420.0))
            try await Scenario.run(
                "soak", injected: "\(pings) pings and \(plugins) plugins a second, \(Int(goal)) in all"
            ) { scenario in
                let rig = try Rig()
                rig.addHosts(plugins, suites: ["all", "ping"])
                rig.addHosts(pings - plugins, prefix: "p", suites: ["ping"], history: false)
                rig.addAudit()
                rig.add(
                    Rig.Plugin(
                        name: "ping", script: "icmp", arguments: "-n 1", runner: "builtin", suite: "ping"))
                try await rig.start()
                let pid = rig.enginePID()
                var samples: [(descriptors: Int, threads: Int, memory: Double)] = []
                var ended = 0.0
                let isDone = await eventually(within: limit) {
                    samples.append(
                        (Processes.descriptors(pid), Processes.threads(pid), Processes.memory(pid)))
                    usleep(Extent.pick(200_000, 2_000_000))
                    ended = (try? rig.ended()) ?? ended
                    return ended >= goal
                }
                scenario.hold(isDone, "\(Int(goal)) checks ended in time, \(Int(ended)) did")
                let skipped = try rig.skipped()
                scenario.see("\(Int(ended)) checks, \(Int(skipped)) skipped")
                scenario.holdInTime(skipped == 0, "no run is skipped")
                see(samples, scenario)
                try Audit(rig).holdBasics(scenario)
            }
        }

        /// The second quarter against the last: the first fills caches.
        private func see(_ samples: [(descriptors: Int, threads: Int, memory: Double)], _ scenario: Scenario)
        {
            let quarter = samples.count / 4
            guard quarter > 0 else { return scenario.hold(false, "there are samples") }
            let (early, late) = (samples[quarter..<2 * quarter], samples.suffix(quarter))
            let median = { (values: [Double]) in values.sorted()[values.count / 2] }
            let descriptors = [early, late].map { median($0.map { Double($0.descriptors) }) }
            let threads = [early, late].map { median($0.map { Double($0.threads) }) }
            let memory = [early, late].map { median($0.map(\.memory)) }
            scenario.see(
                "descriptors \(Int(descriptors[0])) to \(Int(descriptors[1])), threads \(Int(threads[0])) to "
                    + "\(Int(threads[1])), memory \(memory[0].short) to \(memory[1].short) MiB")
            scenario.hold(descriptors[1] - descriptors[0] <= 12, "descriptors are flat")
            scenario.hold(threads[1] - threads[0] <= 2, "threads are flat")
            scenario.hold(memory[1] - memory[0] < 16, "memory is flat")
        }
    }
}
