import Glibc
import Posix
import Testing

import class Foundation.FileManager

@Suite("Latch")
struct LatchTests {
    @Test("a thread waits for the value that another gives; later ones are dropped")
    func value() {
        let latch = Latch<Int>()
        Thread.start(named: "giver") {
            latch.open(1)
            latch.open(2)
        }
        #expect(latch.wait(atMost: .seconds(20)) == 1)
        latch.open(3)
        #expect(latch.wait(atMost: .seconds(20)) == 1)
    }

    @Test("all who wait get the value")
    func many() {
        let latch = Latch<Int>()
        let answers = (0..<5).map { _ in Latch<Int>() }
        for answer in answers {
            Thread.start(named: "waiter") { answer.open(latch.wait(atMost: .seconds(20)) ?? -1) }
        }
        latch.open(7)
        #expect(answers.allSatisfy { $0.wait(atMost: .seconds(20)) == 7 })
    }

    @Test(
        "without a value the wait ends at its limit",
        arguments: [Duration.zero, .milliseconds(20), .seconds(-1)])
    func limit(limit: Duration) {
        #expect(Latch<Int>().wait(atMost: limit) == nil)
    }
}

@Suite("Lock file")
struct LockFileTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        try body(folder)
    }

    /// The process that holds the lock, 0 when it could be taken; then it is let go at once.
    private func holder(_ path: String) -> Int {
        do {
            _ = try LockFile(taking: path)
            return 0
        } catch {
            guard case .held(let process?) = error else { return -1 }
            return process
        }
    }

    @Test("a file that is held is refused with the number of its holder, and free when that lets go")
    func held() throws {
        try withFolder { folder in
            let path = folder + "/lock"
            do {
                let lock = try LockFile(taking: path)
                #expect(holder(path) == Int(getpid()))
                _ = consume lock
            }
            #expect(holder(path) == 0)
        }
    }

    @Test("the lock of a process that was killed is free, whatever is in the file")
    func killed() throws {
        try withFolder { folder in
            let path = folder + "/lock"
            try "99999999\n".write(toFile: path, atomically: false, encoding: .utf8)
            var other = try Program("/usr/bin/flock", [path, "/bin/sleep", "60"], output: folder + "/log")
            let end = Clock.monotonicNanoseconds() + 20_000_000_000
            while holder(path) != 4711, Clock.monotonicNanoseconds() < end {
                try "4711\n".write(toFile: path, atomically: false, encoding: .utf8)
                Machine.pause(.milliseconds(2))
            }
            // flock(1) passes the lock on to sleep(1), which must go as well.
            let children = try String(
                contentsOfFile: "/proc/\(other.pid)/task/\(other.pid)/children", encoding: .utf8)
            other.killNow()
            for child in children.split(separator: " ").compactMap({ Int32($0) }) { kill(child, SIGKILL) }
            while holder(path) != 0, Clock.monotonicNanoseconds() < end { Machine.pause(.milliseconds(2)) }
            #expect(holder(path) == 0)
        }
    }

    @Test("a folder that is missing or a file that cannot be made is told with the path")
    func unusable() throws {
        do {
            _ = try LockFile(taking: "/proc/nowhere/lock")
            Issue.record("it was taken")
        } catch {
            guard case .system(let reason) = error else { throw error }
            #expect("\(reason)".contains("/proc/nowhere/lock"))
        }
    }

    @Test("a folder is made with its parents, once more without harm; a file in its way is told")
    func folders() throws {
        try withFolder { folder in
            try Folder.make(folder + "/a/b//c/")
            try Folder.make(folder + "/a/b/c")
            #expect(FileManager.default.fileExists(atPath: folder + "/a/b/c"))
            try "x".write(toFile: folder + "/file", atomically: false, encoding: .utf8)
            #expect(throws: PosixError.self) { try Folder.make(folder + "/file/below") }
        }
    }
}

@Suite("Program")
struct ProgramTests {
    private func run(_ line: String, _ body: (inout Program, String) throws -> Void) throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path
        var program = try Program(
            "/bin/sh", ["-c", line], environment: ["PATH=/bin:/usr/bin", "A=b c"], output: folder + "/out",
            errors: folder + "/err")
        try body(&program, folder)
    }

    @Test("a program's exit code, output, errors and environment are its own")
    func outcome() throws {
        try run("echo \"$A $#\"; echo bad >&2; cat; exit 7") { program, folder in
            #expect(program.wait(atMost: .seconds(20)) == 7)
            #expect(program.wait(atMost: .zero) == 7)
            let texts = try ["out", "err"].map {
                try String(contentsOfFile: folder + "/" + $0, encoding: .utf8)
            }
            #expect(texts == ["b c 0\n", "bad\n"])
        }
    }

    @Test("a program that ends by a signal is told by the signal's number below zero")
    func signal() throws {
        try run("kill -9 $$") { program, _ in #expect(program.wait(atMost: .seconds(20)) == -9) }
    }

    @Test("stop asks first; a program that does not listen is killed after the limit")
    func stop() throws {
        try run("trap 'exit 3' TERM; echo up; while :; do sleep 0.01; done") { program, folder in
            waitForOutput(folder)
            #expect(program.stop(within: .seconds(20)) == 3)
        }
        try run("trap '' TERM; echo up; while :; do sleep 0.01; done") { program, folder in
            waitForOutput(folder)
            #expect(program.wait(atMost: .zero) == nil)
            #expect(program.stop(within: .milliseconds(50)) == -9)
            #expect(program.stop(within: .zero) == -9)
        }
    }

    private func waitForOutput(_ folder: String) {
        let end = Clock.monotonicNanoseconds() + 20_000_000_000
        while (try? String(contentsOfFile: folder + "/out", encoding: .utf8))?.isEmpty ?? true,
            Clock.monotonicNanoseconds() < end
        {
            Machine.pause(.milliseconds(2))
        }
    }

    @Test("a program goes with its owner and leaves no zombie")
    func dropped() throws {
        var pid: Int32 = 0
        try run("exec sleep 60") { program, _ in
            pid = program.pid
            #expect(kill(pid, 0) == 0)
        }
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test("a program that is not there is told with its path")
    func missing() throws {
        do {
            _ = try Program("/nonexistent/program", [], output: "/dev/null")
            Issue.record("it started")
        } catch {
            #expect(error.description == "cannot start /nonexistent/program: no such file or directory")
        }
    }
}
