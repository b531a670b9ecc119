import Model
import Storage
import Testing

import struct Foundation.Data
import class Foundation.FileManager

private func results(_ range: Range<Int64>) -> [CheckResult] {
    range.map { result(CheckID(host: HostID(1), plugin: PluginID(2)), .critical, due: $0) }
}

/// All that the spool gives back, in bites.
private func drain(_ spool: ResultSpool, by count: Int = 7) async -> [Timestamp] {
    var times: [Timestamp] = []
    while true {
        let batch = await spool.next(atMost: count)
        guard !batch.isEmpty else { return times }
        times += batch.map(\.due)
        await spool.confirm(batch.count)
    }
}

@Suite("Spooled results")
struct SpoolRecordTests {
    @Test("a result comes back from its record as it was")
    func roundTrip() {
        var sent = result(
            CheckID(host: HostID(.max), plugin: PluginID(-1)), .unknown, due: -5, text: "ä\u{0}\n")
        sent.cause = .signaled
        for exitCode in [nil, -9, 3] as [Int?] {
            sent.exitCode = exitCode
            sent.keepsHistory.toggle()
            sent.output.isTruncated.toggle()
            sent.assignment.observer = exitCode.map { $0 < 0 ? "" : "berlin" }
            var bytes = SpoolRecord.encode(sent)[...]
            #expect(SpoolRecord.decode(&bytes) == sent)
            #expect(bytes.isEmpty)
        }
    }

    @Test("a record cut off or changed anywhere is not taken for a result")
    func damaged() {
        let whole = SpoolRecord.encode(results(0..<1)[0])
        for length in 0..<whole.count {
            var bytes = whole.prefix(length)
            #expect(SpoolRecord.decode(&bytes) == nil)
        }
        for index in whole.indices {
            var bytes = whole
            bytes[index] ^= 0x10
            var slice = bytes[...]
            #expect(SpoolRecord.decode(&slice) == nil)
        }
    }

    @Test("random bytes are never taken for a result, and never crash")
    func fuzz() {
        var random = Generator(state: 3)
        for length in 0..<2000 {
            var bytes = (0..<length % 97).map { _ in UInt8.random(in: 0...255, using: &random) }[...]
            #expect(SpoolRecord.decode(&bytes) == nil)
        }
    }
}

@Suite("Spool")
struct SpoolTests {
    @Test("results come back in order, once, and leave nothing on the disk")
    func order() async throws {
        try await withFolder { folder in
            let spool = ResultSpool(
                folder: folder + "/spool", limits: .init(fileBytes: 2000), log: quiet)
            #expect(await spool.open() == false)
            for start in stride(from: Int64(0), to: 100, by: 10) {
                await spool.append(results(start..<start + 10))
            }
            #expect(await spool.counters.files > 1)
            #expect(await drain(spool) == (0..<100).map { at($0) })
            let counters = await spool.counters
            #expect(counters.spooled == 100 && counters.replayed == 100 && counters.dropped == 0)
            #expect(counters.isEmpty)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder + "/spool")
            #expect(left.isEmpty)
        }
    }

    @Test("what is not confirmed comes again, and new results wait behind")
    func unconfirmed() async throws {
        try await withFolder { folder in
            let spool = ResultSpool(folder: folder, log: quiet)
            await spool.append(results(0..<10))
            #expect(await spool.next(atMost: 3).map(\.due) == [at(0), at(1), at(2)])
            #expect(await spool.next(atMost: 3).map(\.due) == [at(0), at(1), at(2)])
            await spool.confirm(2)
            await spool.append(results(10..<12))
            #expect(await spool.counters.oldest == at(2))
            #expect(await drain(spool) == (2..<12).map { at($0) })
        }
    }

    @Test("what an earlier run left is given back, without a record that was cut off")
    func leftOver() async throws {
        try await withFolder { folder in
            let first = ResultSpool(folder: folder, log: quiet)
            await first.append(results(0..<5))
            let name = try #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
            let content = try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
            try content.dropLast(3).write(to: .init(fileURLWithPath: "\(folder)/\(name)"))
            let second = ResultSpool(folder: folder, log: quiet)
            #expect(await second.open())
            await second.append(results(5..<7))
            #expect(await drain(second) == [0, 1, 2, 3, 5, 6].map { at($0) })
            #expect(await second.counters.damaged == 1)
        }
    }

    @Test("beyond its bound the oldest results are dropped and counted")
    func bound() async throws {
        try await withFolder { folder in
            let spool = ResultSpool(folder: folder, limits: .init(bytes: 5000, fileBytes: 1000), log: quiet)
            for start in stride(from: Int64(0), to: 200, by: 10) {
                await spool.append(results(start..<start + 10))
            }
            let counters = await spool.counters
            #expect(counters.bytes <= 5000 && counters.dropped > 0)
            let rest = await drain(spool)
            #expect(rest.count + counters.dropped == 200)
            #expect(rest.last == at(199))
        }
    }

    @Test("where the disk refuses, results wait in bounded memory and go to the disk when it is back")
    func noDisk() async throws {
        try await withFolder { folder in
            let path = folder + "/missing/spool"
            let spool = ResultSpool(folder: path, limits: .init(memory: 15), log: quiet)
            _ = await spool.open()
            await spool.append(results(0..<10))
            await spool.append(results(10..<20))
            let counters = await spool.counters
            #expect(counters.inMemory == 15 && counters.dropped == 5 && counters.bytes == 0)
            try FileManager.default.createDirectory(
                atPath: folder + "/missing", withIntermediateDirectories: true)
            await spool.append(results(20..<22))
            #expect(await spool.counters.inMemory == 0)
            #expect(await drain(spool) == (5..<22).map { at($0) })
        }
    }

    @Test("a store that was away gets all that was spooled, each result once")
    func replay() async throws {
        try await withFolder { folder in
            let store = try await SQLStore.open(path: folder + "/test.db", log: quiet) { _ in }
            _ = try await store.add(Suite(name: "s"))
            let host = try await store.addHost("a", "192.0.2.1", suites: ["s"])
            let plugin = try await store.addPlugin("p", suites: ["s"])
            let spool = ResultSpool(folder: folder + "/spool", log: quiet)
            let check = CheckID(host: host.id, plugin: plugin.id)
            await spool.append((0..<50).map { result(check, due: $0) })
            while case let batch = await spool.next(atMost: 20), !batch.isEmpty {
                _ = try await store.record(batch)
                // Stored but not confirmed, as by a crash: stored once all the same.
                _ = try await store.record(await spool.next(atMost: 20))
                await spool.confirm(batch.count)
            }
            #expect(try await store.history(HistoryQuery()).items.count == 50)
            await store.close()
        }
    }
}
