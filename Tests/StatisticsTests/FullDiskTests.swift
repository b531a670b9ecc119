import Foundation
import Statistics
import Testing

/// Runs a program and says whether it ended with 0.
private func succeeds(_ program: String, _ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
}

/// Whether this process may mount a small disk; tried once.
private let canMount: Bool = {
    let folder = NSTemporaryDirectory() + "/ppalette-mount-\(UUID().uuidString)"
    guard mkdir(folder, 0o700) == 0 else { return false }
    defer { rmdir(folder) }
    return succeeds("/bin/mount", "-t", "tmpfs", "-o", "size=64k", "ppalette-test", folder)
        && succeeds("/bin/umount", folder)
}()

struct FullDiskTests {
    @Test(
        "F51: a full disk costs samples, is said once, ends nothing, and all goes on when there is room",
        .enabled(if: canMount, "needs the right to mount a small tmpfs (root)"))
    func fullDisk() async throws {
        let disk = NSTemporaryDirectory() + "/ppalette-disk-\(UUID().uuidString)"
        try #require(mkdir(disk, 0o700) == 0)
        defer { rmdir(disk) }
        // An archive takes 472 KB.
        try #require(succeeds("/bin/mount", "-t", "tmpfs", "-o", "size=700k", "ppalette-test", disk))
        defer { _ = succeeds("/bin/umount", disk) }

        let test = TestArchives(path: "\(disk)/statistics")
        await test.archives.record(counts(1), at: epoch)
        for index in 0..<3 { await test.archives.record(report("w\(index)", at: epoch)) }
        await test.archives.record(counts(2), at: epoch + 60)

        #expect(await test.archives.counters.written == 2)
        #expect(await test.archives.counters.failed == 3)
        #expect(test.lines.all.count == 1)
        #expect(await test.archives.workers() == [])

        try #require(succeeds("/bin/mount", "-o", "remount,size=4m", disk))
        await test.archives.record(report("w1", at: epoch + 20))
        #expect(await test.archives.workers() == ["w1"])
        #expect(await test.archives.counters.written == 3)
    }
}
