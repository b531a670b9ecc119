import Foundation
import TestSupport
import Testing

extension Torture {
    @Suite("Hostile plugins")
    struct Hostile {
        /// Plugins that do their worst, beside those of the table of cases; `$MARK` is in every process they leave.
        private static let worst = [
            "term_deaf": "trap '' TERM; echo deaf; while :; do sleep $MARK; done",
            "double_fork":
                "(setsid sh -c '(sleep $MARK &); exec sleep $MARK' >/dev/null 2>&1 &); echo OK forked",
            "session_deaf": "setsid sh -c 'trap \"\" TERM HUP; sleep $MARK; sleep $MARK' & sleep $MARK",
            "fork50": "i=0; while [ $i -lt 50 ]; do sleep $MARK & i=$((i+1)); done; wait",
            "daemon":
                "(setsid sh -c 'exec 0<&- 1>&- 2>&-; cd /; trap \"\" HUP; sleep $MARK & wait' &); exit 2",
        ]
        private static let hanging: Set = [
            "sigstop", "timeout_trapok", "timeout_children", "term_deaf", "session_deaf", "fork50",
        ]
        /// What the sleeping processes of this test sleep, which tells them from all others.
        private let mark = "64.\(UInt32.random(in: 100_000...999_999))"

        @Test("every hostile plugin gets its own result, at its deadline, and nothing of it is left (B4, B5)")
        func allAtOnce() async throws {
            let hosts = Extent.pick(3, 13)
            let names = PluginCase.all.map(\.name) + Self.worst.keys.sorted()
            try await Scenario.run(
                "hostile plugins", injected: "\(hosts * names.count) runs of \(names.count) kinds at once"
            ) { scenario in
                let rig = try Rig(extra: "worker: {concurrency: 2000}")
                rig.addHosts(20)
                rig.addAudit()
                rig.addHosts(hosts, prefix: "s", suites: ["storm"])
                for name in names { try add(name, to: rig) }
                try await rig.start()
                await pause(Extent.pick(3, 10))
                let storm = Date()
                for name in names {
                    for host in 0..<hosts {
                        scenario.hold(try rig.run(host: "s\(host)", plugin: name), "\(name) is taken")
                    }
                }
                let isOver = await eventually(within: 60) {
                    (try? rig.number(Self.stormResults)) == hosts * names.count
                }
                scenario.hold(isOver, "each run has its result")
                await expectNothingLeft(scenario, rig)
                try expectStates(scenario, rig)
                try seeTimes(scenario, rig, storm: storm)
                try Audit(rig).holdBasics(scenario)
            }
        }

        @Test(
            "as process 1 of a namespace too, nothing is left and no zombie stays (B4)",
            .enabled(if: Tools.isRoot))
        func asFirstProcess() async throws {
            let names = ["double_fork", "daemon", "session_deaf", "fork50", "bg_setsid_holds"]
            let hosts = Extent.pick(2, 10)
            try await Scenario.run(
                "the engine is process 1", injected: "\(hosts * names.count) runs that leave daemons"
            ) { scenario in
                let rig = try Rig()
                rig.addHosts(5)
                rig.addAudit()
                rig.addHosts(hosts, prefix: "s", suites: ["storm"])
                for name in names { try add(name, to: rig) }
                try await rig.start(
                    through: ["/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--mount-proc"])
                scenario.hold(
                    Processes.status(rig.enginePID(), "NSpid")?.split(separator: "\t").last == "1",
                    "it is process 1")
                for name in names {
                    for host in 0..<hosts {
                        scenario.hold(try rig.run(host: "s\(host)", plugin: name), "\(name) is taken")
                    }
                }
                let isOver = await eventually(within: 30) {
                    (try? rig.number(Self.stormResults)) == hosts * names.count
                }
                scenario.hold(isOver, "each run has its result")
                await expectNothingLeft(scenario, rig)
                try Audit(rig).holdBasics(scenario)
            }
        }

