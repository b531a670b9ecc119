import Model
import Storage
import Testing

import struct Foundation.Date

// Second opinions.
extension StoreContract {
    /// A check that two of three zones must agree on, every minute.
    private static func polledCheck(_ store: any Store) async throws -> CheckID {
        _ = try await store.add(Suite(name: "s"))
        let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
        let plugin = try await store.add(
            Plugin(
                name: "p", script: "check_p", interval: 60, timeout: 10, suites: ["s"],
                zones: ["main", "berlin", "paris"], quorum: 2))
        return CheckID(host: host.id, plugin: plugin.id)
    }

    private static func vote(
        _ zone: String, _ check: CheckID, _ state: CheckState, due: Timestamp, text: String = "seen"
    ) -> CheckResult {
        CheckResult(
            check: check, due: due, started: due + .seconds(1), ended: due + .seconds(2), state: state,
            cause: .exited, exitCode: state.rawValue,
            output: PluginOutput(
                text: text, longText: "more", performanceText: "t=1s", errorText: "e", isTruncated: true,
                isSanitised: true, droppedBytes: 7), worker: "w-\(zone)",
            assignment: Assignment(observer: zone))
    }

    /// Now, to the second: votes on runs of long ago are closed at once.
    private static var now: Timestamp { Timestamp(seconds: Int64(Date().timeIntervalSince1970)) }

    static func votesWaitForEachOther(_ bench: Bench) async throws {
        let store = bench.store
        let (check, due) = (try await polledCheck(store), now)
        let first = try await store.record([vote("", check, .critical, due: due)])
        #expect(first.verdicts == [] && first.stored == 0)
        #expect(try await store.statuses(StatusQuery()).items.first?.state == .pending)
        #expect(try await store.history(HistoryQuery()).items == [])
        #expect(try await store.settleVotes(at: due) == RecordSummary(), "others may still answer")

        let second = try await store.record([
            vote("paris", check, .ok, due: due),
            vote("berlin", check, .critical, due: due, text: "from berlin"),
        ])
        #expect(second.stored == 1)
        let verdict = try #require(second.verdicts.first)
        #expect(verdict.state == .critical && verdict.due == due && verdict.assignment == Assignment())
        var expected = vote("", check, .critical, due: due)
        expected.assignment = Assignment()
        expected.output.longText = """
            more
            2 of 3 zones must agree:
            main (w-) critical: seen
            berlin (w-berlin) critical: from berlin
            paris (w-paris) ok: seen
            """
        #expect(verdict == expected, "a vote comes back whole")
        let status = try #require(try await store.statuses(StatusQuery()).items.first)
        #expect(status.state == .critical && status.due == due && status.worker == "w-")
        #expect(try await store.history(HistoryQuery()).items.count == 1)
    }

    static func lateVotesChangeNothing(_ bench: Bench) async throws {
        let store = bench.store
        let (check, due) = (try await polledCheck(store), now)
        _ = try await store.record(["", "berlin"].map { vote($0, check, .ok, due: due) })
        let late = try await store.record([vote("paris", check, .critical, due: due)])
        #expect(late.duplicates == 1 && late.stored == 0 && late.verdicts == [])
        // The same vote twice counts once.
        let next = due + .seconds(60)
        let twice = try await store.record(Array(repeating: vote("", check, .critical, due: next), count: 2))
        #expect(twice.verdicts == [])
        #expect(try await store.statuses(StatusQuery()).items.first?.state == .ok)
    }

    static func closedRunsAreSettled(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await polledCheck(store)
        // Long ago: these votes waited somewhere, and the others may come right behind them.
        let old = now + .seconds(-3600)
        #expect(try await store.record([vote("", check, .ok, due: old)]).verdicts == [])
        #expect(try await store.settleVotes(at: now) == RecordSummary())
        let rest = try await store.record(["berlin", "paris"].map { vote($0, check, .critical, due: old) })
        #expect(rest.verdicts.map(\.state) == [.critical], "no vote that was held up is left out")

        let due = now
        _ = try await store.record([vote("", check, .critical, due: due)])
        #expect(
            try await store.settleVotes(at: due + .seconds(72)) == RecordSummary(), "a late run may still end"
        )
        let settled = try await store.settleVotes(at: due + .seconds(74))
        let verdict = try #require(settled.verdicts.first)
        #expect(verdict.state == .unknown && verdict.cause == .noQuorum && settled.stored == 1)
        #expect(verdict.output.text == "too few zones answered: 1 of 3, 2 must agree")
        #expect(try await store.statuses(StatusQuery()).items.first?.cause == .noQuorum)
        #expect(try await store.settleVotes(at: due + .seconds(74)) == RecordSummary())
    }

    static func votesGoWithTheirCheck(_ bench: Bench) async throws {
        let store = bench.store
        let (check, due) = (try await polledCheck(store), now)
        _ = try await store.record([vote("", check, .critical, due: due)])
        try await store.delete(hostNamed: "a")
        let orphan = try await store.record([vote("berlin", check, .critical, due: due)])
        #expect(orphan.orphaned == 1 && orphan.verdicts == [])
    }

    static func votesOfAGoneCheckAreForgotten(_ bench: Bench) async throws {
        let store = bench.store
        let (check, due) = (try await polledCheck(store), now)
        _ = try await store.record([vote("", check, .critical, due: due)])
        // Host and plugin live on, the check does not.
        var edit = HostEdit()
        edit.suites = []
        _ = try await store.edit(hostNamed: "a", edit)
        #expect(try await store.settleVotes(at: due + .seconds(100)) == RecordSummary())
        edit.suites = ["s"]
        _ = try await store.edit(hostNamed: "a", edit)
        let votes = try await store.record([vote("berlin", check, .critical, due: due)])
        #expect(votes.verdicts == [], "the vote of before is gone")
    }

    static func isolatedObserversChangeNoState(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
        let plugin = try await store.addPlugin("p", suites: ["s"])
        let check = CheckID(host: host.id, plugin: plugin.id)
        _ = try await store.record([result(check, .ok, due: 0)])
        var alone = result(check, .unknown, due: 30, text: "this worker reaches nothing")
        alone.cause = .observerIsolated
        #expect(try await store.record([alone]).stored == 1)
        let status = try #require(try await store.statuses(StatusQuery()).items.first)
        #expect(status.state == .ok && status.cause == .observerIsolated)
        #expect(status.output.errorText == "this worker reaches nothing")
        _ = try await store.record([result(check, .critical, due: 60)])
        let next = try #require(try await store.statuses(StatusQuery()).items.first)
        #expect(next.state == .critical && next.cause == .exited)
    }

    static func secretsAreMadeOnce(_ bench: Bench) async throws {
        #expect(try await bench.store.secret(named: "tickets", orKeep: "a") == "a")
        #expect(try await bench.store.secret(named: "tickets", orKeep: "b") == "a")
        #expect(try await bench.store.secret(named: "other", orKeep: "c") == "c")
    }
}
