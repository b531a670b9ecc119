import Model
import SQL
import Storage
import Testing

import struct Foundation.Data
import class Foundation.FileManager
import class Foundation.ProcessInfo

extension [UInt8] {
    var data: Data { Data(self) }
}

/// A store with one check, open on `path`.
private func makeStore(_ path: String) async throws -> (store: SQLStore, check: CheckID) {
    let store = try await SQLStore.open(path: path, log: quiet) { _ in }
    _ = try await store.add(Suite(name: "s"))
    let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
    let plugin = try await store.addPlugin("p", suites: ["s"])
    return (store, CheckID(host: host.id, plugin: plugin.id))
}

private func copy(_ path: String, to copy: String) throws {
    for end in ["", "-wal"] where FileManager.default.fileExists(atPath: path + end) {
        try FileManager.default.copyItem(atPath: path + end, toPath: copy + end)
    }
}

/// A sound database of another program.
private func foreignDatabase(_ folder: String) throws -> Data {
    let connection = try Connection(path: folder + "/other.db", mode: .create)
    try connection.execute("CREATE TABLE t (x)")
    return try #require(FileManager.default.contents(atPath: folder + "/other.db"))
}

/// The sentence with which opening is refused for good.
private func refusal(_ path: String, steps: [String] = Schema.steps) async -> String? {
    do {
        let file = DatabaseFile(path: path, log: quiet, steps: steps)
        await (try SQLStore.open(file) { _ in }).close()
        return nil
    } catch {
        guard case .unusable(let sentence) = error else { return nil }
        return sentence
    }
}

@Suite("SQLite store, the file")
struct SQLiteFileTests {
    @Test("what was committed is there after a crash, as of a copy made in mid-run (B1, PP-B13)")
    func crash() async throws {
        try await withFolder { folder in
            let (store, check) = try await makeStore(folder + "/live.db")
            for batch in 0..<20 {
                _ = try await store.record((0..<50).map { result(check, due: Int64(batch * 50 + $0)) })
                guard batch % 5 == 4 else { continue }
                let image = folder + "/crash\(batch).db"
                try copy(folder + "/live.db", to: image)
                let again = try await SQLStore.open(path: image, log: quiet) { _ in }
                let history = try await again.history(HistoryQuery(limit: 10_000))
                #expect(history.items.count == (batch + 1) * 50)
                #expect(try await again.statuses(StatusQuery()).items.first?.due == history.items.first?.due)
                await again.close()
            }
            await store.close()
        }
    }

    @Test("a journal cut off anywhere loses the cut batch and those after it, never a part of one")
    func tornJournal() async throws {
        try await withFolder { folder in
            let (store, check) = try await makeStore(folder + "/live.db")
            for batch in 0..<10 {
                _ = try await store.record((0..<10).map { result(check, due: Int64(batch * 10 + $0)) })
            }
            let journal = try #require(FileManager.default.contents(atPath: folder + "/live.db-wal"))
            for cut in stride(from: 0, to: journal.count, by: journal.count / 12 + 1) {
                let image = folder + "/cut\(cut).db"
                try copy(folder + "/live.db", to: image)
                try journal.prefix(cut).write(to: .init(fileURLWithPath: image + "-wal"))
                let again = try await SQLStore.open(path: image, log: quiet) { _ in }
                let count = try await again.history(HistoryQuery(limit: 1000)).items.count
                #expect(count % 10 == 0)
                await again.close()
            }
            await store.close()
        }
    }

