import Messaging
import Model
import Posix
import Scheduling
import Storage
import Testing

@testable import Node

@Suite("Which runs are over", .timeLimit(.minutes(1)))
struct EndRelayTests {
    /// A scheduler with one check that runs every second, and the runs that it gives out.
    private struct Node {
        let scheduler: Scheduler
        let queues = JobQueues.local(capacity: 100)
        let loop: EventLoop

        init(_ rig: RoleRig) throws {
            loop = try EventLoop(name: "relay-test")
            loop.start()
            scheduler = Scheduler(loop: loop, queues: queues, log: rig.log)
        }

        /// The next run, as its result.
        func run() async -> CheckResult? {
            guard await eventually({ queues.local.count > 0 }),
                case .check(let job)? = queues.local.take(atMost: 1).first?.message
            else { return nil }
            return CheckResult(
                of: job, started: job.due, ended: job.due, ending: .exited(0),
                output: PluginOutput(text: "fine"),
                worker: "w")
        }
    }

    private func setUp(_ rig: RoleRig) async throws {
        _ = try await rig.store.add(Suite(name: "s"))
        _ = try await rig.store.add(Plugin(name: "p", script: "check_p", interval: 1, suites: ["s"]))
        _ = try await rig.store.add(Host(name: "h", address: "192.0.2.1", suites: ["s"]))
    }

    @Test("a scheduler that leads hears of runs that another recorder took, before they are stored")
    func elsewhere() async throws {
        let rig = try await RoleRig()
        try await setUp(rig)
        let (leader, standby) = (try Node(rig), try Node(rig))
        defer { for node in [leader, standby] { node.loop.stop() } }
        let queue = LocalQueue<RunEnds>(capacity: 10)
        let near = EndRelay(scheduler: leader.scheduler, outgoing: queue) { queue }
        let far = EndRelay(scheduler: standby.scheduler, outgoing: queue) { queue }
        near.begin()
        near.begin()
        await leader.scheduler.start(try await rig.store.schedule())

        // Its runs follow each other each second only as it hears that the one before is over: here by both ways.
        for relay in [near, far, far, near] {
            let result = try #require(await leader.run())
            await relay.tell([result])
        }
        let last = try #require(await leader.run())
        #expect(
            await eventually { await leader.scheduler.skipped().contains { $0.count > 0 } },
            "nobody tells of this one")
        await far.tell([last])
        #expect(await leader.run() != nil)
        #expect(queue.count == 0)
        // What it no longer leads, it no longer hears: the word is for the one that does.
        near.end()
        await leader.scheduler.resign()
        await far.tell([last])
        #expect(queue.count == 1)
        for node in [leader, standby] { await node.scheduler.stop() }
    }
}
