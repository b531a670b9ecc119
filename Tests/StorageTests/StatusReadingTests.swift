import Model
import SQL
import Storage
import Testing

@Suite("Statuses read again")
struct StatusReadingTests {
    @Test("a list is read again after every commit, also of another program, and only then")
    func readAgain() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            let store = try await SQLStore.open(path: path, log: quiet) { _ in }
            _ = try await store.add(Suite(name: "s"))
            let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
            let plugin = try await store.addPlugin("p", suites: ["s"])
            let check = CheckID(host: host.id, plugin: plugin.id)
            let query = StatusQuery()
            var known: StoreMoment?
            func isRead() async throws -> Bool {
                let reading = try await store.statuses(query, unlessStill: known)
                known = reading.moment
                return reading.page != nil
            }
            #expect(try await isRead())
            #expect(try await isRead() == false)
            _ = try await store.record([result(check, due: 0)])
            #expect(try await isRead())
            #expect(try await isRead() == false)
            _ = try await store.addHost("b", "192.0.2.2")
            #expect(try await isRead())
            let other = try Connection(path: path, mode: .readWrite)
            try other.execute("UPDATE plugins SET timeout = 77")
            let reading = try await store.statuses(query, unlessStill: known)
            #expect(reading.page?.items.first?.timeout == 77)
            known = reading.moment
            #expect(try await isRead() == false)
            await store.close()
        }
    }
}
