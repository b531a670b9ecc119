import Messaging
import Model
import Statistics
import Storage
import Synchronization
import Testing

@testable import Node

@Suite("Recorder", .timeLimit(.minutes(2)))
struct RecorderTests {
    private let queue = LocalQueue<Outcome>(capacity: 100_000)

    private func recorder(
        _ rig: RoleRig, from source: (any MessageQueue<Outcome>)? = nil,
        onRecorded: @escaping @Sendable ([CheckResult]) -> Void = { _ in }
    ) -> Recorder {
        Recorder(
            queue: source ?? queue, store: rig.store,
            archives: Archives(folder: rig.folder + "/rrd", log: rig.log),
            spool: ResultSpool(folder: rig.folder + "/spool", log: rig.log), settings: Settings(),
            log: rig.log, onRecorded: { onRecorded($0) })
    }

    private func offer(_ range: Range<Int64>, _ host: Host, _ plugin: Plugin) {
        let outcomes = range.map { Outcome.check(result(host, plugin, due: $0)) }
        #expect(queue.offer(outcomes) == outcomes.count)
    }

    @Test("results are stored in order and told to those who wait for them")
    func stores() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let told = Mutex(0)
        let recorder = recorder(rig) { results in told.withLock { $0 += results.count } }
        let run = Task { await recorder.run() }
        offer(0..<2500, host, plugin)
        #expect(await eventually { await recorder.tally.stored == 2500 })
        #expect(rig.store.recorded == (0..<2500).map { at($0) })
        #expect(await eventually { told.withLock { $0 } == 2500 })
        #expect(queue.count == 0)
        run.cancel()
        await run.value
    }

    @Test(
        "while the store fails results wait in the spool; then they are stored in order, and it is told once")
    func spools() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let recorder = recorder(rig)
        let run = Task { await recorder.run() }
        offer(0..<10, host, plugin)
        #expect(await eventually { await recorder.tally.stored == 10 })

        rig.store.fail(with: .unavailable("the disk is full"))
        for start in stride(from: Int64(10), to: 60, by: 10) {
            offer(start..<start + 10, host, plugin)
            #expect(await eventually { await recorder.waiting == Int(start) })
        }
        #expect(await eventually { await recorder.tally.failures >= 2 })
        #expect(await recorder.tally.trouble == "the disk is full")
        #expect(rig.told("results go to the spool: the disk is full") == 1)

        rig.store.fail(with: nil)
        offer(60..<70, host, plugin)
        #expect(await eventually { await recorder.tally.stored == 70 })
        #expect(rig.store.recorded == (0..<70).map { at($0) })
        #expect(await recorder.waiting == 0)
        #expect(await recorder.tally.trouble == nil)
        #expect(rig.told("the database can be used again") == 1)
        run.cancel()
        await run.value
        #expect(try await rig.store.history(HistoryQuery(limit: 1000)).items.count == 70)
    }

    @Test("results that never stop coming do not keep the spool from being stored again")
    func replaysUnderLoad() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let endless = EndlessQueue { .check(result(host, plugin, due: $0)) }
        let recorder = recorder(rig, from: endless)
        rig.store.fail(with: .unavailable("the disk is full"))
        let run = Task { await recorder.run() }
        #expect(await eventually { await recorder.waiting > 3 })
        rig.store.fail(with: nil)
        #expect(await eventually { await recorder.tally.stored > 0 })
        #expect(await eventually { await recorder.waiting == 0 })
        endless.close()
        run.cancel()
        await run.value
        #expect(rig.store.recorded == rig.store.recorded.sorted())
    }

    @Test("what an earlier run left in the spool is stored before what is new")
    func leftOver() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let old = ResultSpool(folder: rig.folder + "/spool", log: rig.log)
        await old.append((0..<5).map { result(host, plugin, due: $0) })
        offer(5..<10, host, plugin)
        let recorder = recorder(rig)
        let run = Task { await recorder.run() }
        #expect(await eventually { await recorder.tally.stored == 10 })
        #expect(rig.store.recorded == (0..<10).map { at($0) })
        run.cancel()
        await run.value
    }

    @Test("what is in the queue when it is told to stop is stored", arguments: [false, true])
    func stop(wasFailing: Bool) async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let recorder = recorder(rig)
        if wasFailing { rig.store.fail(with: .unavailable("locked")) }
        let run = Task { await recorder.run() }
        if wasFailing {
            offer(0..<5, host, plugin)
            #expect(await eventually { await recorder.waiting == 5 })
            rig.store.fail(with: nil)
        }
        offer(5..<3000, host, plugin)
        run.cancel()
        await run.value
        #expect(rig.store.recorded == ((wasFailing ? 0 : 5)..<3000).map { at($0) })
    }

    @Test("a store that fails until the end leaves results in the spool for the next run")
    func failsToTheEnd() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        rig.store.fail(with: .unavailable("locked"))
        let first = recorder(rig)
        let run = Task { await first.run() }
        offer(0..<20, host, plugin)
        #expect(await eventually { await first.waiting == 20 })
        run.cancel()
        await run.value
        #expect(rig.store.recorded.isEmpty)

        rig.store.fail(with: nil)
        let second = recorder(rig)
        let next = Task { await second.run() }
        #expect(await eventually { await second.tally.stored == 20 })
        #expect(rig.store.recorded == (0..<20).map { at($0) })
        next.cancel()
        await next.value
    }

    @Test("the end of a sweep is not lost while the store fails, so that its subnet can be swept again")
    func keepsSweeps() async throws {
        let rig = try await RoleRig()
        _ = try await rig.store.add(Subnet(name: "lab", network: "192.0.2.0/29"))
        let round = try await rig.store.beginDiscovery(ofSubnetNamed: "lab", at: .now)
        let recorder = recorder(rig)
        rig.store.fail(with: .unavailable("the disk is full"))
        let run = Task { await recorder.run() }
        let parts: [(scanned: Int, responders: [DiscoveryResult.Responder], isFinished: Bool)] = [
            (3, [.init(address: "192.0.2.3", name: nil)], false), (6, [], true),
        ]
        for part in parts {
            let result = DiscoveryResult(
                id: round.id, scanned: part.scanned, total: 6, responders: part.responders,
                isFinished: part.isFinished)
            #expect(queue.offer([.discovery(result)]) == 1)
        }
        #expect(await eventually { await recorder.tally.failures > 0 })
        rig.store.fail(with: nil)
        #expect(await eventually { (try? await rig.store.discovery(round.id)?.state) == .done })
        #expect(try await rig.store.discovery(round.id)?.added == ["192.0.2.3"])
        #expect(await eventually { await recorder.tally.trouble == nil })
        run.cancel()
        await run.value
    }

    @Test(
        "a result that the store never takes is set aside for people and holds up no other",
        arguments: [false, true])
    func refused(isFromSpool: Bool) async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        rig.store.refuse(due: at(17))
        if isFromSpool {
            let old = ResultSpool(folder: rig.folder + "/spool", log: rig.log)
            await old.append((0..<40).map { result(host, plugin, due: $0) })
        } else {
            offer(0..<40, host, plugin)
        }
        let recorder = recorder(rig)
        let run = Task { await recorder.run() }
        #expect(await eventually { await recorder.tally.stored == 39 })
        #expect(await eventually { await recorder.tally.refused == 1 })
        #expect(Set(rig.store.recorded) == Set((0..<40).filter { $0 != 17 }.map { at($0) }))
        #expect(rig.store.recorded == rig.store.recorded.sorted())
        let kept = try String(contentsOfFile: rig.folder + "/spool/refused.jsonl", encoding: .utf8)
        #expect(kept.split(separator: "\n").count == 1)
        #expect(kept.contains("\"scheduled_at\":\"\(at(17).rfc3339)\""), "\(kept)")
        #expect(rig.told("the database refuses a result; it is set aside") == 1)
        #expect(await recorder.tally.trouble == nil)
        run.cancel()
        await run.value
        // Nobody reads it back.
        #expect(await ResultSpool(folder: rig.folder + "/spool", log: rig.log).open() == false)
    }

    @Test("a clock that was set far ahead deletes no history before three days are over")
    func retention() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        let fresh = try await rig.store.record((0..<3).map { result(host, plugin, due: $0) })
        #expect(fresh.stored == 3)
        let recorder = recorder(rig)
        let days = { (count: Int64) in Duration.seconds(86_400 * count) }
        func left() async throws -> Int { try await rig.store.history(HistoryQuery()).items.count }
        await recorder.deleteOld(at: at(60), .seconds(60))
        for time in [days(0), days(2)] {
            await recorder.deleteOld(at: at(60) + days(3650) + time, .seconds(120) + time)
            #expect(try await left() == 3)
        }
        #expect(rig.told("h ahead of where old history was last deleted") == 1)
        // Set right again: what is old by the true clock goes, without a wait.
        await recorder.deleteOld(at: at(60) + days(4), .seconds(180) + days(4))
        #expect(try await rig.store.lastRetention() == at(60) + days(4))
        #expect(try await left() == 3)
        // An engine that starts under the wrong clock asks the database how late it was.
        let second = self.recorder(rig)
        await second.deleteOld(at: at(60) + days(3650), .seconds(5))
        #expect(try await left() == 3)
        await second.deleteOld(at: at(60) + days(3653), .seconds(5) + days(3))
        #expect(try await left() == 0)
    }

    @Test("a clock that was set ahead dates no sample for ten minutes, and one set back does at once")
    func statisticsClock() async throws {
        let recorder = recorder(try await RoleRig())
        let hour: Int64 = 3600
        #expect(await recorder.isTimely(at: at(0), .seconds(10)))
        #expect(await recorder.isTimely(at: at(20), .seconds(30)))
        #expect(await !recorder.isTimely(at: at(40) + .seconds(24 * hour), .seconds(50)))
        #expect(await !recorder.isTimely(at: at(60) + .seconds(24 * hour), .seconds(70)))
        #expect(await recorder.isTimely(at: at(80), .seconds(90)))
        #expect(await recorder.isTimely(at: at(100) + .seconds(-hour), .seconds(110)))
        #expect(await recorder.isTimely(at: at(120), .seconds(130)))
        // A clock that stays ahead is believed in the end.
        #expect(await !recorder.isTimely(at: at(140 + hour), .seconds(150)))
        #expect(await !recorder.isTimely(at: at(739 + hour), .seconds(749)))
        #expect(await recorder.isTimely(at: at(740 + hour), .seconds(750)))
    }

    @Test("results of a check that was deleted meanwhile are counted and hold up nothing")
    func orphans() async throws {
        let rig = try await RoleRig()
        let (host, plugin) = try await rig.addCheck()
        var gone = host
        gone.id = HostID(4711)
        offer(0..<3, gone, plugin)
        offer(3..<5, host, plugin)
        let recorder = recorder(rig)
        let run = Task { await recorder.run() }
        #expect(await eventually { await recorder.tally.stored == 2 })
        #expect(await recorder.tally.orphaned == 3)
        run.cancel()
        await run.value
    }
}

extension Recorder {
    /// Results that went to the spool and have not come back.
    fileprivate var waiting: Int {
        get async {
            let counters = await spoolCounters
            return counters.spooled - counters.replayed - counters.dropped
        }
    }
}

/// A queue in which the next result waits whenever one is asked for.
private final class EndlessQueue: MessageQueue {
    let capacity = 1
    private let next: @Sendable (Int64) -> Outcome
    private let last = Mutex<Int64?>(0)

    init(next: @escaping @Sendable (Int64) -> Outcome) { self.next = next }

    var count: Int { last.withLock { $0 == nil ? 0 : 1 } }

    func close() { last.withLock { $0 = nil } }

    func take(atMost limit: Int) -> [Delivery<Outcome>] {
        let number = last.withLock { last in
            last = last.map { $0 + 1 }
            return last
        }
        return number.map { [Delivery(message: next($0), tag: UInt64($0))] } ?? []
    }

    func offer(_ messages: [Outcome]) -> Int { 0 }
    func acknowledge(_ tags: [UInt64]) {}
    func handBack(_ tags: [UInt64]) {}
    func onArrival(_ handler: @escaping @Sendable () -> Void) { handler() }
}
