import Foundation
import Model
import SQL
import Storage
import TestSupport
import Testing

/// Makes a store with one check in a new database, runs `body` and closes it.
private func withCheck(
    _ server: PostgreSQLServer, _ name: String, patience: Duration = .seconds(30),
    _ body: (any Store, CheckID) async throws -> Void
) async throws {
    let store = try await SQLStore.open(server.source(name, isNew: true, patience: patience)) { _ in }
    _ = try await store.add(Suite(name: "s"))
    let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
    let plugin = try await store.addPlugin("p", suites: ["s"])
    try await body(store, CheckID(host: host.id, plugin: plugin.id))
    await store.close()
}

/// A result due `seconds` before now.
private func recent(_ check: CheckID, _ seconds: Int64, _ state: CheckState = .ok) -> CheckResult {
    var recent = result(check, state, due: 0)
    recent.due = Timestamp(seconds: Int64(Date().timeIntervalSince1970)) + .seconds(-seconds)
    (recent.started, recent.ended) = (recent.due + .milliseconds(5), recent.due + .milliseconds(25))
    return recent
}

/// The sentence of a failure that may pass.
private func unavailable(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch StoreError.unavailable(let sentence) {
        return sentence
    } catch {
        return "another error: \(error)"
    }
}

/// Whether `condition` comes true within some seconds.
private func soon(_ condition: () async -> Bool) async -> Bool {
    for _ in 0..<200 {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(100))
    }
    return await condition()
}

