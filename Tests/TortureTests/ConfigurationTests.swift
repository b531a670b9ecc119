import Foundation
import JSON
import TestSupport
import Testing

extension Torture {
    @Suite("Configuration under load")
    struct Configuration {
        private static let hosts = 100

        @Test("very many edits kill no running check, move no other and cost no run (B12)")
        func edits() async throws {
            let seconds = Extent.pick(4, 60)
            try await Scenario.run("configuration", injected: "100 edits a second for \(seconds) s") {
                scenario in
                let rig = try Rig()
                rig.addHosts(Self.hosts)
                rig.addAudit()
                rig.addHosts(1, prefix: "long", suites: ["long"])
                let long = "check_audit"
                let pause = Extent.pick(3000, 50_000)
                rig.add(
                    Rig.Plugin(
                        name: "long", script: long, arguments: "\(rig.auditFile) $HOSTNAME$ 1 \(pause)",
                        interval: 86_400, timeout: 120, suite: "long"))
                try await rig.start()
                scenario.hold(
                    await eventually { (try? rig.number("SELECT count(*) FROM history")) ?? 0 >= Self.hosts },
                    "checks run")
                scenario.hold(try rig.run(host: "long0", plugin: "long"), "the long run begins")
                let (done, refused, took) = try edit(rig, for: seconds)
                scenario.see("\(done) edits in \(took.short) s, \(refused) refused")
                scenario.hold(refused == 0, "no edit is refused")
                let isOver = await eventually(within: 30) {
                    (try? rig.engine.status(host: "long0", plugin: "long"))?["state"]?.asString == "ok"
                }
                scenario.hold(isOver, "the long run ended by itself")
                try await expectUntouched(scenario, rig)
            }
        }

        private func expectUntouched(_ scenario: Scenario, _ rig: Rig) async throws {
            let skipped = try rig.skipped()
            scenario.see("\(Int(skipped)) skipped")
            scenario.holdInTime(skipped == 0, "no run is missed")
            scenario.hold(try await rig.engine.stop() == 0, "it stops in order")
            let audit = try Audit(rig)
            audit.holdBasics(scenario)
            scenario.see("\(audit.moved) runs moved")
            scenario.hold(audit.moved == 0, "no other check is moved")
            let unexplained = audit.unexplained(skipped: Int(skipped))
            scenario.hold(unexplained == 0, "due = ended + skipped, \(unexplained) are neither")
            let long = try Audit(rig, plugin: "long")
            scenario.hold(long.exited.count == 1, "the long run is stored once, by its own end")
        }

        /// Adds, changes and deletes objects, a hundred times a second.
        private func edit(_ rig: Rig, for seconds: Int) throws -> (done: Int, refused: Int, seconds: Double) {
            let begin = ContinuousClock.now
            var (done, refused) = (0, 0)
            for round in 0..<seconds * 10 {
                let name = "e\(round)"
                let bodies: [(String, String, JSONValue?)] = [
                    ("POST", "/suites", ["name": .string(name)]),
                    (
                        "POST", "/plugins",
                        [
                            "name": .string(name), "script": "check_dummy", "interval": 60,
                            "suites": [.string(name)],
                        ]
                    ),
                    (
                        "POST", "/hosts",
                        [
                            "name": .string(name),
                            "address": .string("198.51.\(100 + round / 250).\(1 + round % 250)"),
                            "suites": [.string(name)],
                        ]
                    ),
                    ("PATCH", "/plugins/\(name)", ["arguments": "0 \(String(repeating: "x", count: 5))"]),
                    ("PATCH", "/plugins/\(name)", ["interval": 30]),
                    ("PATCH", "/hosts/\(name)", ["maintenance": true]),
                    (
                        "PATCH", "/hosts/h\(round % Self.hosts)",
                        ["labels": .object([JSONMember("round", .string("\(round)"))])]
                    ),
                    ("DELETE", "/plugins/\(name)", nil), ("DELETE", "/hosts/\(name)", nil),
                    ("DELETE", "/suites/\(name)", nil),
                ]
                for (index, (method, path, body)) in bodies.enumerated() {
                    let answer = try rig.engine.send(
                        method, path, body: body?.bytes(), token: rig.engine.token)
                    if !(200..<300).contains(answer.status) { refused += 1 }
                    done += 1
                    let due = begin + .milliseconds(10 * (round * bodies.count + index + 1))
                    let early = due - ContinuousClock.now
                    if early > .zero { usleep(UInt32(early / .microseconds(1))) }
                }
            }
            let took = (ContinuousClock.now - begin) / .seconds(1)
            return (done, refused, took)
        }
    }
}
