import Foundation
import TestSupport
import Testing

extension Torture {
    @Suite("Power cuts")
    struct PowerCuts {
        private static let hosts = 200
        /// Results leave the worker, are gathered and stored within this time when nothing else happens.
        private static let onTheirWay = 2.0

        @Test(
            "after kill -9 nothing that was recorded is lost, nothing is there twice, checks go on (B1, B2, B3)"
        )
        func kills() async throws {
            let count = Extent.pick(5, 200)
            try await Scenario.run(
                "kill -9 of the engine", injected: "\(count) times under \(Self.hosts) checks/s"
            ) { scenario in
                let rig = try Rig()
                rig.addHosts(Self.hosts)
                rig.addAudit(copies: 5)
                var (cuts, committed): ([Date], Set<String>) = ([], [])
                var longestStart = 0.0
                for _ in 0..<count {
                    let begin = Date()
                    try await rig.start()
                    longestStart = max(longestStart, Date().timeIntervalSince(begin))
                    await pause(Double.random(in: Extent.pick(0.4...1.6, 0.2...1.1)))
                    // What another program can read has been committed.
                    committed.formUnion(try newest(rig))
                    rig.engine.killHard()
                    cuts.append(Date())
                }
                let last = Date()
                try await rig.start()
                let isBack = await eventually(within: 10) {
                    (try? Audit(rig))?.hosts(since: last) == Self.hosts
                }
                let recovery = Date().timeIntervalSince(last)
                scenario.hold(isBack, "each check runs again")
                scenario.holdInTime(recovery < 6, "within one interval + 5 s, it took \(recovery.short) s")
                scenario.hold(try await rig.engine.stop() == 0, "it stops in order afterwards")
                let audit = try Audit(rig)
                audit.holdBasics(scenario)
                try expectCommitted(scenario, rig, committed)
                expectLost(scenario, audit, cuts)
                let check = try rig.query("PRAGMA integrity_check").first?.first
                scenario.hold(check == "ok", "the database is sound: \(check ?? "?")")
                scenario.see(
                    "start at most \(longestStart.short) s, each check again after \(recovery.short) s")
                scenario.hold(
                    Processes.alive(rig.auditFile).isEmpty, "no plugin of an engine that was killed lives on")
            }
        }

        private func newest(_ rig: Rig) throws -> Set<String> {
            Set(
                try rig.query("SELECT host_id, due, output FROM history ORDER BY due DESC LIMIT 400")
                    .map { $0.joined(separator: " ") })
        }

        private func expectCommitted(_ scenario: Scenario, _ rig: Rig, _ committed: Set<String>) throws {
            let all = Set(
                try rig.query("SELECT host_id, due, output FROM history").map { $0.joined(separator: " ") })
            let lost = committed.subtracting(all).count
            scenario.see("\(lost) of \(committed.count) results seen before a cut are lost")
            scenario.hold(lost == 0, "no committed result is lost")
        }

        /// Results may only be missing of runs that ended just before a cut.
        private func expectLost(_ scenario: Scenario, _ audit: Audit, _ cuts: [Date]) {
            let times = cuts.map { Double($0.microseconds) / 1e6 }
            let unexplained = audit.lost.filter { run in
                let ended = Double(run.ended ?? 0) / 1e6
                return !times.contains { ended <= $0 + 0.5 && ended > $0 - Self.onTheirWay }
            }
            scenario.see("\(audit.lost.count) runs abandoned, \(unexplained.count) of them not by a cut")
            scenario.hold(unexplained.isEmpty, "a result is missing only when the engine was cut off")
        }
    }
}
