import Foundation
import Model
import Statistics
import Testing

struct DamagedArchiveTests {
    @Test(
        "F52: a damaged archive is set aside with a warning and begun anew",
        arguments: [Data(), Data("RRD\u{0}0003\u{0}".utf8), Data(repeating: 0x5A, count: 10_000)])
    func damagedAtStart(content: Data) async throws {
        let test = TestArchives()
        try FileManager.default.createDirectory(atPath: test.path, withIntermediateDirectories: true)
        try content.write(to: URL(fileURLWithPath: test.globalFile))
        await test.archives.record(counts(10), at: epoch)
        await test.archives.record(counts(10), at: epoch + 60)

        #expect(try test.files() == ["global.rrd", "global.rrd.damaged-\(epoch)"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: test.globalFile + ".damaged-\(epoch)")) == content)
        #expect(test.lines.all.count == 1)
        #expect(test.lines.all.first?.contains("set aside") == true)
        #expect(await test.archives.counters.setAside == 1)
        #expect(
            try await test.archives.values(
                .global, "hosts_all", from: epoch - 60, to: epoch + 60, points: 9) == [10, 10])
    }

    @Test("an archive that breaks or vanishes while we run is begun anew, and the sample is in it")
    func damagedLater() async throws {
        let test = TestArchives()
        await test.archives.record(counts(10), at: epoch)
        try FileHandle(forWritingTo: URL(fileURLWithPath: test.globalFile)).truncate(atOffset: 700)
        await test.archives.record(counts(20), at: epoch + 60)
        #expect(try test.files().count == 2)
        try FileManager.default.removeItem(atPath: test.globalFile)
        await test.archives.record(counts(30), at: epoch + 120)

        #expect(
            try await test.archives.values(
                .global, "hosts_all", from: epoch + 60, to: epoch + 120, points: 9) == [30])
        #expect(await test.archives.counters.failed == 0)
        #expect(await test.archives.counters.written == 3)
    }

    @Test("when the heartbeat changes the old archive is kept aside and said")
    func otherStep() async throws {
        let test = TestArchives()
        await test.archives.record(report("w1", at: epoch, heartbeat: 20))
        await test.archives.record(report("w1", at: epoch + 20, heartbeat: 5))

        #expect(try test.files("/workers") == ["w1.rrd", "w1.rrd.replaced-\(epoch + 20)"])
        #expect(test.lines.all.first?.contains("step is 20 s and 5 s is asked for") == true)
        #expect(
            try await test.archives.series(.worker("w1"), from: epoch, to: epoch + 20, points: 9)?.step == 5)
        #expect(await test.archives.workers() == ["w1"])
    }

    @Test("an archive that is set aside again and again does not fill the disk")
    func keepsFew() async throws {
        let test = TestArchives()
        await test.archives.record(report("w1.rrd.replaced-1", at: epoch))
        for index in 0..<20 {
            await test.archives.record(report("w1", at: epoch + Int64(index) * 20, heartbeat: 10 + index % 2))
        }
        let files = try test.files("/workers")
        #expect(files.filter { $0.hasPrefix("w1.rrd.replaced-1") && !$0.hasSuffix(".rrd") }.count == 5)
        #expect(files.contains("w1.rrd.replaced-1.rrd"))
    }

    @Test(
        "an archive of another program under our name is set aside",
        .enabled(if: hasRRDTool, "needs the package rrdtool"))
    func otherLayout() async throws {
        let test = TestArchives()
        try FileManager.default.createDirectory(atPath: test.path, withIntermediateDirectories: true)
        _ = try rrdtool(
            "create", test.globalFile, "--step", "60", "--start", "\(epoch)", "DS:x:GAUGE:60:0:100000",
            "RRA:AVERAGE:0.5:1:10")
        await test.archives.record(counts(10), at: epoch + 60)
        #expect(try test.files() == ["global.rrd", "global.rrd.damaged-\(epoch + 60)"])
    }

    @Test("a folder that cannot be made costs the samples, is said once, and heals by itself")
    func cannotWrite() async throws {
        let test = TestArchives()
        // A file where the folder should be: refused for root, too.
        try Data().write(to: URL(fileURLWithPath: test.path))
        for index in 0..<5 { await test.archives.record(report("w\(index)", at: epoch)) }
        await test.archives.record(counts(1), at: epoch)
        #expect(await test.archives.counters.failed == 6)
        #expect(test.lines.all.count == 1)
        #expect(test.lines.all.first?.contains(test.path) == true)

        try FileManager.default.removeItem(atPath: test.path)
        await test.archives.record(counts(1), at: epoch + 60)
        #expect(await test.archives.counters.written == 1)
        #expect(test.lines.all.count == 2)
    }

    @Test("an archive ahead of the clock is kept, said once, and takes samples again when the time has come")
    func ahead() async throws {
        let test = TestArchives()
        await test.archives.record(counts(1), at: epoch + 86_400)
        let back = TestArchives(after: test)
        for minute: Int64 in 1...3 { await back.archives.record(counts(1), at: epoch + minute * 60) }
        #expect(await back.archives.counters.duplicates == 3)
        #expect(back.lines.all.count == 1)
        await back.archives.record(counts(1), at: epoch + 86_460)
        #expect(await back.archives.counters.written == 1)
    }

    @Test("a damaged archive is said to a reader, and never read as empty")
    func readingDamage() async throws {
        let test = TestArchives()
        await test.archives.record(counts(10), at: epoch)
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: test.globalFile))
        await #expect(throws: StatisticsError.self) {
            try await test.archives.series(.global, from: 0, to: epoch, points: 10)
        }
        await #expect(throws: StatisticsError.self) {
            try await test.archives.graph(.global, GraphRequest(from: epoch - 60, to: epoch))
        }
    }
}