        @Test("more plugins that hang than there are places delay no other for long (B5)")
        func moreThanPlaces() async throws {
            let count = Extent.pick(300, 700)
            try await Scenario.run("hanging plugins", injected: "\(count) at once, with 256 places") {
                scenario in
                let rig = try Rig()
                rig.addHosts(10)
                rig.addAudit()
                rig.addHosts(count, prefix: "s", suites: ["storm"])
                try rig.addScript(
                    "hang", "#!/bin/sh\nexec sleep \(mark)\n", interval: 86_400, timeout: 10, suite: "storm")
                try await rig.start()
                await pause(2)
                let storm = Date()
                for host in 0..<count {
                    scenario.hold(try rig.run(host: "s\(host)", plugin: "hang"), "it is taken")
                }
                let isOver = await eventually(within: 60) { (try? rig.number(Self.stormResults)) == count }
                scenario.hold(isOver, "each has its result")
                let timeouts = try rig.number("SELECT count(*) FROM history WHERE cause = 'timeout'")
                scenario.hold(timeouts == count, "all began and timed out, \(timeouts) did")
                let audit = try Audit(rig)
                audit.holdBasics(scenario)
                let late = try rig.lateness(of: "audit", from: storm, to: Date())
                scenario.see(
                    "good checks at most \((late.most / 1000).short) s late, \(Int(try rig.skipped())) skipped"
                )
                // Without places for runs that last they would wait for the first timeout.
                scenario.hold(
                    audit.longestGap < 6,
                    "good checks go on, the longest pause was \(audit.longestGap.short) s")
            }
        }

        private static let stormResults = """
            SELECT count(*) FROM history JOIN plugins ON plugins.id = plugin_id WHERE plugins.name <> 'audit'
            """

        private func add(_ name: String, to rig: Rig) throws {
            let path = rig.engine.plugins + "/" + name
            if let text = PluginScripts.files[name] {
                try rig.sandbox.write("plugins/\(name)", text, mode: 0o755)
            } else if let text = PluginScripts.shell[name] ?? Self.worst[name] {
                let marked = text.replacing("sleep 64", with: "sleep \(mark)").replacing("$MARK", with: mark)
                try rig.sandbox.write("plugins/\(name)", "#!/bin/sh\n\(marked)\n", mode: 0o755)
            } else if name == "isdir" {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            }
            rig.add(
                Rig.Plugin(
                    name: name, script: name, arguments: rig.sandbox.path + "/pids", interval: 86_400,
                    timeout: Self.hanging.contains(name) ? 1 : 10, suite: "storm"))
        }

        /// Descendants and zombies may live for a moment, not longer.
        private func expectNothingLeft(_ scenario: Scenario, _ rig: Rig) async {
            let left = { Processes.alive(mark) + Processes.alive(rig.engine.plugins + "/") }
            let isGone = await eventually(within: Extent.pick(10, 1)) { left().isEmpty }
            scenario.see("\(left().count) processes left")
            scenario.hold(isGone, "no descendant lives on: \(left().map(\.command))")
            let engine = rig.enginePID()
            let hasNone = await eventually(within: 5) { Processes.zombies(under: engine) == 0 }
            scenario.hold(hasNone, "no zombie, \(Processes.zombies(under: engine)) are there")
        }

        private func expectStates(_ scenario: Scenario, _ rig: Rig) throws {
            let rows = try rig.query(
                """
                SELECT plugins.name, state, cause FROM history JOIN plugins ON plugins.id = plugin_id
                WHERE plugins.name <> 'audit'
                """)
            let wanted = Dictionary(PluginCase.all.map { ($0.name, "\($0.state)") }) { $1 }
            let wrong = rows.filter { row in wanted[row[0]].map { $0 != row[1] } ?? false }
            scenario.hold(wrong.isEmpty, "each case has the state of the table: \(wrong.prefix(5))")
            let timely = rows.filter { Self.hanging.contains($0[0]) && $0[2] != "timeout" }
            scenario.hold(timely.isEmpty, "what hangs times out: \(timely.prefix(5))")
        }

        private func seeTimes(_ scenario: Scenario, _ rig: Rig, storm: Date) throws {
            let over = try rig.query(
                """
                SELECT (ended - started) / 1000.0 - timeout * 1000 FROM history
                JOIN plugins ON plugins.id = plugin_id WHERE cause = 'timeout'
                """)
            let beyond = Quantiles(over.compactMap { $0.first.flatMap { Double($0) } })
            scenario.see("result \(beyond.at(0.99).short) ms after the deadline (p99)")
            scenario.holdInTime(beyond.at(0.99) <= 250, "a result comes at its deadline + 250 ms (p99)")
            let before = try rig.lateness(of: "audit", from: .distantPast, to: storm)
            let during = try rig.lateness(of: "audit", from: storm, to: storm.addingTimeInterval(6))
            scenario.see(
                "lateness of good checks p99 \(before.at(0.99).short) ms before, \(during.at(0.99).short) ms beside"
            )
            scenario.holdInTime(
                during.at(0.99) - before.at(0.99) < 50, "lateness of good checks grows by less than 50 ms")
        }
    }
}