@Suite("PostgreSQL store", .serialized)
struct PostgresStoreTests {
    @Test("history lies in a partition a day, and old days go at once")
    func partitions() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try await withCheck(server, "days") { store, check in
            let day: Int64 = 86_400
            _ = try await store.record([3, 2, 1, 0].map { recent(check, $0 * day) })
            let count = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'history'::regclass"
            #expect(try server.query(count, in: "days") == "5")  // And that of unbelievable times.
            #expect(try server.query("SELECT count(*) FROM history_other", in: "days") == "0")

            let limit = recent(check, 2 * day).due
            #expect(try await store.pruneHistory(before: limit, atMost: 5000) == 5000)
            #expect(try await store.pruneHistory(before: limit, atMost: 5000) == 0)
            #expect(try server.query(count, in: "days") == "4")
            #expect(try await store.history(HistoryQuery()).items.count == 3)
            #expect(try await store.record([recent(check, 3 * day)]).outdated == 1)
        }
    }

    @Test("a day that had rows before its partition keeps them, and more")
    func earlyRows() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try await withCheck(server, "early") { store, check in
            let first = recent(check, 10)
            try server.query(
                "INSERT INTO history SELECT \(first.due.microseconds), \(check.host), \(check.plugin), 1, 1, 0, 0,"
                    + " 0, false, false, 'exited', '', '', '', '', 'w'", in: "early")
            #expect(try await store.record([recent(check, 5)]).stored == 1)
            #expect(try await store.history(HistoryQuery()).items.count == 2)
            #expect(try server.query("SELECT count(*) FROM history_other", in: "early") == "2")
        }
    }

    @Test("two nodes that record the same results at once store each once, and the newest wins")
    func twoRecorders() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try await withCheck(server, "twice") { store, check in
            let other = try await SQLStore.open(server.source("twice")) { _ in }
            let results = (0..<200).map { recent(check, 1000 - $0, $0 % 3 == 0 ? .critical : .ok) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, store) in [store, other as any Store].enumerated() {
                    group.addTask {
                        for part in stride(from: 0, to: 200, by: 20) {
                            let place = number == 0 ? part : 180 - part
                            var batch = Array(results[place..<place + 20])
                            batch += results[max(0, place - 5)..<place]
                            _ = try await store.record(batch)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(
                try await store.history(HistoryQuery(limit: 1000)).items.map(\.due)
                    == results.reversed().map(\.due))
            #expect(try await store.statuses(StatusQuery()).items.first?.due == results.last?.due)
            await other.close()
        }
    }

    @Test("nodes hear of each other's edits, each once and in the order of the commits")
    func otherNodes() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try server.makeDatabase("nodes")
        let (heardHere, heardThere) = (Changes(), Changes())
        let here = try await SQLStore.open(server.source("nodes")) { heardHere.add($0) }
        let there = try await SQLStore.open(server.source("nodes")) { heardThere.add($0) }
        _ = try await here.add(Suite(name: "s"))
        let plugin = try await here.addPlugin("p", suites: ["s"])
        let host = try await there.addHost("a", "192.0.2.1", suites: ["s"])
        var edit = HostEdit()
        edit.address = "192.0.2.9"
        _ = try await here.edit(hostNamed: "a", edit)

        try await there.tellChanges()
        let told = heardThere.take()
        #expect(told.flatMap(\.plugins).map(\.id) == [plugin.id])
        #expect(told.flatMap(\.added) == [CheckID(host: host.id, plugin: plugin.id)])
        // An edit of both nodes is told with what it became.
        #expect(told.flatMap(\.hosts).map(\.address) == ["192.0.2.1", "192.0.2.9"])
        #expect(heardHere.take().flatMap(\.hosts).last?.address == "192.0.2.9")
        try await there.delete(hostNamed: "a")
        try await here.tellChanges()
        #expect(heardHere.take().flatMap(\.removedHosts) == [host.id])
        try await here.tellChanges()
        #expect(heardHere.take() == [])
        await here.close()
        await there.close()
    }

    @Test("a server that is killed loses nothing that was recorded, and is found again")
    func killed() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try await withCheck(server, "killed") { store, check in
            _ = try await store.record([recent(check, 20)])
            await server.killHard()
            let sentence = await unavailable { _ = try await store.record([recent(check, 10)]) }
            #expect(
                sentence?.contains("cannot reach postgresql://ppalette@127.0.0.1:") == true,
                "\(sentence ?? "")")
            #expect(await unavailable { _ = try await store.statuses(StatusQuery()) } != nil)
            try await server.start()
            let isBack = await soon {
                await unavailable { _ = try await store.record([recent(check, 10)]) } == nil
            }
            #expect(isBack)
            #expect(try await store.history(HistoryQuery()).items.count >= 2)
        }
    }

    @Test("a server that stands still is given up in time, and nobody waits for it in turn")
    func frozen() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try await withCheck(server, "frozen", patience: .seconds(1)) { store, check in
            // Our backend stands still, and what would take new connections.
            let backends = try server.query(
                "SELECT pid FROM pg_stat_activity WHERE datname = 'frozen' AND pid <> pg_backend_pid()",
                in: "frozen")
            let pids = backends.split(separator: "\n").compactMap { Int32($0) }
            for pid in pids { kill(pid, SIGSTOP) }
            server.signal(SIGSTOP)
            let sentence = await unavailable { _ = try await store.record([recent(check, 10)]) }
            #expect(sentence?.contains("did not answer in time") == true, "\(sentence ?? "")")
            server.signal(SIGCONT)
            for pid in pids { kill(pid, SIGCONT) }
            #expect(
                await soon {
                    await unavailable { _ = try await store.record([recent(check, 9)]) } == nil
                })
        }
    }

    @Test("ten nodes that begin at once make the tables once")
    func together() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try server.makeDatabase("together")
        let source = try server.source("together")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    let store = try await SQLStore.open(source) { _ in }
                    _ = try await store.add(Suite(name: "s\(number)"))
                    await store.close()
                }
            }
            try await group.waitForAll()
        }
        #expect(try server.query("SELECT count(*) FROM suites", in: "together") == "10")
    }

    @Test("what is not ours, newer, or refuses us is said, without the password")
    func refusals() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try server.makeDatabase("foreign_one")
        try server.query("CREATE TABLE hosts (x integer)", in: "foreign_one")
        await #expect(throws: StoreError.self) {
            _ = try await SQLStore.open(server.source("foreign_one")) { _ in }
        }

        try await withCheck(server, "newer") { _, _ in }
        try server.query("UPDATE ppalette_schema SET version = 99", in: "newer")
        await #expect(throws: StoreError.self) {
            _ = try await SQLStore.open(server.source("newer")) { _ in }
        }

        let address = try PostgresAddress(uri: server.uri("newer"), password: "wr0ng")
        let sentence = await unavailable {
            _ = try await SQLStore.open(PostgresServer(address, log: quiet)) { _ in }
        }
        #expect(
            sentence?.contains("refuses us") == true && sentence?.contains("wr0ng") == false,
            "\(sentence ?? "")")
        #expect(throws: SQLError.self) {
            _ = try PostgresAddress(uri: "postgresql://u:secret@127.0.0.1/x", password: nil)
        }
        #expect(throws: SQLError.self) { _ = try PostgresAddress(uri: "postgresql://[::1", password: nil) }
    }
}
