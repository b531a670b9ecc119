import Model
import Storage
import Testing

// Results.
extension StoreContract {
    /// A host with a plugin in a suite.
    private static func oneCheck(_ store: any Store) async throws -> CheckID {
        _ = try await store.add(Suite(name: "s"))
        let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
        let plugin = try await store.addPlugin("p", suites: ["s"])
        return CheckID(host: host.id, plugin: plugin.id)
    }

    static func resultComesBackWhole(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        let pending = try await store.statuses(StatusQuery())
        #expect(
            pending.items == [
                CheckStatus(
                    host: "a", plugin: "p", state: .pending, interval: 30, timeout: 10, maintenance: false)
            ])
        var sent = result(check, .unknown, due: 0, text: "ä\u{1}")
        sent.cause = .signaled
        sent.exitCode = -9
        sent.output.isTruncated = true
        sent.output.droppedBytes = 17
        #expect(try await store.record([sent]).stored == 1)
        let expected = CheckStatus(
            host: "a", plugin: "p", state: .unknown, exitCode: -9, cause: .signaled, output: sent.output,
            due: sent.due, started: sent.started, ended: sent.ended, stateSince: sent.ended, worker: "w1",
            interval: 30, timeout: 10, maintenance: false)
        #expect(try await store.statuses(StatusQuery()).items == [expected])
        var past = expected
        past.stateSince = nil
        #expect(try await store.history(HistoryQuery()).items == [past])
    }

    static func newestWins(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        let first = try await store.record([result(check, .ok, due: 60), result(check, .critical, due: 0)])
        #expect(first.stored == 1 && first.outdated == 1)
        let status = try await store.statuses(StatusQuery()).items.first
        #expect(status?.state == .ok && status?.due == at(60))
        #expect(try await store.history(HistoryQuery()).items.map(\.due) == [at(60), at(0)])
    }

    static func historyIsBoundedByTimes(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        let plugin = try await store.addPlugin("p", suites: ["s"])
        let hour: Int64 = 3600
        for number in 1...4 {
            let host = try await store.addHost("h\(number)", "192.0.2.\(number)", suites: ["s"])
            let check = CheckID(host: host.id, plugin: plugin.id)
            _ = try await store.record((0..<10).map { result(check, due: $0 * hour) })
        }
        for number in 1...4 {
            let query = HistoryQuery(host: "h\(number)", from: at(5 * hour), to: at(8 * hour))
            let items = try await store.history(query).items
            #expect(items.map(\.due) == [8, 7, 6, 5].map { at($0 * hour) })
            #expect(items.allSatisfy { $0.host == "h\(number)" })
        }
    }

    static func futureStatusGivesWay(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        // The year 2118, when the clock was wrong.
        _ = try await store.record([result(check, .critical, due: 3_000_000_000)])
        #expect(try await store.record([result(check, .ok, due: 0)]).stored == 1)
        #expect(try await store.statuses(StatusQuery()).items.first?.state == .ok)
    }

    static func duplicatesVanish(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        let one = result(check, .ok, due: 0)
        var other = result(check, .critical, due: 0, text: "not the same")
        #expect(try await store.record([one, one]).duplicates == 1)
        #expect(try await store.record([other]).duplicates == 1)
        #expect(try await store.record([result(check, .ok, due: 30)]).stored == 1)
        // Come again late, when it is no longer the status.
        #expect(try await store.record([one]).duplicates == 1)
        #expect(try await store.history(HistoryQuery()).items.count == 2)
        other.check = CheckID(host: check.host, plugin: PluginID(99))
        #expect(try await store.record([other]).orphaned == 1)
        #expect(try await store.history(HistoryQuery()).items.count == 2)
    }

    /// A run that the engine could not carry out.
    private static func trouble(_ check: CheckID, due: Int64, _ text: String) -> CheckResult {
        var trouble = result(check, .unknown, due: due, text: text)
        (trouble.cause, trouble.exitCode) = (.internal, nil)
        return trouble
    }

    static func troubleChangesNoState(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        func status() async throws -> CheckStatus? { try await store.statuses(StatusQuery()).items.first }
        // Never run: it stays pending, and says why.
        #expect(try await store.record([trouble(check, due: 0, "no process")]).stored == 1)
        let pending = try #require(await status())
        #expect(pending.state == .pending && pending.due == nil)
        #expect(pending.output.text == "no process" && pending.cause == .internal)
        _ = try await store.record([result(check, .warning, due: 30)])
        let real = try #require(await status())
        #expect(real.cause == .exited && real.output.errorText == "oops")

        _ = try await store.record([trouble(check, due: 60, "no pipe"), trouble(check, due: 90, "no fork")])
        var expected = real
        (expected.output.errorText, expected.cause) = ("no fork", .internal)
        #expect(try await status() == expected)
        let byCause = StatusQuery(page: PageRequest(sort: "cause"))
        #expect(try await store.statuses(byCause).items == [expected])
        // Told twice, as after a crash; and one from before the status, as from the spool.
        let again = try await store.record([
            trouble(check, due: 90, "no fork"), trouble(check, due: 20, "old"),
        ])
        #expect(again.duplicates == 1 && again.outdated == 1)
        #expect(try await status() == expected)
        let causes = try await store.history(HistoryQuery()).items.map(\.cause)
        #expect(causes == [.internal, .internal, .exited, .internal, .internal])
        #expect(try await store.counts().checksWarn == 1)

        _ = try await store.record([result(check, .warning, due: 120)])
        let after = try #require(await status())
        #expect(after.cause == .exited && after.output == real.output && after.stateSince == real.stateSince)
    }

    static func stateSinceIsKept(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        func since(_ state: CheckState, _ due: Int64) async throws -> Timestamp? {
            _ = try await store.record([result(check, state, due: due)])
            return try await store.statuses(StatusQuery()).items.first?.stateSince
        }
        let begun = try await since(.ok, 0)
        #expect(begun == at(0) + .milliseconds(25))
        #expect(try await since(.ok, 30) == begun)
        #expect(try await since(.warning, 60) == at(60) + .milliseconds(25))
        #expect(try await since(.ok, 90) == at(90) + .milliseconds(25))
    }

    static func historyIsKeptWhereWanted(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        let summary = try await store.record([
            result(check, due: 30, history: false), result(check, due: 0, history: false),
        ])
        #expect(summary.stored == 1 && summary.outdated == 1)
        #expect(try await store.history(HistoryQuery()).items == [])
        #expect(try await store.statuses(StatusQuery()).items.first?.due == at(30))
    }

    static func detachedStatusesVanish(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        _ = try await store.record([result(check, .critical, due: 0)])
        var edit = PluginEdit()
        edit.suites = []
        _ = try await store.edit(pluginNamed: "p", edit)
        #expect(try await store.statuses(StatusQuery()).total == 0)
        #expect(try await store.counts().checksAll == 0)
        #expect(try await store.record([result(check, .critical, due: 30)]).orphaned == 1)
        // Attached again it begins anew; what happened stays known.
        edit.suites = ["s"]
        _ = try await store.edit(pluginNamed: "p", edit)
        #expect(try await store.statuses(StatusQuery()).items.first?.state == .pending)
        #expect(try await store.history(HistoryQuery()).items.count == 1)
    }

    static func deletingAHostDropsItsHistory(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        _ = try await store.record([result(check, due: 0), result(check, due: 30)])
        var edit = HostEdit()
        edit.name = "b"
        _ = try await store.edit(hostNamed: "a", edit)
        #expect(try await store.history(HistoryQuery(host: "b")).items.count == 2)
        try await store.delete(hostNamed: "b")
        #expect(try await store.history(HistoryQuery()).items == [])
        _ = try await store.addHost("b", "192.0.2.1", suites: ["s"])
        #expect(try await store.history(HistoryQuery(host: "b")).items == [])
        #expect(try await store.pruneHistory(before: at(-1), atMost: 1) == 1)
        #expect(try await store.pruneHistory(before: at(-1), atMost: 10) == 1)
        #expect(try await store.pruneHistory(before: at(-1), atMost: 10) == 0)
    }

    static func retentionDeletesTheOldestFirst(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        _ = try await store.record((0..<10).map { result(check, due: $0 * 30) })
        #expect(try await store.pruneHistory(before: at(150), atMost: 3) == 3)
        #expect(try await store.history(HistoryQuery()).items.last?.due == at(90))
        #expect(try await store.pruneHistory(before: at(150), atMost: 100) == 2)
        #expect(try await store.history(HistoryQuery()).items.last?.due == at(150))
        #expect(try await store.statuses(StatusQuery()).total == 1)
    }

    static func historyPagesAreStable(_ bench: Bench) async throws {
        let store = bench.store
        let check = try await oneCheck(store)
        let other = try await store.addHost("b", "192.0.2.2", suites: ["s"])
        let second = CheckID(host: other.id, plugin: check.plugin)
        _ = try await store.record(
            (0..<10).flatMap { [result(check, due: $0 * 30), result(second, .critical, due: $0 * 30)] })
        var seen: [String] = []
        var query = HistoryQuery(limit: 6)
        repeat {
            let page = try await store.history(query)
            seen += page.items.map { "\($0.host) \($0.due?.seconds ?? 0)" }
            query.cursor = page.cursor
            // New rows before and older rows behind the place shift nothing that was seen.
            _ = try await store.record([result(check, due: Int64(1000 + seen.count))])
        } while query.cursor != nil
        #expect(seen.count == 20 && Set(seen).count == 20)
        let exact = try await store.history(HistoryQuery(host: "b", limit: 10))
        #expect(exact.items.count == 10 && exact.cursor == nil)
        let part = HistoryQuery(states: [.critical], plugin: "p", suite: "s", from: at(30), to: at(60))
        #expect(try await store.history(part).items.map(\.due) == [at(60), at(30)])
        for cursor in ["", "x", "1-2", "1-2-3-4", "1-2-x"] {
            await #expect(throws: StoreError.self) { try await store.history(HistoryQuery(cursor: cursor)) }
        }
    }

    static func statusesComeProblemsFirst(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        _ = try await store.add(Suite(name: "other"))
        let states: [CheckState] = [.ok, .warning, .critical, .unknown, .pending, .critical]
        let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
        _ = try await store.addHost("b", "192.0.2.2", suites: ["other"])
        for (number, state) in states.enumerated() {
            let suites = number == 0 ? ["s", "other"] : ["s"]
            let plugin = try await store.addPlugin("p\(number)", suites: suites)
            guard state != .pending else { continue }
            _ = try await store.record([
                result(CheckID(host: host.id, plugin: plugin.id), state, due: Int64(number))
            ])
        }
        func plugins(_ query: StatusQuery) async throws -> [String] {
            let page = try await store.statuses(query)
            if query.page.page == 1, query.page.perPage >= 50 { #expect(page.total == page.items.count) }
            return page.items.map { $0.host + $0.plugin }
        }
        let all = ["ap5", "ap2", "ap3", "ap1", "ap4", "bp0", "ap0"]
        #expect(try await plugins(StatusQuery()) == all)
        var paged: [String] = []
        for page in 1...4 {
            let part = try await store.statuses(StatusQuery(page: PageRequest(page: page, perPage: 2)))
            #expect(part.total == 7)
            paged += part.items.map { $0.host + $0.plugin }
        }
        #expect(paged == all)
        #expect(try await plugins(StatusQuery(states: [.critical, .unknown])) == ["ap5", "ap2", "ap3"])
        #expect(try await plugins(StatusQuery(host: "b")) == ["bp0"])
        #expect(try await plugins(StatusQuery(plugin: "p0")) == ["bp0", "ap0"])
        #expect(try await plugins(StatusQuery(suite: "other")) == ["bp0", "ap0"].filter { $0 == "bp0" })
        #expect(try await plugins(StatusQuery(host: "nobody")) == [])
        let byPlugin = PageRequest(sort: "plugin", isDescending: true)
        #expect(try await plugins(StatusQuery(page: byPlugin, host: "a")).first == "ap5")
        for sort in ["host", "state", "scheduled_at", "duration_ms", "latency_ms", "worker", "nonsense"] {
            #expect(try await plugins(StatusQuery(page: PageRequest(sort: sort))).count == 7)
        }
        var rest = HostEdit()
        rest.maintenance = true
        _ = try await store.edit(hostNamed: "b", rest)
        #expect(try await plugins(StatusQuery(maintenance: true)) == ["bp0"])
        #expect(try await plugins(StatusQuery(maintenance: false)) == all.filter { $0 != "bp0" })
    }

    static func countsFollowMaintenance(_ bench: Bench) async throws {
        let store = bench.store
        _ = try await store.add(Suite(name: "s"))
        _ = try await store.add(Suite(name: "t"))
        let echo = try await store.add(Plugin(name: "ping", runner: .builtin, script: "icmp", suites: ["s"]))
        let disk = try await store.addPlugin("disk", suites: ["s", "t"])
        let a = try await store.addHost("a", "192.0.2.1", suites: ["s"])
        let b = try await store.addHost("b", "192.0.2.2", suites: ["t"])
        let c = try await store.addHost("c", "192.0.2.3", suites: ["t"])
        _ = try await store.addHost("d", "192.0.2.4")
        // Never answered so far: not up, whatever else is fine.
        let e = try await store.addHost("e", "192.0.2.5", suites: ["s"])
        _ = try await store.record([
            result(CheckID(host: e.id, plugin: disk.id), .ok, due: 0),
            result(CheckID(host: a.id, plugin: echo.id), .ok, due: 0),
            result(CheckID(host: a.id, plugin: disk.id), .critical, due: 0),
            result(CheckID(host: b.id, plugin: disk.id), .warning, due: 0),
            result(CheckID(host: c.id, plugin: disk.id), .ok, due: 0),
        ])
        var counts = GlobalCounts()
        (counts.hostsAll, counts.hostsActive, counts.hostsActiveUp) = (5, 5, 2)
        (counts.checksAll, counts.checksActive, counts.checksOK) = (6, 6, 3)
        (counts.checksWarn, counts.checksError) = (1, 1)
        #expect(try await store.counts() == counts)
        var edit = HostEdit()
        edit.maintenance = true
        _ = try await store.edit(hostNamed: "a", edit)
        (counts.hostsActive, counts.hostsActiveUp) = (4, 1)
        (counts.checksActive, counts.checksOK, counts.checksError) = (4, 2, 0)
        #expect(try await store.counts() == counts)
        #expect(try await store.statuses(StatusQuery(host: "a")).items.allSatisfy(\.maintenance))
    }
}
