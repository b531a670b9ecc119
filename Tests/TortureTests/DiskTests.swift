import Foundation
import Glibc
import TestSupport
import Testing

extension Torture {
    @Suite("Disks")
    struct Disks {
        private static let hosts = 50

        private func rig(_ extra: String = "") throws -> Rig {
            let rig = try Rig(extra: "worker: {name: w1, heartbeat: 1}\n\(extra)")
            rig.addHosts(Self.hosts)
            rig.addAudit()
            return rig
        }

        /// Waits until every run that ended has its result and nothing waits; the time that it took.
        private func recovery(_ rig: Rig, since: Date) async -> Double? {
            let isBack = await eventually(within: 40) { rig.isWell }
            return isBack ? Date().timeIntervalSince(since) : nil
        }

        /// After all is over: every run that ended is stored, once.
        private func expectNothingLost(
            _ scenario: Scenario, _ rig: Rig, longestGap limit: Double = 4
        ) async throws {
            scenario.hold(try await rig.engine.stop() == 0, "it stops in order")
            let audit = try Audit(rig)
            audit.holdBasics(scenario)
            scenario.see("\(audit.lost.count) lost")
            scenario.hold(audit.lost.isEmpty, "no result is lost, \(audit.lost.count) are")
            scenario.hold(
                audit.longestGap < limit,
                "checks go on meanwhile, the longest pause was \(audit.longestGap.short) s")
        }

        @Test(
            "a full disk stops no check and loses no result; it is told, and over when there is room (B13)",
            .enabled(if: Tools.isRoot))
        func fullDisk() async throws {
            let rounds = Extent.pick(1, 20)
            try await Scenario.run("disk", injected: "filled and freed \(rounds) times") { scenario in
                let rig = try rig()
                let state = rig.engine.state
                try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
                let mount = try Sandbox.run(
                    "/usr/bin/mount", ["-t", "tmpfs", "-o", "size=96m", "none", state])
                guard mount.code == 0 else { return scenario.skip("no mount: \(mount.errors)") }
                defer { _ = try? Sandbox.run("/usr/bin/umount", ["--lazy", state]) }
                try await rig.start()
                var longest = 0.0
                for _ in 0..<rounds {
                    await pause(Double.random(in: 0.5...2))
                    try fill(state + "/filler")
                    let isTold = await eventually(within: 15) {
                        rig.healthTells("disk is full")
                    }
                    scenario.hold(isTold, "health tells of the full disk")
                    await pause(Double.random(in: 0...1))
                    unlink(state + "/filler")
                    guard let time = await recovery(rig, since: Date()) else {
                        return scenario.hold(false, "results are stored again once there is room")
                    }
                    longest = max(longest, time)
                }
                scenario.see("stored again after at most \(longest.short) s")
                scenario.holdInTime(longest < 10, "stored again within 10 s")
                try await expectNothingLost(scenario, rig)
            }
        }

        /// Takes all the room that there is.
        private func fill(_ path: String) throws {
            let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(file) }
            let block = [UInt8](repeating: 1, count: 1 << 16)
            for size in [block.count, 4096, 1] { while write(file, block, size) == size {} }
        }

        @Test(
            "a write or a sync that fails is never taken for a success (B14)", .enabled(if: Tools.hasStrace),
            arguments: ["fsync,fdatasync", "pwrite64"])
        func failingCalls(calls: String) async throws {
            let seconds = Extent.pick(2.0, 15.0)
            try await Scenario.run("EIO", injected: "\(calls) fail for \(Int(seconds)) s") { scenario in
                let rig = try rig()
                try await rig.start()
                await pause(2)
                let tampering = try await Tampering(
                    rig.sandbox, pid: rig.enginePID(), "\(calls):error=EIO")
                let isTold = await eventually(within: 15) {
                    rig.healthTells("\"error\"")
                }
                scenario.hold(isTold, "health tells of it")
                await pause(seconds)
                let end = Date()
                await tampering.end()
                let time = await recovery(rig, since: end)
                scenario.hold(time != nil, "results are stored again:\n\(rig.engine.log.suffix(2000))")
                scenario.see("stored again after \((time ?? 0).short) s")
                scenario.hold(
                    rig.engine.log.contains("the database failed; opening it again"), "it is opened anew")
                try await expectNothingLost(scenario, rig)
            }
        }

        @Test("archives that break are set aside, in use or at the start, and checks go on (B15)")
        func damagedArchives() async throws {
            try await Scenario.run("archives", injected: "each cut, emptied, overwritten, removed") {
                scenario in
                let rig = try rig("statistics: {interval: 10}")
                try await rig.start()
                let archives = ["workers/w1.rrd", "global.rrd"].map { "\(rig.engine.state)/statistics/\($0)" }
                // A worker's archive has a sample a second, that of all one in ten.
                for archive in Extent.pick(Array(archives.prefix(1)), archives) {
                    try await expectReplaced(scenario, archive)
                }
                scenario.hold(await eventually(within: 25) { archives.allSatisfy(isSound) }, "all are sound")
                scenario.hold(try await rig.engine.stop() == 0, "it stops in order")
                for archive in archives { try overwrite(archive) }
                try await rig.start()
                scenario.hold(
                    await eventually(within: 25) { archives.allSatisfy(isSound) },
                    "all are begun anew after a start on damaged ones")
                let left = FileManager.default.subpaths(atPath: rig.engine.state + "/statistics") ?? []
                scenario.see("\(left.count { $0.contains("damaged") }) set aside")
                for archive in ["workers/w1.rrd", "global.rrd"] {
                    scenario.hold(
                        left.contains { $0.hasPrefix(archive + ".damaged") }, "the damaged \(archive) is kept"
                    )
                }
                try await expectNothingLost(scenario, rig, longestGap: 15)
            }
        }

        private func isSound(_ archive: String) -> Bool {
            (try? Sandbox.run("/usr/bin/rrdtool", ["last", archive]).code) == 0
        }

        private func overwrite(_ archive: String) throws {
            let noise = Data((0..<5000).map { _ in UInt8.random(in: 0 ... .max) })
            try noise.write(to: URL(fileURLWithPath: archive))
        }

        private func expectReplaced(_ scenario: Scenario, _ archive: String) async throws {
            let damages: [(String, (String) throws -> Void)] = [
                ("cut", { truncate($0, 700) }), ("emptied", { truncate($0, 0) }), ("overwritten", overwrite),
                ("removed", { unlink($0) }),
            ]
            for (name, damage) in damages {
                scenario.hold(
                    await eventually(within: 25) { isSound(archive) }, "there is one before it is \(name)")
                try damage(archive)
                scenario.hold(
                    await eventually(within: 25) { isSound(archive) }, "there is one after it was \(name)")
            }
        }
    }
}
