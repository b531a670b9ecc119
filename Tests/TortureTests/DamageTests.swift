import Foundation
import TestSupport
import Testing

extension Torture {
    @Suite("Damaged databases")
    struct Damage {
        /// What is done to the file; nil: it is removed.
        private static let damages: [(name: String, damage: @Sendable (Data) -> Data?)] = [
            ("cut", { $0.prefix($0.count / 2) }), ("cut to little", { $0.prefix(100) }),
            ("emptied", { _ in Data() }),
            ("overwritten", { Data(count: 100) + $0.dropFirst(100) }),
            ("not a database", { Data("hello, world. ".utf8) + $0.dropFirst(14) }),
            ("one of another program", { $0.prefix(68) + Data([1, 2, 3, 4]) + $0.dropFirst(72) }),
        ]

        @Test("a damaged database is refused with a sentence and never begun anew (B15)")
        func refused() async throws {
            try await Scenario.run(
                "database", injected: (Self.damages.map(\.name) + ["missing"]).joined(separator: ", ")
            ) { scenario in
                let rig = try Rig()
                rig.addHosts(20)
                rig.addAudit()
                try await rig.start()
                let hasResults = await eventually {
                    (try? rig.number("SELECT count(*) FROM history")) ?? 0 > 20
                }
                scenario.hold(hasResults, "there is something to lose")
                rig.engine.killHard()
                let left = try keep(rig, "left")
                try await rig.start()
                scenario.hold(try await rig.engine.stop() == 0, "it stops in order")
                let closed = try keep(rig, "closed")
                for (name, damage) in Self.damages { try expectRefusal(scenario, rig, name, closed, damage) }
                // With the log of an engine that was killed; pages that are in it may be damaged in the file.
                for name in ["cut", "cut to little", "emptied"] {
                    guard let damage = Self.damages.first(where: { $0.name == name })?.damage else {
                        continue
                    }
                    try expectRefusal(scenario, rig, name + " after a kill", left, damage)
                }
                try expectRefusal(scenario, rig, "missing after a kill", left) { _ in nil }
                try restore(rig, left)
                try await rig.start()
                scenario.hold(try await rig.engine.stop() == 0, "the sound file still works")
            }
        }

        private func keep(_ rig: Rig, _ name: String) throws -> String {
            let copy = rig.sandbox.path + "/" + name
            try FileManager.default.copyItem(atPath: rig.engine.state, toPath: copy)
            return copy
        }

        private func restore(_ rig: Rig, _ copy: String) throws {
            try FileManager.default.removeItem(atPath: rig.engine.state)
            try FileManager.default.copyItem(atPath: copy, toPath: rig.engine.state)
        }

        private func expectRefusal(
            _ scenario: Scenario, _ rig: Rig, _ name: String, _ copy: String, _ damage: (Data) -> Data?
        ) throws {
            try restore(rig, copy)
            let file = URL(fileURLWithPath: rig.database)
            let content = damage(try Data(contentsOf: file)).map { Data($0) }
            if let content {
                try content.write(to: file)
            } else {
                try FileManager.default.removeItem(at: file)
            }
            let run = try Sandbox.run(
                Sandbox.binaries + "/ppalette", ["run", "--config", rig.sandbox.path + "/ppalette.yaml"],
                limit: .seconds(20))
            scenario.hold(run.code == 1, "a database that is \(name) is refused, exit \(run.code)")
            scenario.hold(
                run.errors.contains("ppalette.db"), "a sentence names it: \(run.errors.suffix(300))")
            scenario.hold(
                (try? Data(contentsOf: file)) == content, "a database that is \(name) is left as it was")
        }
    }
}
