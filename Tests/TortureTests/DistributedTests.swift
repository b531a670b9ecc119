import Foundation
import Glibc
import JSON
import TestSupport
import Testing

extension Torture {
    @Suite("Many machines")
    struct Distributed {
        private static let hosts = 200

        @Test(
            "whatever of a cluster goes away, each run has one result or is counted as skipped",
            .timeLimit(.minutes(10)))
        func storm() async throws {
            let down = Extent.pick(6, 60)
            try await Scenario.run(
                "broker, database and workers go away",
                injected: "\(Self.hosts) checks/s on three workers; each away for up to \(down) s"
            ) { scenario in
                let network = CutNetwork()
                let rig = try await ClusterRig("storm", hosts: Self.hosts, address: network?.address)
                try await rig.cluster.head.start()
                for name in ["one", "two"] { try await rig.cluster.startWorker(name) }
                if let network {
                    try await rig.cluster.startWorker(
                        "three", through: network.wrapper, address: network.address)
                } else {
                    scenario.see("no network namespace can be made here, so that no worker is cut off")
                    try await rig.cluster.startWorker("three")
                }
                try rig.fill()
                scenario.hold(await rig.isChecking(), "it runs at first")

                try rig.cluster.broker.settle()
                rig.cluster.broker.kill()
                await pause(Extent.pick(3, 15))
                try await rig.cluster.broker.start()
                scenario.hold(await rig.isChecking(), "it runs after the broker was killed")

                await rig.cluster.database.killHard()
                await pause(Double(down))
                try await rig.cluster.database.start()
                scenario.hold(await rig.isChecking(), "it runs after the database was away")

                rig.cluster.process(ofWorker: "one")?.killNow()
                await pause(Extent.pick(2, 10))
                try await rig.cluster.startWorker("one")
                scenario.hold(await rig.isChecking(), "it runs after a worker was killed")

                let frozen = rig.cluster.process(ofWorker: "two")?.pid ?? 0
                kill(frozen, SIGSTOP)
                await pause(Extent.pick(5, 40))
                kill(frozen, SIGCONT)
                scenario.hold(await rig.isChecking(), "it runs after a worker stood still")

                if let network {
                    try network.cut()
                    await pause(Extent.pick(5, 40))
                    try network.mend()
                    scenario.hold(await rig.isChecking(), "it runs after a worker was cut off")
                }
                try await rig.end(scenario)
                let audit = try Audit(rig.cluster, file: rig.file)
                audit.holdBasics(scenario)
                rig.holdOneEach(scenario, audit)
                let late = audit.rows.count { $0.cause == "too_late" }
                scenario.see(
                    "\(late) of them too late, \(rig.skipped) skipped, longest gap \(audit.longestGap.short) s"
                )
                scenario.hold(audit.unexplained(skipped: rig.skipped) <= 0, "no run vanishes")
                scenario.hold(audit.moved == 0, "no run moves")
            }
        }

        @Test(
            "a scheduler that leads is killed again and again; the other takes over, and no run is doubled or moved"
        )
        func leaders() async throws {
            let count = Extent.pick(2, 10)
            try await Scenario.run(
                "kill -9 of the leading scheduler", injected: "\(count) times under \(Self.hosts) checks/s"
            ) { scenario in
                let rig = try await ClusterRig("leaders", hosts: Self.hosts, heads: 2)
                for head in rig.cluster.heads { try await head.start() }
                for name in ["one", "two"] { try await rig.cluster.startWorker(name) }
                try rig.fill()
                scenario.hold(await rig.isChecking(), "it runs at first")
                var longest = 0.0
                for _ in 0..<count {
                    guard let leader = rig.leader else {
                        scenario.hold(false, "one of both leads")
                        return
                    }
                    leader.killHard()
                    let begin = Date()
                    let isTaken = await eventually(within: 30) { rig.leader.map { $0 !== leader } ?? false }
                    longest = max(longest, Date().timeIntervalSince(begin))
                    scenario.hold(isTaken, "the other takes over")
                    scenario.hold(await rig.isChecking(), "it runs after the leader was killed")
                    try await leader.start()
                }
                scenario.see("the other led after at most \(longest.short) s")
                scenario.holdInTime(longest < 10, "within 10 s")
                try await rig.end(scenario)
                let audit = try Audit(rig.cluster, file: rig.file)
                audit.holdBasics(scenario)
                rig.holdOneEach(scenario, audit)
                scenario.see("longest gap \(audit.longestGap.short) s")
                scenario.hold(audit.moved == 0, "no run moves")
                let doubled = rig.redone(audit)
                scenario.see("\(doubled) runs took place twice")
            }
        }
    }
}

/// A cluster whose plugin writes down its own runs.
private final class ClusterRig {
    let cluster: Cluster
    let file: String
    private let hosts: Int
    private let folder: Sandbox
    private(set) var skipped = 0

    init(_ name: String, hosts: Int, heads: Int = 1, address: String? = nil) async throws {
        self.hosts = hosts
        folder = try Sandbox()
        file = try folder.write("audit", "", mode: 0o666)
        cluster = try await Cluster(name, heads: heads, address: address)
        try FileManager.default.copyItem(atPath: Tools.audit.get(), toPath: cluster.plugins + "/check_audit")
    }

