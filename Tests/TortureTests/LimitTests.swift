import Foundation
import Glibc
import TestSupport
import Testing

extension Torture {
    @Suite("Limits of the system")
    struct Limits {
        private static let hosts = 20

        @Test("without descriptors no target changes its state, and all goes on when there are some (B8)")
        func descriptors() async throws {
            try await Scenario.run("no descriptors", injected: "limit of open files 8, then lifted") {
                scenario in
                let rig = try rig()
                try await rig.start()
                let pid = rig.enginePID()
                let limit = try Limit("nofile", "Max open files", pid)
                try await storm(scenario, rig, begin: { try limit.set("8") }, end: { try limit.lift() })
            }
        }

        @Test(
            "without processes no target changes its state (B8)",
            .enabled(
                if: Tools.isRoot && Extent.isFull, "only the long form starts the engine as another user"))
        func processes() async throws {
            try await Scenario.run("no processes", injected: "limit of processes 1, then lifted") {
                scenario in
                let rig = try rig()
                let user = "61234"
                _ = try Sandbox.run("/usr/bin/chown", ["-R", "\(user):\(user)", rig.sandbox.path])
                // The objects are written at the start, by us.
                let change = ["/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
                try await rig.start(through: change)
                let pid = rig.enginePID()
                let limit = try Limit("nproc", "Max processes", pid, as: change)
                try await storm(scenario, rig, begin: { try limit.set("1") }, end: { try limit.lift() })
            }
        }

        @Test(
            "system calls that fail blame no target (B8)", .enabled(if: Tools.hasStrace),
            arguments: Extent.pick(
                ["clone3,clone:error=EAGAIN"],
                ["clone3,clone:error=EAGAIN", "clone3,clone:error=ENOMEM", "pipe2:error=EMFILE"]))
        func failingCalls(rule: String) async throws {
            try await Scenario.run("failing system calls", injected: rule) { scenario in
                let rig = try rig()
                try await rig.start()
                let pid = rig.enginePID()
                var tampering: Tampering?
                try await storm(
                    scenario, rig,
                    begin: { tampering = try await Tampering(rig.sandbox, pid: pid, rule) },
                    end: { await tampering?.end() })
            }
        }

        private func rig() throws -> Rig {
            let rig = try Rig()
            rig.addHosts(Self.hosts)
            rig.addAudit()
            try rig.addScript("check_warn", "#!/bin/sh\necho WARN\nexit 1\n")
            return rig
        }

        /// A soft limit of the running engine.
        private struct Limit {
            private let name: String
            private let pid: Int32
            private let before: String
            /// A program that becomes the engine's user first, where that is another.
            private let change: [String]

            init(_ name: String, _ title: String, _ pid: Int32, as change: [String] = []) throws {
                let limits = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
                let line = limits.split(separator: "\n").first { $0.hasPrefix(title) }
                guard let value = line?.dropFirst(title.count).split(separator: " ").first else {
                    throw EngineFailure(description: "there is no \(title)")
                }
                (self.name, self.pid, before) = (name, pid, String(value))
                self.change = change
            }

            func set(_ value: String) throws {
                let command = change + ["/usr/bin/prlimit", "--pid", "\(pid)", "--\(name)=\(value):"]
                let run = try Sandbox.run(command[0], Array(command.dropFirst()))
                guard run.code == 0 else { throw EngineFailure(description: "prlimit: \(run.errors)") }
            }

            func lift() throws { try set(before) }
        }

        /// What a target is taken to be, by check.
        private func states(_ rig: Rig) throws -> [String] {
            try rig.query(
                "SELECT host_id, plugin_id, state, state_since, output <> '' FROM checks ORDER BY id"
            )
            .map { $0.joined(separator: " ") }
        }

        private func storm(
            _ scenario: Scenario, _ rig: Rig, begin: () async throws -> Void, end: () async throws -> Void
        ) async throws {
            let checks = 2 * Self.hosts
            let isRunning = await eventually {
                (try? rig.number("SELECT count(*) FROM checks WHERE state IN (0, 1)")) == checks
            }
            scenario.hold(isRunning, "all checks run before")
            let before = try states(rig)
            try await begin()
            let troubled =
                "SELECT count(DISTINCT host_id * 1000 + plugin_id) FROM history WHERE cause = 'internal'"
            let hurts = await eventually(within: 30) { (try? rig.number(troubled)) == checks }
            let amid = try states(rig)
            let lifted = Date()
            try await end()
            scenario.hold(hurts, "every check fails internally for a while")
            let fresh = """
                SELECT count(DISTINCT host_id * 1000 + plugin_id) FROM history
                WHERE cause = 'exited' AND due > \(lifted.microseconds)
                """
            let isBack = await eventually(within: 30) { (try? rig.number(fresh)) == checks }
            let recovery = Date().timeIntervalSince(lifted)
            scenario.hold(isBack, "every check runs again")
            scenario.see("back after \(recovery.short) s")
            scenario.holdInTime(recovery <= 5, "back within 5 s")
            let changed =
                zip(before, amid).count { $0 != $1 } + zip(before, try states(rig)).count { $0 != $1 }
            scenario.see("\(changed) states of targets changed")
            scenario.hold(changed == 0, "no state of a target changes")
            let causes = try rig.query("SELECT DISTINCT cause FROM history ORDER BY cause").map { $0[0] }
            scenario.hold(causes == ["exited", "internal"], "the cause is internal: \(causes)")
            try Audit(rig).holdBasics(scenario)
        }
    }
}
