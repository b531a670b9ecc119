import Log
import Model
import Storage
import Testing

@Suite("Storage at size")
struct SpeedTests {
    @Test("100,000 checks are made, recorded, listed and detached whole")
    func manyChecks() async throws {
        try await withSQLite { bench in
            let store = bench.store
            let clock = ContinuousClock()
            var times: [(String, Duration)] = []
            func time<T>(_ what: String, _ body: () async throws -> T) async rethrows -> T {
                let start = clock.now
                let value = try await body()
                times.append((what, clock.now - start))
                return value
            }
            _ = try await store.add(Suite(name: "all"))
            for number in 0..<10 { _ = try await store.addPlugin("p\(number)", suites: ["all"]) }
            var names: [String] = []
            try await time("10,000 hosts") {
                for number in 0..<10_000 {
                    let name = "host\(number)"
                    names.append(name)
                    _ = try await store.addHost(name, "10.0.\(number / 250).\(number % 250)")
                }
            }
            var edit = SuiteEdit()
            edit.hosts = names
            let all = edit
            _ = try await time("suite of 10,000 hosts") { try await store.edit(suiteNamed: "all", all) }
            let snapshot = try await time("schedule") { try await store.schedule() }
            #expect(snapshot.checks.count == 100_000)
            for round in 0..<3 {
                let summary = try await time("record 100,000, round \(round)") {
                    var total = 0
                    for start in stride(from: 0, to: 100_000, by: 1000) {
                        let batch = snapshot.checks[start..<start + 1000].enumerated().map {
                            result($1, .ok, due: Int64(round * 60 + $0 % 60))
                        }
                        total += try await store.record(batch).stored
                    }
                    return total
                }
                #expect(summary == 100_000)
            }
            for (number, check) in snapshot.checks.enumerated() where number % 1000 == 0 {
                _ = try await store.record([result(check, .critical, due: 400)])
            }
            let page = try await time("status page 1") {
                try await store.statuses(StatusQuery(page: PageRequest(perPage: 1000)))
            }
            #expect(page.total == 100_000)
            #expect(page.items.prefix(100).allSatisfy { $0.state == .critical })
            _ = try await time("status page 90") {
                try await store.statuses(StatusQuery(page: PageRequest(page: 90, perPage: 1000)))
            }
            _ = try await time("status by host name") {
                try await store.statuses(StatusQuery(page: PageRequest(perPage: 50, sort: "host")))
            }
            _ = try await time("status of one host") { try await store.statuses(StatusQuery(host: "host77")) }
            _ = try await time("status of a suite") { try await store.statuses(StatusQuery(suite: "all")) }
            _ = try await time("history of one host") {
                try await store.history(HistoryQuery(host: "host77"))
            }
            _ = try await time("history") { try await store.history(HistoryQuery(states: [.critical])) }
            let counts = try await time("counts") { try await store.counts() }
            #expect(counts.checksError == 100)
            edit.hosts = []
            let none = edit
            _ = try await time("empty the suite") { try await store.edit(suiteNamed: "all", none) }
            #expect(try await store.schedule().checks.isEmpty)

        }
    }
}
