import Model
import SQL
import Storage
import Testing

/// A store whose index by host follows after `piece` rows, in a folder of its own.
private func withPieces(_ piece: Int, _ body: (Bench, String) async throws -> Void) async throws {
    try await withFolder { folder in
        let path = folder + "/test.db"
        let changes = Changes()
        let file = DatabaseFile(path: path, log: quiet, indexedPiece: piece)
        let store = try await SQLStore.open(file) { changes.add($0) }
        try await body(Bench(store: store, changes: changes), path)
        await store.close()
    }
}

/// A whole number that the file answers with.
private func number(_ sql: String, _ path: String) throws -> Int? {
    try Connection(path: path, mode: .readOnly).first(sql) { $0.int(0) }
}

/// Two hosts with three checks each.
private func fill(_ store: any Store) async throws -> [CheckID] {
    _ = try await store.add(Suite(name: "s"))
    for name in ["p", "q", "r"] { _ = try await store.addPlugin(name, suites: ["s"]) }
    _ = try await store.addHost("a", "192.0.2.1", suites: ["s"])
    _ = try await store.addHost("b", "192.0.2.2", suites: ["s"])
    return try await store.schedule().checks.sorted()
}

@Suite("SQLite store, places of rows")
struct PlacesTests {
    @Test("the rules of history hold while the index by host follows each row")
    func contract() async throws {
        for rule in [
            StoreContract.historyPagesAreStable, StoreContract.deletingAHostDropsItsHistory,
            StoreContract.retentionDeletesTheOldestFirst, StoreContract.historyIsBoundedByTimes,
            StoreContract.duplicatesVanish, StoreContract.newestWins,
        ] {
            try await withPieces(1) { bench, _ in try await rule(bench) }
        }
    }

    @Test("the history of a host is whole on both sides of the mark, late results included")
    func bothSides() async throws {
        try await withPieces(30) { bench, path in
            let store = bench.store
            let checks = try await fill(store)
            var expected: Set<String> = []
            for round in Int64(0)..<17 {
                // Each third result comes three rounds late, and once more.
                let batch = checks.enumerated().flatMap { number, check in
                    let due = (number % 3 == 0 ? round - 3 : round) * 60 + Int64(number)
                    return [result(check, due: due), result(check, due: due)]
                }
                _ = try await store.record(batch)
                for result in batch where result.check.host == checks[0].host {
                    expected.insert("\(result.check.plugin) \(result.due.seconds)")
                }
            }
            // One more, so that not everything is in the index.
            _ = try await store.record([result(checks[0], due: 5000)])
            expected.insert("\(checks[0].plugin) \(at(5000).seconds)")
            let indexed = try #require(try number("SELECT count(*) FROM host_history", path))
            let all = try #require(try number("SELECT count(*) FROM history", path))
            #expect(indexed > 0 && indexed < all)
            var seen: [String] = []
            var query = HistoryQuery(host: "a", limit: 7)
            repeat {
                let page = try await store.history(query)
                let plugins = ["p": checks[0].plugin, "q": checks[1].plugin, "r": checks[2].plugin]
                for item in page.items {
                    let plugin = try #require(plugins[item.plugin])
                    seen.append("\(plugin) \(try #require(item.due).seconds)")
                }
                query.cursor = page.cursor
            } while query.cursor != nil
            #expect(seen.count == expected.count)
            #expect(Set(seen) == expected)
            let dues = try await store.history(HistoryQuery(host: "a")).items.compactMap(\.due)
            #expect(dues == dues.sorted(by: >))
        }
    }

    @Test("a store that is opened again goes on with the rows that its index by host still lacks")
    func openedAgain() async throws {
        try await withFolder { folder in
            let file = DatabaseFile(path: folder + "/test.db", log: quiet, indexedPiece: 10)
            let first = try await SQLStore.open(file) { _ in }
            let checks = try await fill(first)
            _ = try await first.record((0..<9).map { result(checks[0], due: $0) })
            await first.close()
            let second = try await SQLStore.open(file) { _ in }
            #expect(try number("SELECT count(*) FROM host_history", folder + "/test.db") == 0)
            _ = try await second.record([result(checks[0], due: 9)])
            #expect(try number("SELECT count(*) FROM host_history", folder + "/test.db") == 10)
            #expect(try await second.history(HistoryQuery(host: "a")).items.count == 10)
            await second.close()
        }
    }

    @Test("a result of a wrong clock in the future does not carry the mark away")
    func future() async throws {
        try await withPieces(2) { bench, path in
            let checks = try await fill(bench.store)
            _ = try await bench.store.record([
                result(checks[0], due: 0), result(checks[1], due: 3_000_000_000), result(checks[2], due: 1),
            ])
            #expect(try number("SELECT due FROM history_mark", path) == Int(at(1).microseconds))
            #expect(try await bench.store.history(HistoryQuery(host: "a")).items.count == 3)
        }
    }

