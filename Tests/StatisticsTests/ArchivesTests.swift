import Foundation
import Model
import Statistics
import Testing

struct ArchivesTests {
    @Test("counts on whole minutes come back as they were, gaps are nil")
    func global() async throws {
        let test = TestArchives()
        for minute in [1, 2, 3, 10] {
            await test.archives.record(counts(minute * 100), at: epoch + Int64(minute) * 60)
        }

        let series = try #require(
            try await test.archives.series(.global, from: epoch, to: epoch + 600, points: 60))
        #expect(series.step == 60)
        #expect(series.lines.map(\.name) == GlobalCounts.sourceNames)
        let ok = try #require(series.lines.first { $0.name == "checks_ok" })
        #expect(ok.points.map(\.time) == (1...10).map { epoch + $0 * 60 })
        #expect(ok.points.map(\.value) == [800, 1600, 2400] + Array(repeating: nil, count: 7))
        #expect(await test.archives.counters.written == 4)
    }

    @Test("PP-B14: samples 21 s apart in an archive of 20 s lose nothing, nor do values above 100000")
    func lateSamples() async throws {
        let test = TestArchives()
        for index in 1...40 { await test.archives.record(report("w1", at: epoch + Int64(index) * 21)) }

        let from = epoch + 20
        let queue = try await test.archives.values(
            .worker("w1"), "input_queue_size", from: from, to: from + 800, points: 100)
        #expect(queue == Array(repeating: 250_000, count: 40))
    }

    @Test("a sample up to three steps late is bridged, a later one leaves a gap")
    func gap() async throws {
        let test = TestArchives()
        for time: Int64 in [20, 80, 160] { await test.archives.record(report("w1", at: epoch + time)) }
        let values = try await test.archives.values(
            .worker("w1"), "in_flight", from: epoch, to: epoch + 160, points: 100)
        #expect(values == [7, 7, 7, 7, nil, nil, nil, nil])
    }

    @Test("PP-B15: every source has a value, the memory too")
    func everySource() async throws {
        let test = TestArchives()
        await test.archives.record(report("w1", at: epoch + 20, ram: 8_000_000_000))
        let series = try await test.archives.series(.worker("w1"), from: epoch, to: epoch + 20, points: 10)
        let values = try #require(series).lines.map { ($0.name, $0.points.first?.value) }
        #expect(values.map(\.0) == WorkerReport.sourceNames)
        #expect(values.map(\.1) == [256, 3, 7, 250_000, 1, 1.5, 20, 8_000_000_000, 0.25])
    }

    @Test(
        "PP-B16: a name that could be a path, an option or a command makes no file",
        arguments: [
            "../evil", "..", ".", ".hidden", "a/b", "/etc/x", "-rf", "", "a:b", "a b", "ä", "a\nb",
            String(repeating: "a", count: 65),
        ])
    func names(name: String) async throws {
        let test = TestArchives()
        await test.archives.record(report(name, at: epoch))
        #expect(!WorkerName.isValid(name))
        #expect(await test.archives.counters.refused == 1)
        #expect(try await test.archives.series(.worker(name), from: 0, to: epoch, points: 10) == nil)
        #expect(
            try await test.archives.graph(.worker(name), GraphRequest(from: epoch - 60, to: epoch)) == nil)
        #expect(!FileManager.default.fileExists(atPath: test.path))
    }

    @Test(
        "names of machines are valid",
        arguments: ["w", "db1.example.org", "A_b-c.9", String(repeating: "a", count: 64)])
    func goodNames(name: String) async throws {
        let test = TestArchives()
        await test.archives.record(report(name, at: epoch))
        #expect(WorkerName.isValid(name))
        #expect(await test.archives.workers() == [name])
    }

    @Test("a worker that was never heard of has no series; one that is gone still has", arguments: [60])
    func knownWorkers(points: Int) async throws {
        let test = TestArchives()
        await test.archives.record(
            [report("b", at: epoch), report("a", at: epoch)], now: Timestamp(seconds: epoch))
        let later = TestArchives(after: test).archives
        #expect(await later.workers() == ["a", "b"])
        #expect(try await later.series(.worker("a"), from: epoch - 100, to: epoch, points: points) != nil)
        #expect(try await later.series(.worker("c"), from: epoch - 100, to: epoch, points: points) == nil)
    }

    @Test("the whole has its names before its first sample")
    func emptyGlobal() async throws {
        let test = TestArchives()
        let series = try await test.archives.series(.global, from: 0, to: epoch, points: 10)
        #expect(series?.lines.map(\.name) == GlobalCounts.sourceNames)
        #expect(series?.lines.allSatisfy { $0.points.isEmpty } == true)
    }

    @Test("F50: repeated, older and future samples are counted and harm nothing")
    func order() async throws {
        let test = TestArchives()
        let now = Timestamp(seconds: epoch + 60)
        let batch = [60, 40, 20, 20, 86_400].map { report("w1", at: epoch + $0) }
        await test.archives.record(batch, now: now)
        await test.archives.record([report("w1", at: epoch + 60), report("w1", at: epoch)], now: now)

        let counters = await test.archives.counters
        #expect(counters.written == 3)
        #expect(counters.duplicates == 3)
        #expect(counters.future == 1)
        #expect(counters.failed == 0)
        let values = try await test.archives.values(
            .worker("w1"), "in_flight", from: epoch, to: epoch + 60, points: 10)
        #expect(values == [7, 7, 7])
    }

    @Test("a worker whose clock is ahead is said once, and counted")
    func workerAhead() async throws {
        let test = TestArchives()
        for index: Int64 in 0..<3 {
            await test.archives.record(
                [report("w1", at: epoch + 600 + index * 20)], now: Timestamp(seconds: epoch + index * 20))
        }
        #expect(await test.archives.counters.future == 3)
        #expect(test.lines.all.count == 1)
        #expect(test.lines.all.first?.contains("worker w1") == true)
    }

    @Test("a heartbeat that is no step of an archive is refused", arguments: [Int.min, -1, 0, 3601, Int.max])
    func heartbeats(seconds: Int) async throws {
        let test = TestArchives()
        await test.archives.record(report("w1", at: epoch, heartbeat: seconds))
        #expect(await test.archives.counters.refused == 1)
        #expect(await test.archives.workers() == [])
    }

    @Test("numbers that are not finite are unknown and cost no other")
    func notFinite() async throws {
        let test = TestArchives()
        await test.archives.record(report("w1", at: epoch + 20, throughput: .nan))
        #expect(
            try await test.archives.values(
                .worker("w1"), "throughput", from: epoch, to: epoch + 20, points: 10) == [nil])
        #expect(
            try await test.archives.values(
                .worker("w1"), "in_flight", from: epoch, to: epoch + 20, points: 10) == [7])
    }

    @Test(
        "the packaged rrdtool reads both kinds of archive",
        .enabled(if: hasRRDTool, "needs the package rrdtool"))
    func rrdtoolReads() async throws {
        let test = TestArchives()
        for minute in 1...5 {
            await test.archives.record(counts(100), at: epoch + Int64(minute) * 60)
            await test.archives.record(report("w1", at: epoch + Int64(minute) * 20))
        }
        let info = try rrdtool("info", test.globalFile)
        for name in GlobalCounts.sourceNames {
            #expect(info.contains("ds[\(name)].type = \"GAUGE\""))
            #expect(info.contains("ds[\(name)].minimal_heartbeat = 180"))
            #expect(info.contains("ds[\(name)].max = NaN"))
        }
        for (index, ring) in [(1, 1440), (60, 744), (1, 1440), (60, 744), (1, 1440), (60, 744)].enumerated() {
            #expect(info.contains("rra[\(index)].pdp_per_row = \(ring.0)\n"))
            #expect(info.contains("rra[\(index)].rows = \(ring.1)\n"))
        }
        #expect(
            try rrdtool("lastupdate", test.globalFile).contains(
                "\(epoch + 300): 100 99 98 1000 900 800 3 2 1"))
        let fetched = try rrdtool(
            "fetch", test.workerFile("w1"), "AVERAGE", "-s", "\(epoch)", "-e", "\(epoch + 80)")
        #expect(fetched.contains("ram_used"))
        #expect(fetched.contains("\(epoch + 20): 2.5600000000e+02 3.0000000000e+00 7.0000000000e+00"))
        let exported = try rrdtool(
            "xport", "-s", "\(epoch)", "-e", "\(epoch + 300)", "DEF:a=\(test.globalFile):checks_ok:AVERAGE",
            "XPORT:a:ok")
        #expect(exported.contains("<v>8.0000000000e+02</v>"))
    }
}
