import Foundation
import RRD

/// A folder of one test, deleted when the test drops it.
final class TestFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/ppalette-rrd-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path)") }
    }
}

/// Two sources every 20 s, in short rings.
let smallLayout = Layout(
    step: 20, sources: [.init("alpha", heartbeat: 60), .init("beta", heartbeat: 60)],
    archives: [.init(.average, steps: 1, rows: 90), .init(.maximum, steps: 3, rows: 60)])

/// A multiple of every step that the tests use.
let epoch: Int64 = 1_700_006_400

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

/// A file with `count` samples of (index, 2 * index).
func filled(_ folder: TestFolder, name: String = "a", count: Int = 30) throws -> RRDFile {
    let file = RRDFile(path: "\(folder.path)/\(name).rrd", layout: smallLayout)
    try file.create(startingAt: epoch)
    try file.update(
        (1...count).map {
            Sample(time: epoch + Int64($0) * 20, values: [Double($0), Double(2 * $0)])
        })
    return file
}
