import Foundation
import TestSupport
import Testing

/// The plugins of `plugins/`, run as the engine runs them: these are the models for authors.
@Suite("Our own plugins")
struct OwnPluginsTests {
    typealias Run = (code: Int32, output: String, errors: String)

    static let memory = Sandbox.project + "/plugins/check_memory"
    static let newestFile = Sandbox.project + "/plugins/check_newest_file"

    /// Percent in use, warning and critical range, exit code.
    static let memoryTable: [(Int, String, String, Int32)] = [
        (50, "80", "90", 0), (80, "80", "90", 0), (81, "80", "90", 1), (90, "80", "90", 1),
        (91, "80", "90", 2), (50, "@40:60", "90", 1), (61, "@40:60", "90", 0), (5, "10:", "~:90", 1),
        (5, "80", "10:90", 2), (50, "~:50", "50.0", 0),
    ]

    /// Plugin, arguments, beginning of the output.
    static let helpTable: [(String, [String], String)] = [
        (memory, ["-h"], "Usage: check_memory"), (memory, ["-V"], "check_memory 1"),
        (newestFile, ["--help"], "usage: check_newest_file"),
        (newestFile, ["-h"], "usage: check_newest_file"),
        (newestFile, ["--version"], "check_newest_file 1"), (newestFile, ["-V"], "check_newest_file 1"),
    ]

    /// Options for a file of 10 bytes that is 15 minutes old, exit code.
    static let fileTable: [([String], Int32)] = [
        (["-w", "1h", "-c", "2h"], 0), (["-w", "5m", "-c", "2h"], 1), (["-w", "1m", "-c", "5m"], 2),
        (["-w", "600", "-c", "1d"], 1), (["-C", "1k:"], 2), (["-W", "1k:"], 1), (["-W", "1:1k"], 0),
        (["-W", "1k:", "-c", "5m"], 2), (["-w", "@10m:20m"], 1), ([], 0),
    ]

    private func run(_ plugin: String, _ arguments: [String]) throws -> Run {
        try Sandbox.run(plugin, arguments)
    }

    /// A machine with 1000 kB, of which `used` percent are in use, and 500 kB of swap.
    private func machine(used: Int, in sandbox: Sandbox) throws -> String {
        try sandbox.write(
            "meminfo",
            """
            MemTotal:        1000 kB
            MemAvailable:    \(1000 - used * 10) kB
            SwapTotal:       500 kB
            SwapFree:        400 kB

            """)
    }

    @Test(
        "check_memory: the state follows the ranges; both ends belong to them",
        arguments: memoryTable)
    func memoryStates(used: Int, warning: String, critical: String, code: Int32) throws {
        let sandbox = try Sandbox()
        let file = try machine(used: used, in: sandbox)
        let run = try run(Self.memory, ["-w", warning, "-c", critical, "-f", file])

        #expect(run.code == code, "\(run)")
        let word = ["OK", "WARNING", "CRITICAL"][Int(code)]
        #expect(run.output.hasPrefix("MEMORY \(word) - \(used).0% used"))
        #expect(run.errors.isEmpty)
    }

    @Test(
        "check_memory: performance data has ranges as given, bytes with their bounds, and swap when there is some"
    )
    func memoryData() throws {
        let sandbox = try Sandbox()
        let run = try run(Self.memory, ["-w", "@40:60", "-c", "90", "-f", machine(used: 25, in: sandbox)])
        let data = try #require(run.output.split(separator: "|").last).trimmingCharacters(
            in: .whitespacesAndNewlines)

