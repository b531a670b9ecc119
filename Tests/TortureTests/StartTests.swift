import Foundation
import TestSupport
import Testing

extension Torture {
    @Suite("Starts")
    struct Starts {
        @Test("a start, a restart and a return after a pause are no storm (B11)")
        func spread() async throws {
            let (hosts, interval, stop) = Extent.pick((200, 5, 6.0), (2000, 20, 60.0))
            let mean = hosts / interval
            try await Scenario.run(
                "starts",
                injected: "\(hosts) checks each \(interval) s: start, restart, \(Int(stop)) s stopped"
            ) { scenario in
                let rig = try Rig()
                rig.addHosts(hosts)
                rig.addAudit(interval: interval)
                for (name, pauseBefore) in [("start", 0.0), ("restart", 0.0), ("return", stop)] {
                    await pause(pauseBefore)
                    let begin = Date()
                    try await rig.start()
                    let isDone = await eventually(within: Double(interval) + 10) {
                        (try? Audit(rig, interval: interval))?.hosts(since: begin) == hosts
                    }
                    let took = Date().timeIntervalSince(begin)
                    scenario.hold(isDone, "every check runs after the \(name)")
                    scenario.holdInTime(
                        took < Double(interval) + 5, "within one interval + 5 s, it took \(took.short) s")
                    let rates = try Audit(rig, interval: interval).rates(from: begin, to: Date())
                    let most = rates.max() ?? 0
                    scenario.see("\(name): at most \(most) a second, \(mean) on average")
                    scenario.hold(most <= 4 * mean, "the \(name) is no storm, \(most) began in one second")
                    scenario.holdInTime(
                        most <= 2 * mean, "the \(name) starts at most twice the mean a second")
                    scenario.hold(try await rig.engine.stop() == 0, "it stops in order")
                }
                let audit = try Audit(rig, interval: interval)
                audit.holdBasics(scenario)
                scenario.hold(audit.lost.isEmpty, "no result is lost, \(audit.lost.count) are")
            }
        }
    }
}
