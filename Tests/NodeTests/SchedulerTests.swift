import Messaging
import Model
import Posix
import Storage
import Synchronization
import Testing

@testable import Node

@Suite("Scheduler", .timeLimit(.minutes(1)))
struct SchedulerTests {
    @Test(
        "a clock that is set while the engine runs makes no job late and moves no run",
        arguments: [3600, -3600])
    func clockIsSet(step: Int64) async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let loop = try EventLoop(name: "scheduler-test")
        loop.start()
        defer { loop.stop() }
        let shift = Mutex(Duration.zero)
        let wall: @Sendable () -> Timestamp = { .now + shift.withLock { $0 } }
        let scheduler = Scheduler(loop: loop, queues: .local(capacity: 10), log: rig.log, wall: wall)
        await scheduler.start(try await rig.store.schedule())
        let before = await scheduler.firstEntries(skipping: 0, atMost: 1).items.first

        shift.withLock { $0 = .seconds(step) }
        let job = await scheduler.runNow(host: host.id, plugin: plugin.id)
        let started = wall()
        let run = try #require(job)
        #expect(started <= run.deadline)
        #expect(run.due <= started && run.due + .seconds(60) > started)
        let after = await scheduler.firstEntries(skipping: 0, atMost: 1).items.first
        #expect(after?.entry.nextRun == before?.entry.nextRun)
    }

    @Test("a run that several zones are asked for goes to each, and to be told apart")
    func polls() async throws {
        let rig = try await RoleRig()
        _ = try await rig.store.add(Suite(name: "s"))
        let plugin = try await rig.store.add(
            Plugin(
                name: "p", script: "check_p", interval: 1, suites: ["s"], zones: ["main", "berlin"], quorum: 2
            ))
        _ = try await rig.store.add(Host(name: "h", address: "192.0.2.1", suites: ["s"], zone: "dmz"))
        let loop = try EventLoop(name: "scheduler-test")
        loop.start()
        defer { loop.stop() }
        let queues = JobQueues.local(capacity: 10)
        let scheduler = Scheduler(loop: loop, queues: queues, log: rig.log)
        await scheduler.start(try await rig.store.schedule())
        #expect(
            await eventually { queues.local.count > 0 && (queues.inZone("berlin")?.local.count ?? 0) > 0 })
        func observer(_ zone: String) -> String?? {
            guard case .check(let job)? = queues.inZone(zone)?.local.take(atMost: 1).first?.message else {
                return nil
            }
            #expect(job.plugin.value.id == plugin.id)
            return .some(job.assignment.observer)
        }
        #expect(observer("") == .some("") && observer("berlin") == .some("berlin"))
        #expect(queues.zones?.all["dmz"] == nil, "the host's own zone is not asked")
        await scheduler.stop()
    }

    @Test(
        "an edit between the snapshot and the start is neither lost nor taken twice",
        arguments: [true, false])
    func editBeforeStart(isInSnapshot: Bool) async throws {
        let rig = try await RoleRig()
        let empty = try await rig.store.schedule()
        let (host, plugin) = try await rig.addCheck()
        let loop = try EventLoop(name: "scheduler-test")
        loop.start()
        defer { loop.stop() }
        let scheduler = Scheduler(loop: loop, queues: .local(capacity: 10), log: rig.log)
        var change = ScheduleChange()
        (change.hosts, change.plugins) = ([host], [plugin])
        change.added = [CheckID(host: host.id, plugin: plugin.id)]
        await scheduler.prepare()
        await scheduler.apply(change)
        await scheduler.start(isInSnapshot ? try await rig.store.schedule() : empty)
        #expect(await scheduler.count == 1)
        #expect(await scheduler.entries(host: nil, plugin: nil).count == 1)
    }
}