    @Test("what was pruned of the history leaves the index by host too, and a deleted host leaves nothing")
    func pruned() async throws {
        try await withPieces(20) { bench, path in
            let store = bench.store
            let checks = try await fill(store)
            for round in Int64(0)..<10 {
                _ = try await store.record(checks.map { result($0, due: round * 60) })
            }
            while try await store.pruneHistory(before: at(200), atMost: 5) > 0 {}
            _ = try await store.pruneHistory(before: at(200), atMost: 100)
            let old = at(200).microseconds
            #expect(try number("SELECT count(*) FROM history WHERE due < \(old)", path) == 0)
            #expect(try number("SELECT count(*) FROM host_history WHERE due < \(old)", path) == 0)
            #expect(try await store.history(HistoryQuery(host: "b")).items.count == 18)
            try await store.delete(hostNamed: "b")
            while try await store.pruneHistory(before: at(200), atMost: 4) > 0 {}
            let host = checks[3].host
            for table in ["history", "host_history"] {
                #expect(try number("SELECT count(*) FROM \(table) WHERE host_id = \(host)", path) == 0)
            }
            #expect(try number("SELECT count(*) FROM departed_hosts", path) == 0)
            #expect(try await store.history(HistoryQuery(host: "a")).items.count == 18)
        }
    }

    @Test("checks lie in the order in which they run, and any number may run in one millisecond")
    func phases() async throws {
        try await withPieces(1000) { bench, path in
            let store = bench.store
            _ = try await store.add(Suite(name: "s"))
            _ = try await store.add(Plugin(name: "p", script: "check_p", interval: 1, suites: ["s"]))
            var names: [String] = []
            for number in 0..<1500 {
                names.append("h\(number)")
                _ = try await store.addHost(names[number], "10.0.\(number / 250).\(number % 250)")
            }
            var edit = SuiteEdit()
            edit.hosts = Array(names.prefix(700))
            _ = try await store.edit(suiteNamed: "s", edit)
            edit.hosts = names
            _ = try await store.edit(suiteNamed: "s", edit)
            let order = try Connection(path: path, mode: .readOnly).rows(
                "SELECT host_id, plugin_id FROM checks ORDER BY id"
            ) { CheckID(host: HostID($0.int64(0)), plugin: PluginID($0.int64(1))) }
            #expect(order.count == 1500)
            let phases = order.map { Phase.milliseconds(of: $0, interval: 1000) }
            #expect(phases == phases.sorted())
            #expect(Set(phases).count < 1500)
        }
    }
}

@Suite("SQLite store, carried over to places")
struct PlacesMigrationTests {
    /// Statuses and history as the first schema kept them.
    private static func record(_ checks: [CheckID], rounds: Int64, in path: String) throws {
        let connection = try Connection(path: path, mode: .readWrite)
        for round in 0..<rounds {
            for check in checks {
                let phase = Phase.milliseconds(of: check, interval: 30_000)
                // A whole number of intervals since 1970.
                let due = at(10 + round * 30).microseconds + phase * 1000
                let values = "\(due), \(due), \(due + 5), 'exited', 0, 'fine', '', 'a=1', '', 0, 0, 0, 'w'"
                try connection.execute(
                    """
                    INSERT INTO history (due, started, ended, cause, exit_code, output, long_output,
                        performance_data, stderr, truncated, sanitised, dropped_bytes, worker, host_id,
                        plugin_id, state) VALUES (\(values), \(check.host), \(check.plugin), 0);
                    UPDATE checks SET (due, started, ended, cause, exit_code, output, long_output,
                        performance_data, stderr, truncated, sanitised, dropped_bytes, worker) = (\(values)),
                        state = 0, state_since = \(due)
                    WHERE host_id = \(check.host) AND plugin_id = \(check.plugin)
                    """)
            }
        }
    }

    @Test("statuses, their order and the history of hosts come over whole")
    func carriedOver() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            let checks = (1...40).map { CheckID(host: HostID($0), plugin: PluginID(1)) }
            // As the first version numbered them.
            try makeOldDatabase(
                path, version: 2,
                """
                INSERT INTO suites VALUES (1, 's', '');
                INSERT INTO plugins VALUES (1, 'p', 'local', 'check_p', '', 30, 10, '', 0, 0, 0);
                INSERT INTO plugin_suites VALUES (1, 1);
                WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 40)
                INSERT INTO hosts SELECT n, 'h' || (n - 1), '192.0.2.' || n, 'x', 22, 0, 1, NULL FROM numbers;
                INSERT INTO host_suites SELECT id, 1 FROM hosts;
                INSERT INTO checks (id, host_id, plugin_id) SELECT id, id, 1 FROM hosts;
                """)
            try Self.record(Array(checks.dropLast()), rounds: 3, in: path)

            let second = try await SQLStore.open(path: path, log: quiet) { _ in }
            let statuses = try await second.statuses(StatusQuery()).items
            #expect(statuses.filter { $0.state == .ok }.count == 39)
            #expect(statuses.filter { $0.state == .pending }.map(\.host) == ["h39"])
            #expect(try await second.schedule().checks.sorted() == checks)
            for host in ["h0", "h38"] {
                #expect(try await second.history(HistoryQuery(host: host)).items.count == 3)
            }
            #expect(try number("SELECT count(*) FROM host_history", path) == 39 * 3)
            let order = try Connection(path: path, mode: .readOnly).rows(
                "SELECT host_id, plugin_id FROM checks WHERE due IS NOT NULL ORDER BY id"
            ) { CheckID(host: HostID($0.int64(0)), plugin: PluginID($0.int64(1))) }
            #expect(
                order
                    == order.sorted {
                        Phase.milliseconds(of: $0, interval: 30_000)
                            < Phase.milliseconds(of: $1, interval: 30_000)
                    })
            // The next results find both.
            let next = checks.map { result($0, due: 120) }
            #expect(try await second.record(next).stored == 40)
            #expect(try await second.history(HistoryQuery(host: "h0")).items.count == 4)
            await second.close()
        }
    }
}
