import Posix
import Synchronization
import Testing

/// An actor that lives on a loop or a thread of its own and keeps what it was told.
private actor Resident {
    private let executor: any SerialExecutor
    private let isHome: @Sendable () -> Bool
    private(set) var told: [Int] = []
    private(set) var wasAlwaysHome = true

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(on executor: any SerialExecutor, isHome: @escaping @Sendable () -> Bool = { true }) {
        self.executor = executor
        self.isHome = isHome
    }

    func tell(_ number: Int) {
        told.append(number)
        wasAlwaysHome = wasAlwaysHome && isHome()
    }

    func pass(_ number: Int, to other: Resident) async {
        tell(number)
        await other.tell(number)
    }
}

@Suite("Event loop")
struct EventLoopTests {
    @Test("messages run in the order of posting, on the loop's thread")
    func order() throws {
        let rig = try ReactorRig()
        for number in 0..<1000 {
            rig.loop.post { [loop = rig.loop] in rig.tell("\(number) \(loop.isOnLoop)") }
        }
        #expect(rig.wait { $0.count == 1000 })
        #expect(rig.events == (0..<1000).map { "\($0) true" })
        #expect(!rig.loop.isOnLoop)
    }

    @Test("messages of many threads all run, those of one thread in its order")
    func manyThreads() throws {
        let rig = try ReactorRig()
        for thread in 0..<4 {
            Thread.start(named: "poster") {
                for number in 0..<500 { rig.loop.post { rig.tell("\(thread) \(number)") } }
            }
        }
        #expect(rig.wait { $0.count == 2000 })
        for thread in 0..<4 {
            let own = rig.events.filter { $0.hasPrefix("\(thread) ") }
            #expect(own == (0..<500).map { "\(thread) \($0)" })
        }
    }

    @Test("a message posted on the loop runs after the present one, also out of a timer")
    func fromTheLoop() throws {
        let rig = try ReactorRig()
        rig.loop.post { [loop = rig.loop] in
            loop.post { rig.tell("posted") }
            loop.reactor.schedule(after: .zero) {
                loop.post { rig.tell("posted by a timer") }
                rig.tell("timer")
            }
            rig.tell("first")
        }
        #expect(rig.wait { $0.count == 4 })
        #expect(rig.events.first == "first")
        let places = ["timer", "posted by a timer"].map { rig.events.firstIndex(of: $0) ?? -1 }
        #expect(places[0] < places[1])
    }

    @Test("actors of two loops reach each other, each always on its own thread")
    func hops() async throws {
        let rigs = [try ReactorRig(), try ReactorRig()]
        let actors = rigs.map { rig in Resident(on: rig.loop, isHome: { [loop = rig.loop] in loop.isOnLoop })
        }
        for number in 0..<200 { await actors[number % 2].pass(number, to: actors[1 - number % 2]) }
        for actor in actors {
            #expect(await actor.told == Array(0..<200))
            #expect(await actor.wasAlwaysHome)
        }
        withExtendedLifetime(rigs) {}
    }

    @Test("stop ends the thread after what is already posted")
    func stop() throws {
        let rig = try ReactorRig()
        for number in 0..<100 {
            rig.loop.post { [loop = rig.loop] in
                rig.tell("\(number)")
                if number == 99 { loop.post { rig.tell("last") } }
            }
        }
        rig.loop.stop()
        #expect(rig.wait { _ in rig.loop.isFinished })
        #expect(rig.events == (0..<100).map { "\($0)" } + ["last"])
    }

    @Test("a stopped loop does not wait for its timers")
    func stopWithTimers() throws {
        let rig = try ReactorRig()
        _ = try rig.onLoop { $0.schedule(after: .seconds(3600)) { rig.tell("late") } }
        rig.loop.stop()
        #expect(rig.wait { _ in rig.loop.isFinished })
        #expect(rig.events.isEmpty)
    }
}

@Suite("Thread executor")
struct ThreadExecutorTests {
    @Test("calls of an actor run in order, one at a time")
    func order() async {
        let executor = ThreadExecutor(name: "test")
        let actor = Resident(on: executor)
        for number in 0..<500 { await actor.tell(number) }
        #expect(await actor.told == Array(0..<500))
        executor.stop()
    }

    @Test("a call that blocks its thread keeps no other actor waiting")
    func blocking() async throws {
        let (slow, quick) = (ThreadExecutor(name: "slow"), ThreadExecutor(name: "quick"))
        let blocker = Blocker(on: slow)
        let gate = Latch<Bool>()
        let blocked = Task { await blocker.wait(for: gate) }
        let actor = Resident(on: quick)
        await actor.tell(1)
        gate.open(true)
        #expect(await blocked.value)
        slow.stop()
        quick.stop()
    }

    @Test("what is queued before stop still runs")
    func stop() async {
        let blocker = Blocker(on: ThreadExecutor(name: "test"))
        let queued = await blocker.queueAndStop()
        #expect(await queued.value == 1)
    }
}

private actor Blocker {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(on executor: ThreadExecutor) { self.executor = executor }

    func wait(for gate: Latch<Bool>) -> Bool { gate.wait(atMost: .seconds(20)) ?? false }

    /// Queues a task behind the present call, then stops the thread.
    func queueAndStop() -> Task<Int, Never> {
        defer { executor.stop() }
        return Task { number() }
    }

    private func number() -> Int { 1 }
}