    @Test("a file that is cut, emptied, overwritten or not ours is refused and left as it is (F25, B15)")
    func damaged() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            let (store, check) = try await makeStore(path)
            _ = try await store.record((0..<500).map { result(check, due: $0) })
            await store.close()
            let whole = try #require(FileManager.default.contents(atPath: path))
            let garbage = Data((0..<whole.count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) })
            let images: [(String, Data, String)] = [
                ("empty", Data(), "was cut to 0 bytes"),
                ("short", whole.prefix(50), "was cut to 50 bytes"),
                ("foreign", try foreignDatabase(folder), "not of ppalette"),
                ("half", whole.prefix(whole.count / 2), "is damaged"),
                ("garbage", garbage, "is damaged"),
                ("header", garbage.prefix(4096) + whole.dropFirst(4096), "is damaged"),
            ]
            for (name, content, reason) in images {
                let image = folder + "/\(name).db"
                try content.write(to: .init(fileURLWithPath: image))
                let sentence = try #require(await refusal(image), "\(name)")
                #expect(sentence.contains(image) && sentence.contains(reason), "\(sentence)")
                #expect(FileManager.default.contents(atPath: image) == content)
            }
        }
    }

    @Test("damage found after a crash is refused at opening")
    func damagedPages() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            let (store, check) = try await makeStore(path)
            _ = try await store.record((0..<500).map { result(check, due: $0) })
            await store.close()
            let again = try await SQLStore.open(path: path, log: quiet) { _ in }
            _ = try await again.record([result(check, due: 900)])
            let image = folder + "/image.db"
            try copy(path, to: image)
            await again.close()
            var content = try #require(FileManager.default.contents(atPath: image))
            for page in 5..<content.count / 4096 {
                content.replaceSubrange(
                    page * 4096..<page * 4096 + 64, with: Data(repeating: 0xA5, count: 64))
            }
            try content.write(to: .init(fileURLWithPath: image))
            #expect(await refusal(image)?.contains("is damaged") == true)
        }
    }

    @Test("a database that went away from its journal is not begun anew (B15)")
    func missing() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            try Data([1, 2, 3]).write(to: .init(fileURLWithPath: path + "-wal"))
            let sentence = try #require(await refusal(path))
            #expect(sentence.contains("is missing but its journal"))
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("a folder that cannot be written is said")
    func noFolder() async {
        let error = await #expect(throws: StoreError.self) {
            _ = try await SQLStore.open(path: "/nonexistent-folder/x.db", log: quiet) { _ in }
        }
        guard case .unavailable(let sentence) = error else {
            Issue.record("unavailable expected, not \(String(describing: error))")
            return
        }
        #expect(sentence.contains("/nonexistent-folder/x.db") && sentence.contains("no such file"))
    }
}

@Suite("SQLite store, schema")
struct SchemaTests {
    private static let later = """
        ALTER TABLE suites ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';
        CREATE TABLE extra (id INTEGER PRIMARY KEY);
        """

    @Test("every older version is carried over with its data (B34)", arguments: 1...Schema.steps.count)
    func carriedOver(version: Int) async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            try makeOldDatabase(path, version: version, "INSERT INTO suites VALUES (1, 's', '')")
            let new = DatabaseFile(path: path, log: quiet, steps: Schema.steps + [Self.later])
            let second = try await SQLStore.open(new) { _ in }
            #expect(try await second.suite(named: "s") != nil)
            await second.close()
            let sentence = try #require(await refusal(path))
            #expect(sentence.contains("newer ppalette (schema \(Schema.steps.count + 1), this one knows"))
        }
    }

    @Test("a step that fails leaves the file at the version before, and usable (B34)")
    func failedStep() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            let (store, _) = try await makeStore(path)
            await store.close()
            let broken = DatabaseFile(
                path: path, log: quiet, steps: Schema.steps + [Self.later + "INSERT INTO nowhere VALUES (1);"]
            )
            await #expect(throws: StoreError.self) { _ = try await SQLStore.open(broken) { _ in } }
            let again = try await SQLStore.open(path: path, log: quiet) { _ in }
            #expect(try await again.host(named: "a") != nil)
            await again.close()
        }
    }

    @Test(
        "share/schema has the steps of both schemas; RECORD_GOLDEN=1 writes them anew",
        arguments: [("sqlite.sql", Schema.steps), ("postgresql.sql", PostgresSchema.steps)])
    func readableCopy(name: String, steps: [String]) throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let path = root + "/share/schema/" + name
        let steps = steps.enumerated().map { "-- Step \($0 + 1).\n\n\($1)" }.joined(separator: "\n")
        let copy = FileManager.default.contents(atPath: path) ?? Data()
        #expect(String(decoding: copy, as: UTF8.self) == steps)
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] == "1" {
            try Data(steps.utf8).write(to: .init(fileURLWithPath: path))
        }
    }

    @Test(
        "the sqlite3 program reads the file while it is in use", .enabled(if: Tool.hasSQLite, "needs sqlite3")
    )
    func commandLine() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            let (store, check) = try await makeStore(path)
            _ = try await store.record([result(check, .critical, due: 0)])
            let query =
                "SELECT hosts.name, state FROM checks JOIN hosts ON hosts.id = host_id; PRAGMA integrity_check"
            #expect(try Tool.run("/usr/bin/sqlite3", "-readonly", path, query) == "a|2\nok\n")
            await store.close()
        }
    }
}