        #expect(
            data == "used=25.0%;@40:60;90 used_bytes=256000B;;;0;1024000 available_bytes=768000B;;;0;1024000 "
                + "swap_used_bytes=102400B;;;0;512000")
        #expect(run.output.split(separator: "\n").count == 1)
    }

    @Test("check_memory: this machine's memory can be read")
    func realMemory() throws {
        let run = try run(Self.memory, ["-w", "~:", "-c", "~:"])
        #expect(run.code == 0, "\(run)")
    }

    @Test(
        "check_memory: what it does not understand is UNKNOWN with a sentence, never another state",
        arguments: [
            ["-x"], ["-w"], ["-w", "x"], ["-w", ""], ["-w", "90:80"], ["-c", "1:2:3"], ["-w", ":"],
            ["-t", "0"], ["-t", "-1"], ["-t", "3601"], ["-t", "99999999999999999999"], ["-t", "1s"],
            ["-f", "/nowhere"], ["extra"], ["-f", "/dev/null"], ["-w", "1\n2"], ["-w", "\\101"],
        ])
    func memoryMistakes(arguments: [String]) throws {
        let run = try run(Self.memory, arguments)
        #expect(run.code == 3, "\(run)")
        #expect(run.output.hasPrefix("MEMORY UNKNOWN - "), "\(run)")
    }

    @Test(
        "help and version exit with 3, so that a check with -h by mistake is not green",
        arguments: helpTable)
    func help(plugin: String, arguments: [String], beginning: String) throws {
        let run = try run(plugin, arguments)
        #expect(run.code == 3)
        #expect(run.output.hasPrefix(beginning), "\(run)")
    }

    /// A file of `size` bytes that was changed `age` seconds ago.
    private func file(_ name: String, age: Double, size: Int = 10, in sandbox: Sandbox) throws {
        let path = try sandbox.write(name, String(repeating: "x", count: size))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: path)
    }

    @Test(
        "check_newest_file: age and size decide, the worse of both counts",
        arguments: fileTable)
    func fileStates(arguments: [String], code: Int32) throws {
        let sandbox = try Sandbox()
        try file("old.gz", age: 86_400, size: 5000, in: sandbox)
        try file("new.gz", age: 900, in: sandbox)
        try file("other.txt", age: 1, in: sandbox)
        let run = try run(Self.newestFile, ["-p", sandbox.path + "/*.gz"] + arguments)

        #expect(run.code == code, "\(run)")
        #expect(run.output.contains("/new.gz is 15 min"), "\(run)")
        #expect(run.output.contains("(2 files)"))
    }

    @Test("check_newest_file: performance data is in seconds and bytes, ranges as well")
    func fileData() throws {
        let sandbox = try Sandbox()
        try file("a", age: 5, size: 2048, in: sandbox)
        let run = try run(
            Self.newestFile, ["-p", sandbox.path + "/a", "-w", "1h", "-c", "@2h:3h", "-C", "1k:"])
        let data = try #require(run.output.split(separator: "|").last)

        #expect(data.contains("s;3600;@7200:10800;0 size=2048B;;1024:;0 files=1"), "\(run)")
        #expect(run.code == 0)
    }

    @Test("check_newest_file: no file is CRITICAL, a folder is no file")
    func noFile() throws {
        let sandbox = try Sandbox()
        try file("folder/x", age: 1, in: sandbox)
        let run = try run(Self.newestFile, ["-p", sandbox.path + "/fold*"])
        #expect(run.code == 2)
        #expect(run.output.contains("| files=0"))
    }

    @Test(
        "check_newest_file: a name with a pipe, a line break and quotes stays one line of text"
    )
    func hostileNames() throws {
        let sandbox = try Sandbox()
        try file("a|b=1\nc'\"$(id)", age: 1, in: sandbox)
        let run = try run(Self.newestFile, ["-p", sandbox.path + "/*"])
        #expect(run.code == 0, "\(run)")
        #expect(run.output.split(separator: "\n").count == 1)
        #expect(run.output.split(separator: "|").count == 2)
    }

    @Test(
        "check_newest_file: what it does not understand is UNKNOWN with a sentence, never another state",
        arguments: [
            [], ["-p"], ["-x"], ["-p", "a", "-w", "x"], ["-p", "a", "-w", "2h:1h"], ["-p", "a", "-w", "1k"],
            ["-p", "a", "-C", "1h"], ["-p", "a", "-t", "0"], ["-p", "a", "-t", "x"], ["-p", "a", "b"],
            ["-p", "a", "--warn", "1"], ["-p", "a", "-w", ""],
        ])
    func fileMistakes(arguments: [String]) throws {
        let run = try run(Self.newestFile, arguments)
        #expect(run.code == 3, "\(run)")
        #expect(run.output.hasPrefix("NEWEST FILE UNKNOWN - "), "\(run)")
        #expect(run.errors.isEmpty)
    }
}
