import Foundation
import Glibc

/// A folder of one test, with free ports and the processes that it started; all of it goes with the test.
final class Sandbox: @unchecked Sendable {
    // `@unchecked`: one test uses it, from one task at a time.
    let path: String
    private var processes: [Process] = []

    init() throws {
        path = "/tmp/ppalette-e2e-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        for process in processes where process.isRunning { kill(process.processIdentifier, SIGKILL) }
        for process in processes { process.waitUntilExit() }
        try? FileManager.default.removeItem(atPath: path)  // A left-over folder in /tmp harms nobody.
    }

    /// Writes a file below the folder and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: Int = 0o644) throws -> String {
        let file = path + "/" + name
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    /// Starts a program that the test may end itself; otherwise it is killed with the sandbox.
    func start(_ program: String, _ arguments: [String], environment: [String: String] = [:], log: String)
        throws -> Process
    {
        FileManager.default.createFile(atPath: path + "/" + log, contents: nil)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = Self.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let output = FileHandle(forWritingAtPath: path + "/" + log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        processes.append(process)
        return process
    }

    func text(of log: String) -> String {
        (try? String(contentsOfFile: path + "/" + log, encoding: .utf8)) ?? ""
    }

    /// Runs a program to its end and returns exit code, output and errors; killed after `limit` seconds.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], limit: Double = 60
    ) throws -> (code: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = Self.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let folder = "/tmp/ppalette-run-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        for name in [folder + ".out", folder + ".err"] {
            FileManager.default.createFile(atPath: name, contents: nil)
        }
        defer {
            for name in [folder + ".out", folder + ".err"] {
                try? FileManager.default.removeItem(atPath: name)
            }
        }
        process.standardOutput = FileHandle(forWritingAtPath: folder + ".out")
        process.standardError = FileHandle(forWritingAtPath: folder + ".err")
        try process.run()
        let end = Date().addingTimeInterval(limit)
        while process.isRunning, Date() < end { usleep(5000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return (
            process.terminationStatus, try String(contentsOfFile: folder + ".out", encoding: .utf8),
            try String(contentsOfFile: folder + ".err", encoding: .utf8)
        )
    }

    /// The environment of started programs: nothing of ours but the paths.
    static var environment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        let kept = ["PATH", "HOME", "LD_LIBRARY_PATH", "LANG"]
        return own.filter { kept.contains($0.key) }.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    }

    /// A port that was free a moment ago.
    static func freePort() -> Int {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(socket, $0, length)
                _ = getsockname(socket, $0, &length)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// The folder of the programs that were built with the tests.
    static let binaries: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }()

    /// The project's top folder.
    static let project: String = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
}

/// Waits until `condition` holds, at most `seconds`; returns whether it did.
func eventually(within seconds: Double = 20, _ condition: () throws -> Bool) async rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
        if try condition() { return true }
        try? await Task.sleep(for: .milliseconds(30))
    }
    return try condition()
}
