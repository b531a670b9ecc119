import Messaging
import Model
import Posix
import Synchronization
import Testing

@testable import Node

@Suite("Arrival signal", .timeLimit(.minutes(1)))
struct ArrivalSignalTests {
    /// Longer than any test may take: only a signal or a cancellation ends such a wait.
    private let ever = Duration.seconds(3600)

    @Test("a signal that came before the wait ends it, and one that comes during the wait does")
    func signals() async {
        let arrivals = ArrivalSignal()
        arrivals.signal()
        arrivals.signal()
        await arrivals.wait(atMost: ever)
        let waiter = Task { await arrivals.wait(atMost: ever) }
        await Task.yield()
        arrivals.signal()
        await waiter.value
    }

    @Test("many signals before a wait are one")
    func keptAsOne() async {
        let arrivals = ArrivalSignal()
        for _ in 0..<5 { arrivals.signal() }
        await arrivals.wait(atMost: ever)
        let isOver = Mutex(false)
        let waiter = Task {
            await arrivals.wait(atMost: ever)
            isOver.withLock { $0 = true }
        }
        try? await Task.sleep(for: .milliseconds(20))
        #expect(!isOver.withLock { $0 })
        arrivals.signal()
        await waiter.value
    }

    @Test("a wait ends at its limit and when its task is cancelled")
    func limits() async {
        let arrivals = ArrivalSignal()
        await arrivals.wait(atMost: .zero)
        await arrivals.wait(atMost: .milliseconds(5))
        let waiter = Task { await arrivals.wait(atMost: ever) }
        waiter.cancel()
        await waiter.value
    }

    @Test("no arrival is slept through, from however many threads they come")
    func noneIsLost() async {
        let arrivals = ArrivalSignal()
        let items = Mutex(0)
        for _ in 0..<4 {
            Thread.start(named: "sender") {
                for _ in 0..<2000 {
                    items.withLock { $0 += 1 }
                    arrivals.signal()
                }
            }
        }
        var seen = 0
        while seen < 8000 {
            await arrivals.wait(atMost: ever)
            seen += items.withLock { waiting in
                defer { waiting = 0 }
                return waiting
            }
        }
        #expect(seen == 8000)
    }
}

@Suite("Sweeps by interval")
struct SweepTimerTests {
    private func subnet(_ id: Int64, interval: Int) -> Subnet {
        Subnet(
            id: SubnetID(id), name: "n", network: "192.0.2.0/24", autoDiscovery: true, interval: interval)
    }

    @Test("a subnet is due once in every interval, however often one looks", arguments: [1, 5, 7, 1800])
    func onceAnInterval(interval: Int) {
        for id in [1, 2, 99, Int64.max] {
            var due = 0
            let step = Int64(max(1, interval / 3))
            let rounds = 10 * Int64(interval) / step
            for round in 0..<rounds {
                let last = at(round * step)
                if SweepTimer.isDue(
                    subnet(id, interval: interval), after: last, until: at((round + 1) * step))
                {
                    due += 1
                }
            }
            #expect((9...10).contains(due), "\(id): \(due)")
        }
    }

    @Test("the moment is the same after a restart, and differs from subnet to subnet")
    func phase() {
        let moments = (1...20).map { id in
            (0..<100).first { SweepTimer.isDue(subnet(id, interval: 100), after: at($0), until: at($0 + 1)) }
        }
        #expect(moments.allSatisfy { $0 != nil })
        #expect(Set(moments).count > 10)
    }

    @Test("nothing is due with discovery off, with a clock that was set back, or twice for a late look")
    func notDue() {
        var off = subnet(1, interval: 1)
        #expect(SweepTimer.isDue(off, after: at(0), until: at(1000)))
        #expect(!SweepTimer.isDue(off, after: at(1000), until: at(0)))
        #expect(!SweepTimer.isDue(off, after: at(5), until: at(5)))
        off.autoDiscovery = false
        #expect(!SweepTimer.isDue(off, after: at(0), until: at(1000)))
    }
}

@Suite("Job queues")
struct JobQueuesTests {
    @Test("each runner has its own queue; a full one leaves the others their room")
    func lanes() {
        let queues = JobQueues.local(capacity: 3)
        let host = Host(name: "h", address: "192.0.2.1")
        for runner in Plugin.Runner.allCases {
            let plugin = Plugin(name: "p", runner: runner, script: "x")
            let jobs = (0..<5).map { Job.check(job(host, plugin, due: $0)) }
            #expect(queues[runner].offer(jobs) == 3)
        }
        #expect(queues.count == 9)
        #expect(queues.builtin.count == 3 && queues.local.count == 3 && queues.ssh.count == 3)
        #expect(queues.discovery.count == 0)
        #expect(queues[.ssh].take(atMost: 10).count == 3)
        #expect(queues.count == 6)
    }
}