@Suite("SQLite store, trouble")
struct SQLiteTroubleTests {
    @Test(
        "a file locked by another program refuses writes with a sentence, and reads go on (F55, B16)",
        .enabled(if: Tool.hasSQLite, "needs sqlite3"))
    func locked() async throws {
        try await withFolder { folder in
            let path = folder + "/test.db"
            let (first, check) = try await makeStore(path)
            await first.close()
            let file = DatabaseFile(path: path, log: quiet, busyTimeout: .milliseconds(50))
            let store = try await SQLStore.open(file) { _ in }
            let foreign = try ForeignWriter(path)
            let error = await #expect(throws: StoreError.self) {
                try await store.record([result(check, due: 0)])
            }
            #expect(
                error
                    == .unavailable(
                        "cannot use \(path): another program holds it locked; end that program or wait for it"
                    ))
            await #expect(throws: StoreError.self) { try await store.addHost("b", "192.0.2.2") }
            #expect(try await store.statuses(StatusQuery()).items.first?.state == .pending)
            foreign.end()
            #expect(try await store.record([result(check, due: 0)]).stored == 1)
            await store.close()
        }
    }

    @Test(
        "a short lock of another program is waited for (B16)", .enabled(if: Tool.hasSQLite, "needs sqlite3"))
    func shortLock() async throws {
        try await withFolder { folder in
            let (store, check) = try await makeStore(folder + "/test.db")
            let foreign = try ForeignWriter(folder + "/test.db")
            async let summary = store.record([result(check, due: 0)])
            // A read comes back while the write waits.
            #expect(try await store.hosts(ObjectQuery()).total == 1)
            foreign.end()
            #expect(try await summary.stored == 1)
            await store.close()
        }
    }

    @Test(
        "a full disk refuses results, loses nothing, lets people delete, and heals by itself (F56, B13)",
        .enabled(if: Tool.isRoot, "needs root for a small file system"))
    func fullDisk() async throws {
        try await withFolder { folder in
            _ = try Tool.run("/usr/bin/mount", "-t", "tmpfs", "-o", "size=32m", "none", folder)
            defer { _ = try? Tool.run("/usr/bin/umount", folder) }
            let (store, check) = try await makeStore(folder + "/test.db")
            var stored = 0
            var failure: StoreError?
            let text = String(repeating: "x", count: 2000)
            while failure == nil, stored < 100_000 {
                do {
                    stored += try await store.record(
                        (0..<100).map { result(check, due: Int64(stored + $0), text: text) }
                    ).stored
                } catch { failure = error as? StoreError }
            }
            #expect(
                failure
                    == .unavailable("cannot write to \(folder)/test.db: the disk is full; free some space"))
            #expect(try await store.statuses(StatusQuery()).items.first?.due == at(Int64(stored - 1)))
            #expect(!FileManager.default.fileExists(atPath: folder + "/test.db.reserve"))
            _ = try await store.addHost("b", "192.0.2.2")
            try await store.delete(hostNamed: "b")
            #expect(try await store.history(HistoryQuery(limit: 100_000)).items.count == stored)

            _ = try Tool.run("/usr/bin/mount", "-o", "remount,size=96m", folder)
            let deadline = ContinuousClock.now + .seconds(10)
            var healed = false
            while !healed, ContinuousClock.now < deadline {
                do {
                    healed = try await store.record([result(check, due: 200_000)]).stored == 1
                } catch { await Task.yield() }
            }
            #expect(healed)
            #expect(FileManager.default.fileExists(atPath: folder + "/test.db.reserve"))
            await store.close()
        }
    }
}
