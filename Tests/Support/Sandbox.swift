import Foundation
import Glibc
package import Posix

/// A folder of one test, with free ports and the processes that it started; all of it goes with the test.
package final class Sandbox: @unchecked Sendable {
    // `@unchecked`: one test uses it, from one task at a time.
    package let path: String
    private var processes: [RunningProgram] = []

    /// Makes the folder in /tmp, or in the build folder when files in it are to be `protected` from plugins.
    package init(protected: Bool = false) throws {
        let parent = protected ? Self.protectedParent : "/tmp"
        path = "\(parent)/ppalette-e2e-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        for process in processes { process.killNow() }
        try? FileManager.default.removeItem(atPath: path)  // A left-over folder in /tmp harms nobody.
    }

    /// Writes a file below the folder and returns its path.
    @discardableResult
    package func write(_ name: String, _ text: String, mode: Int = 0o644) throws -> String {
        let file = path + "/" + name
        let folder = file.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }

    /// Starts a program that the test may end itself; otherwise it is killed with the sandbox.
    package func start(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], log: String
    ) throws -> RunningProgram {
        let process = RunningProgram(
            try Program(
                program, arguments, environment: Self.environment(environment), output: path + "/" + log))
        processes.append(process)
        return process
    }

    package func text(of log: String) -> String {
        (try? String(contentsOfFile: path + "/" + log, encoding: .utf8)) ?? ""
    }

    /// Runs a program to its end and returns exit code, output and errors; killed after `limit`.
    package static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        limit: Duration = .seconds(60)
    ) throws -> (code: Int32, output: String, errors: String) {
        let name = "/tmp/ppalette-run-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        defer { for ending in [".out", ".err"] { unlink(name + ending) } }
        var process = try Program(
            program, arguments, environment: Self.environment(environment), output: name + ".out",
            errors: name + ".err")
        let code = process.wait(atMost: limit) ?? process.killNow() ?? -1
        return (
            code, try String(contentsOfFile: name + ".out", encoding: .utf8),
            try String(contentsOfFile: name + ".err", encoding: .utf8)
        )
    }

    private static func environment(_ extra: [String: String]) -> [String] {
        environment.merging(extra) { $1 }.map { "\($0.key)=\($0.value)" }
    }

    /// The environment of started programs: nothing of ours but the paths.
    package static var environment: [String: String] {
        let own = ProcessInfo.processInfo.environment
        let kept = ["PATH", "HOME", "LD_LIBRARY_PATH", "LANG", "ASAN_OPTIONS", "TSAN_OPTIONS"]
        return own.filter { kept.contains($0.key) }.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    }

    /// A port that was free a moment ago.
    package static func freePort() -> Int {
        // Below those that the kernel gives to outgoing connections, of which the tests make many.
        (0..<1000).lazy.map { _ in Int.random(in: 12_000..<32_000) }.first(where: isFree) ?? 11_999
    }

    private static func isFree(_ port: Int) -> Bool {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// The folder of the programs that were built with the tests, or the one that the environment names.
    package static let binaries: String = {
        if let named = ProcessInfo.processInfo.environment["TEST_BINARIES"], !named.isEmpty {
            return named.hasPrefix("/") ? named : project + "/" + named
        }
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }()

    /// A folder in which files can be kept from plugins: none above it is one where everybody may write.
    private static var protectedParent: String {
        let own = project + "/.build"
        let isolation = try? ProcessIsolation(.init(protecting: own))
        return isolation?.extent.protectsFiles == true ? own : "/var/lib"
    }

    /// The project's top folder.
    package static let project: String =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
}

/// A started program that several places of a test hold.
package final class RunningProgram: @unchecked Sendable {
    // `@unchecked`: one test uses it, from one task at a time.
    private var program: Program
    package let pid: Int32

    package init(_ program: consuming Program) {
        pid = program.pid
        self.program = program
    }

    package var exitCode: Int32? { program.wait(atMost: .zero) }
    package var isRunning: Bool { exitCode == nil }
    package func terminate() { kill(pid, SIGTERM) }
    package func killNow() { program.killNow() }
}

/// Waits until `condition` holds, at most `seconds`; returns whether it did.
package func eventually(within seconds: Double = 20, _ condition: () throws -> Bool) async rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
        if try condition() { return true }
        try? await Task.sleep(for: .milliseconds(30))
    }
    return try condition()
}
