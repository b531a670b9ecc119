import Execution
import Model
import Synchronization
import Testing

@testable import Node

/// Notes the rounds it is asked for; the test ends them.
private final class FakePings: JobExecutor {
    private(set) var jobs: [CheckJob] = []
    var inFlight: Int { jobs.count }
    func start(_ job: CheckJob) { jobs.append(job) }
    func stop(within grace: Duration) {}

    func end(_ state: CheckState, _ cause: Cause = .exited) -> CheckResult? {
        guard !jobs.isEmpty else { return nil }
        let job = jobs.removeFirst()
        return CheckResult(
            check: job.check, due: job.due, started: job.due, ended: job.due, state: state, cause: cause,
            output: PluginOutput(text: "reference"), worker: "w")
    }
}

@Suite("Reference targets of a worker", .timeLimit(.minutes(1)))
struct ReferenceWatchTests {
    private let host = Host(id: HostID(1), name: "h", address: "192.0.2.1")
    private let plugin = Plugin(id: PluginID(2), name: "p", script: "check_p")

    private func seen(_ state: CheckState, _ due: Int64, cause: Cause = .exited) -> CheckResult {
        var result = result(host, plugin, due: due, text: "seen \(due)")
        (result.state, result.cause) = (state, cause)
        return result
    }

    /// Runs `body` with a watch whose rounds begin at once.
    private func withWatch(
        _ body: (ReferenceWatch, FakePings, @escaping () -> [CheckResult]) throws -> Void
    ) rethrows {
        let pings = FakePings()
        let released = Mutex<[CheckResult]>([])
        let watch = ReferenceWatch(
            targets: ["192.0.2.9", "192.0.2.10"], executor: pings, schedule: { $1() },
            release: { results in released.withLock { $0 += results } })
        watch.start()
        try body(watch, pings, { released.withLock { $0 } })
    }

    /// Ends the round under way; the next begins at once.
    private func nextRound(
        _ watch: ReferenceWatch, _ pings: FakePings, _ state: CheckState, _ cause: Cause = .exited
    ) throws {
        let result = try #require(pings.end(state, cause))
        #expect(watch.take(result))
        #expect(pings.jobs.count == 1)
    }

    @Test("one check asks all targets, and one that answers is enough")
    func asks() throws {
        try withWatch { _, pings, _ in
            let job = try #require(pings.jobs.first)
            #expect(job.plugin.value.arguments.hasPrefix("-H 192.0.2.9 -H 192.0.2.10 -m 1 "))
            #expect(job.plugin.value.validate() == [])
        }
    }

    @Test("an alarm waits for a round that begins after it; when a target answers it is told as it was")
    func connected() throws {
        try withWatch { watch, pings, released in
            #expect(!watch.take(seen(.ok, 1)), "nobody doubts what is fine")
            #expect(!watch.take(seen(.unknown, 2, cause: .notFound)), "nor what no network can make")
            #expect(watch.take(seen(.critical, 3)))
            try nextRound(watch, pings, .ok)
            #expect(released() == [], "this round began before the alarm")
            try nextRound(watch, pings, .ok)
            #expect(released() == [seen(.critical, 3)])
            #expect(!watch.isIsolated && watch.count == 0)
        }
    }

    @Test("without an answer alarms say that the observer is isolated, and what it saw")
    func isolated() throws {
        try withWatch { watch, pings, released in
            #expect(watch.take(seen(.critical, 1)))
            #expect(watch.take(seen(.unknown, 2, cause: .timeout)))
            try nextRound(watch, pings, .ok)
            try nextRound(watch, pings, .critical)
            #expect(watch.isIsolated)
            #expect(released().map(\.cause) == [.observerIsolated, .observerIsolated])
            #expect(released().map(\.state) == [.unknown, .unknown])
            #expect(
                released().first?.output.text
                    == "this worker reaches none of its reference targets (192.0.2.9, 192.0.2.10); what it saw: critical, seen 1"
            )
            try nextRound(watch, pings, .ok)
            #expect(!watch.isIsolated)
        }
    }

    @Test("targets that cannot be asked isolate nobody, and it is said; a stop lets go of what waits")
    func trouble() throws {
        try withWatch { watch, pings, released in
            #expect(watch.take(seen(.critical, 1)))
            try nextRound(watch, pings, .unknown, .internal)
            try nextRound(watch, pings, .unknown, .internal)
            #expect(watch.trouble == "reference" && !watch.isIsolated)
            #expect(released() == [seen(.critical, 1)])
            #expect(watch.take(seen(.critical, 2)))
            watch.stop()
            #expect(released().count == 2)
            #expect(!watch.take(seen(.critical, 3)), "after the stop nothing is held")
        }
    }

    @Test("an isolated worker that is stopped raises no alarm by what the stop cuts off")
    func stoppedWhileIsolated() throws {
        try withWatch { watch, pings, released in
            try nextRound(watch, pings, .critical)
            watch.stop()
            #expect(watch.take(seen(.critical, 1)))
            #expect(watch.take(seen(.unknown, 2, cause: .signaled)))
            let cutOff = try #require(pings.end(.unknown, .internal))
            #expect(watch.take(cutOff) && watch.take(seen(.unknown, 3, cause: .outOfRange)))
            #expect(released().map(\.cause) == Array(repeating: .observerIsolated, count: 3))
        }
    }
}
