import class Foundation.FileManager
import class Foundation.Pipe
import class Foundation.Process
import struct Foundation.URL
import func Foundation.getuid

/// Programs that tests run.
enum Tool {
    static let hasSQLite = FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")
    static let isRoot = getuid() == 0

    /// Runs a program and returns what it printed.
    static func run(_ path: String, _ arguments: String...) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }
}

/// The `sqlite3` program with the database's write lock in its hands.
final class ForeignWriter {
    private let process = Process()
    private let input = Pipe()

    /// Returns when the lock is held.
    init(_ path: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [path]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Array("BEGIN IMMEDIATE;\nSELECT 'held';\n".utf8).data)
        _ = output.fileHandleForReading.availableData
    }

    /// Lets the lock go and ends the program.
    func end() {
        input.fileHandleForWriting.write(Array("ROLLBACK;\n.quit\n".utf8).data)
        process.waitUntilExit()
    }
}
