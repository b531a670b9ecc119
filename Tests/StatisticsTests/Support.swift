import Foundation
import Log
import Model
import Statistics
import Synchronization

/// A state folder of one test with its archives and the lines that they logged.
final class TestArchives: Sendable {
    let archives: Archives
    let lines: Lines

    /// Lines of the log.
    final class Lines: Sendable {
        private let kept = Mutex<[String]>([])
        func append(_ line: String) { kept.withLock { $0.append(line) } }
        var all: [String] { kept.withLock { $0 } }
    }

    /// Deletes the folder when neither the test nor its archives need it.
    private final class Folder: Sendable {
        let path: String
        init(path: String) { self.path = path }

        deinit {
            guard FileManager.default.fileExists(atPath: path) else { return }
            do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
        }
    }

    private let folder: Folder
    var path: String { folder.path }

    convenience init(path: String? = nil) {
        self.init(
            Folder(path: path ?? NSTemporaryDirectory() + "/ppalette-statistics-\(UUID().uuidString)"))
    }

    /// Others over the same folder, as after a restart.
    convenience init(after earlier: TestArchives) { self.init(earlier.folder) }

    private init(_ folder: Folder) {
        let lines = Lines()
        self.folder = folder
        self.lines = lines
        let sink: Log.Sink = { line in withExtendedLifetime(folder) { lines.append(line) } }
        archives = Archives(folder: folder.path, log: Log(part: "statistics", sink: sink))
    }

    var globalFile: String { "\(path)/global.rrd" }
    func workerFile(_ name: String) -> String { "\(path)/workers/\(name).rrd" }

    /// What lies beside the archives.
    func files(_ folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + folder).sorted()
    }
}

/// A multiple of every step that the tests use.
let epoch: Int64 = 1_700_006_400

func report(
    _ name: String, at time: Int64, heartbeat: Int = 20, ram: Int = 50_000_000, throughput: Double = 1
) -> WorkerReport {
    WorkerReport(
        name: name, sentAt: Timestamp(seconds: time), version: "1", address: "a", heartbeat: heartbeat,
        workerCount: 256, workerAlive: 3, inFlight: 7, inputQueueSize: 250_000, throughput: throughput,
        latencyMilliseconds: 1.5, executionMilliseconds: 20, ramUsed: ram, cpu: 0.25)
}

func counts(_ number: Int) -> GlobalCounts {
    var counts = GlobalCounts()
    counts.hostsAll = number
    counts.hostsActive = number - 1
    counts.hostsActiveUp = number - 2
    counts.checksAll = number * 10
    counts.checksActive = number * 9
    counts.checksOK = number * 8
    counts.checksWarn = 3
    counts.checksError = 2
    counts.checksIncorrect = 1
    return counts
}

extension Archives {
    /// A report that arrives when it was sent.
    func record(_ report: WorkerReport) {
        record([report], now: report.sentAt)
    }

    func record(_ counts: GlobalCounts, at time: Int64) {
        record(counts, at: Timestamp(seconds: time), now: Timestamp(seconds: time))
    }

    func values(_ subject: Subject, _ name: String, from: Int64, to: Int64, points: Int) throws -> [Double?] {
        let series = try series(subject, from: from, to: to, points: points)
        return series?.lines.first { $0.name == name }?.points.map(\.value) ?? []
    }
}

/// Runs the packaged rrdtool and returns what it prints.
func rrdtool(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/rrdtool")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}

let hasRRDTool = FileManager.default.isExecutableFile(atPath: "/usr/bin/rrdtool")
