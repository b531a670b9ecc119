import Model
import Scheduling
import Testing

private let start = Timestamp(seconds: 1_700_000_000)

private func check(_ host: Int64, _ plugin: Int64 = 1) -> CheckID {
    CheckID(host: HostID(host), plugin: PluginID(plugin))
}

/// Runs a timetable until `end` and returns what it dispatched; every run ends at once unless told otherwise.
private func runs(
    of timetable: inout Timetable, from begin: Duration, until end: Duration, finishing: Bool = true
) -> [Timetable.DueCheck] {
    var now = begin
    var all: [Timetable.DueCheck] = []
    while now <= end {
        switch timetable.nextAction(at: now) {
        case .dispatch(let due):
            all += due
            if finishing { for run in due { timetable.finished(run.check, due: run.due) } }
        case .sleep(let until): now = until
        case .idle: return all
        }
    }
    return all
}

@Suite("Timetable")
struct TimetableTests {
    @Test("a check runs at its phase and every interval after it, without drift")
    func steady() throws {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 60, timeout: 10, at: .zero)
        let due = runs(of: &timetable, from: .zero, until: .seconds(3600)).map(\.due)

        #expect(due.count == 60)
        let first = try #require(due.first)
        #expect(first < .seconds(60))
        #expect(due.enumerated().allSatisfy { $1 == first + .seconds(60) * $0 })
    }

    @Test("a restart at any moment keeps the phase")
    func phaseSurvivesRestart() throws {
        for later in [Duration.zero, .milliseconds(1), .milliseconds(59_999), .seconds(86_400 * 3 + 17)] {
            var timetable = Timetable(start: start + later)
            timetable.set(check(7, 3), interval: 60, timeout: 10, at: .zero)
            let entry = try #require(timetable.entry(of: check(7, 3)))
            let wall = (start + later + entry.nextRun).microseconds / 1000
            #expect(wall % 60_000 == Phase.milliseconds(of: check(7, 3), interval: 60_000) % 60_000)
        }
    }

    @Test("a phase lies within its interval", arguments: [1000, 7000, 60_000, 2_678_400_000] as [Int64])
    func phaseRange(interval: Int64) {
        for host in 0..<2000 as Range<Int64> {
            let phase = Phase.milliseconds(of: check(host, host % 13), interval: interval)
            #expect((0..<interval).contains(phase))
        }
    }

    @Test("starts are spread: no second of the interval gets twice its share")
    func spread() {
        var seconds = [Int](repeating: 0, count: 60)
        for host in 0..<60_000 as Range<Int64> {
            seconds[Int(Phase.milliseconds(of: check(host), interval: 60_000) / 1000)] += 1
        }
        #expect(seconds.allSatisfy { $0 < 2000 && $0 > 500 })
    }

    @Test("a check still running when it is due again skips that run and counts it")
    func slowCheckSkipsARun() throws {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 60, timeout: 3600, at: .zero)
        let due = runs(of: &timetable, from: .zero, until: .seconds(300), finishing: false)

        #expect(due.count == 1)
        #expect(timetable.skipped(for: .stillRunning) == 4)
        #expect(timetable.entry(of: check(1))?.skipped == 4)
    }

    @Test("a run that nobody reports as ended is free again after its deadline and twice its timeout")
    func lostRunIsFreed() {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 60, timeout: 10, at: .zero)
        let due = runs(of: &timetable, from: .zero, until: .seconds(600), finishing: false)

        #expect(due.count == 5)
        #expect(timetable.skipped(for: .stillRunning) == 5)
    }

    @Test(
        "after the machine slept each check runs once at its own phase: no storm, and the missed runs are counted"
    )
    func noStorm() {
        var timetable = Timetable(start: start)
        for host in 0..<1000 as Range<Int64> {
            timetable.set(check(host), interval: 60, timeout: 10, at: .zero)
        }
        _ = runs(of: &timetable, from: .zero, until: .seconds(120))
        guard case .dispatch(let burst) = timetable.nextAction(at: .seconds(720)) else {
            Issue.record("nothing was due after a sleep")
            return
        }

        #expect(burst.count < 1000 / 60 * 11 + 50)
        for run in burst { timetable.finished(run.check, due: run.due) }
        let after = runs(of: &timetable, from: .seconds(720), until: .seconds(780))
        #expect(Set(after.map(\.check)).union(burst.map(\.check)).count == 1000)
        #expect(timetable.skipped(for: .engineLate) > 8000)
    }

    @Test("an added check moves no other and runs within its interval")
    func addMovesNothing() throws {
        var timetable = Timetable(start: start)
        for host in 0..<500 as Range<Int64> {
            timetable.set(check(host), interval: 30, timeout: 5, at: .zero)
        }
        let before = Dictionary(uniqueKeysWithValues: timetable.entries().map { ($0.check, $0.nextRun) })
        timetable.set(check(9999), interval: 30, timeout: 5, at: .milliseconds(10))

        #expect(before.allSatisfy { timetable.entry(of: $0.key)?.nextRun == $0.value })
        let new = try #require(timetable.entry(of: check(9999)))
        #expect(new.nextRun >= .milliseconds(10) && new.nextRun < .milliseconds(30_010))
    }

    @Test("a changed timeout keeps the next run; a changed interval moves that check alone")
    func changes() {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 60, timeout: 10, at: .zero)
        timetable.set(check(2), interval: 60, timeout: 10, at: .zero)
        let (one, two) = (timetable.entry(of: check(1)), timetable.entry(of: check(2)))
        timetable.set(check(1), interval: 60, timeout: 20, at: .seconds(1))
        timetable.set(check(2), interval: 5, timeout: 10, at: .seconds(1))

        #expect(timetable.entry(of: check(1))?.nextRun == one?.nextRun)
        #expect(timetable.entry(of: check(2))?.interval == .seconds(5))
        #expect(timetable.entry(of: check(2))?.nextRun != two?.nextRun)
    }

    @Test("a removed check is not dispatched, and its place is used again")
    func removal() {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 10, timeout: 5, at: .zero)
        timetable.remove(check(1))
        timetable.remove(check(1))

        #expect(timetable.nextAction(at: .seconds(20)) == .idle)
        timetable.set(check(2), interval: 10, timeout: 5, at: .seconds(20))
        #expect(
            runs(of: &timetable, from: .seconds(20), until: .seconds(40)).allSatisfy { $0.check == check(2) })
        #expect(timetable.count == 1)
    }

    @Test("runs that the queue refuses are skipped and counted, and the check is free for its next run")
    func refused() {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 10, timeout: 600, at: .zero)
        var now = Duration.zero
        var dispatched = 0
        while now < .seconds(50) {
            switch timetable.nextAction(at: now) {
            case .dispatch(let due):
                dispatched += due.count
                timetable.refused(due)
            case .sleep(let until): now = until
            case .idle: return
            }
        }
        #expect(dispatched == 5)
        #expect(timetable.skipped(for: .queueFull) == 5)
    }

    @Test("intervals longer than a round of the wheel are kept to the millisecond")
    func longIntervals() {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 86_400, timeout: 5, at: .zero)
        let due = runs(of: &timetable, from: .zero, until: .seconds(86_400 * 3)).map(\.due)

        #expect(due.count == 3)
        #expect(zip(due, due.dropFirst()).allSatisfy { $1 - $0 == .seconds(86_400) })
    }

    @Test("a part of the entries comes in the order of their next runs")
    func pages() {
        var timetable = Timetable(start: start)
        for host in 0..<300 as Range<Int64> {
            timetable.set(check(host), interval: host % 3 == 0 ? 86_400 : 60, timeout: 5, at: .zero)
        }
        let sorted = timetable.entries().map(\.nextRun).sorted()

        #expect(timetable.entries(skipping: 0, atMost: 1000).map(\.nextRun) == sorted)
        #expect(timetable.entries(skipping: 190, atMost: 20).map(\.nextRun) == Array(sorted[190..<210]))
        #expect(timetable.entries(skipping: 300, atMost: 5).isEmpty)
    }

    @Test("an entry tells when its last run was due and how late it started")
    func lastRun() throws {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 10, timeout: 5, at: .zero)
        #expect(timetable.entry(of: check(1))?.lastRun == nil)
        let run = try #require(runs(of: &timetable, from: .zero, until: .seconds(10), finishing: false).first)
        timetable.finished(check(1), due: run.due, lateness: .microseconds(1500))
        let entry = try #require(timetable.entry(of: check(1)))

        #expect(entry.lastRun == run.due)
        #expect(entry.lateness == .microseconds(1500))
        #expect(!entry.isRunning)
    }

    @Test("the end of a run that a person asked for does not free the scheduled one")
    func forcedRunFreesNothing() throws {
        var timetable = Timetable(start: start)
        timetable.set(check(1), interval: 10, timeout: 600, at: .zero)
        let run = try #require(runs(of: &timetable, from: .zero, until: .seconds(10), finishing: false).first)
        let asked = try #require(timetable.forced(check(1), at: run.due + .milliseconds(7)))
        timetable.finished(check(1), due: asked.due)
        timetable.refused([asked])

        #expect(timetable.entry(of: check(1))?.isRunning == true)
        #expect(timetable.skipped(for: .queueFull) == 0)
    }

    @Test(
        "any mix of intervals is dispatched in order and complete", arguments: 1...20 as ClosedRange<UInt64>)
    func property(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var timetable = Timetable(
            start: start + .milliseconds(Int64.random(in: 0..<1_000_000, using: &random)))
        var intervals: [CheckID: Int] = [:]
        for host in 0..<100 as Range<Int64> {
            intervals[check(host)] = [1, 2, 5, 30, 60, 131, 300, 900].randomElement(using: &random)
            timetable.set(check(host), interval: intervals[check(host)] ?? 1, timeout: 1, at: .zero)
        }
        let due = runs(of: &timetable, from: .zero, until: .seconds(1800))

        #expect(zip(due, due.dropFirst()).allSatisfy { $0.due <= $1.due })
        for (check, interval) in intervals {
            let own = due.filter { $0.check == check }.map(\.due)
            #expect((1800 / interval...1800 / interval + 1).contains(own.count))
            #expect(zip(own, own.dropFirst()).allSatisfy { $1 - $0 == .seconds(interval) })
        }
    }
}

/// SplitMix64, so that a failing case can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