    /// Makes the hosts, each with one run a second.
    func fill() throws {
        let head = leader ?? cluster.head
        try head.post("/suites", ["name": "all"])
        try head.post(
            "/plugins",
            [
                "name": "audit", "script": "check_audit", "arguments": .string("\(file) $HOSTNAME$ 3 5"),
                "interval": 1, "timeout": 5, "suites": ["all"],
            ])
        for number in 0..<hosts {
            let answer = try head.post(
                "/hosts",
                [
                    "name": .string("h\(number)"), "address": .string("127.0.1.\(number + 1)"),
                    "suites": ["all"],
                ])
            guard answer.status == 201 else { throw EngineFailure(description: answer.json.text()) }
        }
    }

    /// Whether every host is checked from now on, and nothing waits.
    func isChecking() async -> Bool {
        let begin = Date()
        return await eventually(within: 60) {
            guard let audit = try? Audit(self.cluster, file: self.file) else { return false }
            return audit.hosts(since: begin) == self.hosts
        }
    }

    /// The head whose scheduler drives the checks.
    var leader: EngineUnderTest? {
        cluster.heads.first { head in
            let parts = (try? head.get("/health").json["parts"]?.asArray) ?? []
            let detail = parts.first { $0["name"]?.asString == "scheduler" }?["detail"]
            return detail != nil && detail?.asString?.contains("stands by") != true
        }
    }

    /// Lets what is under way be recorded, and ends all in order.
    func end(_ scenario: Scenario) async throws {
        // No new runs; what was given out has its ten seconds.
        let head = leader ?? cluster.head
        for line in String(decoding: try head.raw("GET", "/metrics", token: head.token).body, as: UTF8.self)
            .split(separator: "\n")
        where line.hasPrefix("ppalette_runs_skipped_total") {
            skipped += Int(line.split(separator: " ").last ?? "") ?? 0
        }
        for number in 0..<hosts { try head.patch("/hosts/h\(number)", ["maintenance": true]) }
        let isCalm = await eventually(within: 60) { self.waiting == 0 }
        scenario.hold(isCalm, "all that waits is recorded in the end")
        // What was not acknowledged when its worker went comes again within a heartbeat of the broker.
        await pause(Extent.pick(12, 25))
        for head in cluster.heads where head.process?.isRunning == true {
            scenario.hold(try await head.stop() == 0, "a head stops in order")
        }
    }

    private var waiting: Int {
        let queues = (try? (leader ?? cluster.head).get("/queues").json["items"]?.asArray) ?? []
        return queues.reduce(0) { $0 + Int($1["waiting"]?.asInteger ?? 0) }
    }

    /// Holds that a check has one result for each due time.
    func holdOneEach(_ scenario: Scenario, _ audit: Audit) {
        let keys = audit.rows.map { "\($0.host) \($0.due)" }
        scenario.hold(Set(keys).count == keys.count, "no run has two results")
    }

    /// Runs that took place and are no result: their job was given out again.
    func redone(_ audit: Audit) -> Int { audit.runs.count - audit.exited.count }
}

/// A network namespace with a wire to this machine that can be cut; only root can make one.
private final class CutNetwork {
    /// This end of the wire, from the range for links that is routed nowhere (RFC 3927).
    let address: String
    private let name: String

    var wrapper: [String] { ["/usr/sbin/ip", "netns", "exec", name] }

    init?() {
        guard Tools.isRoot, FileManager.default.isExecutableFile(atPath: "/usr/sbin/nft") else { return nil }
        let number = Int.random(in: 1...250)
        name = "pp\(getpid())"
        address = "169.254.\(number).1"
        let wire = "ppw\(number)"
        let commands = [
            "netns add \(name)", "link add \(wire) type veth peer name eth0 netns \(name)",
            "address add \(address)/30 dev \(wire)", "link set \(wire) up",
            "-n \(name) address add 169.254.\(number).2/30 dev eth0", "-n \(name) link set eth0 up",
            "-n \(name) link set lo up",
        ]
        var isMade = true
        for command in commands where isMade {
            let words = command.split(separator: " ").map(String.init)
            isMade = (try? Sandbox.run("/usr/sbin/ip", words).code) == 0
        }
        // A kernel without packet filters has no way to cut it.
        guard isMade, (try? filter("list ruleset")) != nil, (try? filter("add table inet cut")) != nil else {
            return nil
        }
    }

    /// The wire goes with its namespace.
    deinit { _ = try? Sandbox.run("/usr/sbin/ip", ["netns", "delete", name]) }

    /// From now on nothing comes in or goes out, and nobody is told.
    func cut() throws {
        try filter("add table inet cut")
        try filter("add chain inet cut in { type filter hook input priority 0; policy drop; }")
        try filter("add chain inet cut out { type filter hook output priority 0; policy drop; }")
    }

    func mend() throws { try filter("delete table inet cut") }

    private func filter(_ rule: String) throws {
        let run = try Sandbox.run("/usr/sbin/ip", ["netns", "exec", name, "/usr/sbin/nft", rule])
        guard run.code == 0 else { throw EngineFailure(description: "nft: \(run.errors)") }
    }
}
