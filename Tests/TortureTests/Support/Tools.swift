import Foundation
import Glibc
import TestSupport

/// Programs in C that are made for these tests, compiled once.
enum Tools {
    /// The plugin of the audit, as a static program.
    static let audit = Result { try compile("check_audit", auditSource, ["-static"]) }
    /// A library that shifts the wall clock of the program that loads it; the plugins' clocks stay as they are.
    static let clockShift = Result { try compile("clock_shift.so", clockShiftSource, ["-shared", "-fPIC"]) }

    static var isRoot: Bool { getuid() == 0 }
    static var hasStrace: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/strace") }

    private static let folder = Result { try Sandbox() }

    private static func compile(_ name: String, _ source: String, _ options: [String]) throws -> String {
        let home = try folder.get()
        let file = try home.write(name + ".c", source)
        let made = home.path + "/" + name
        let run = try Sandbox.run("/usr/bin/gcc", ["-O2", "-o", made] + options + [file])
        guard run.code == 0 else { throw EngineFailure(description: "gcc: \(run.errors)") }
        return made
    }

    /// check_audit FILE HOST COPIES MILLISECONDS: writes down that it began and that it ended, and prints its own mark
    /// in each of COPIES lines.
    private static let auditSource = """
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <time.h>
        #include <unistd.h>

        static void note(int file, char kind, const char *mark, const char *host) {
            struct timespec now;
            char line[256];
            clock_gettime(CLOCK_REALTIME, &now);
            int size = snprintf(line, sizeof line, "%c %s %s %lld\\n", kind, mark, host,
                                (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
            if (write(file, line, size) != size) _exit(3);
        }

        int main(int count, char **arguments) {
            if (count < 5) return 3;
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            char mark[128];
            snprintf(mark, sizeof mark, "%s-%d-%lld", arguments[2], (int)getpid(),
                     (long long)now.tv_sec * 1000000000 + now.tv_nsec);
            int file = open(arguments[1], O_WRONLY | O_APPEND | O_CLOEXEC);
            if (file < 0) return 3;
            note(file, 'B', mark, arguments[2]);
            long copies = atol(arguments[3]);
            printf("%s\\n", mark);
            for (long copy = 1; copy < copies; copy++) printf("%s\\n", mark);
            fflush(stdout);
            long pause = atol(arguments[4]);
            if (pause > 0) nanosleep(&(struct timespec){pause / 1000, pause % 1000 * 1000000}, 0);
            note(file, 'E', mark, arguments[2]);
            return 0;
        }
        """

    private static let clockShiftSource = """
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/mman.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>

        static const volatile long long *shift;

        __attribute__((constructor)) static void begin(void) {
            const char *path = getenv("CLOCK_SHIFT");
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return;
            void *page = mmap(0, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
            close(file);
            if (page != MAP_FAILED) shift = page;
        }

        int clock_gettime(clockid_t clock, struct timespec *now) {
            int code = syscall(SYS_clock_gettime, clock, now);
            int is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
            if (code == 0 && shift && is_wall) now->tv_sec += *shift;
            return code;
        }

        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            struct timespec precise;
            (void)zone;
            if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
            now->tv_sec = precise.tv_sec;
            now->tv_usec = precise.tv_nsec / 1000;
            return 0;
        }

        time_t time(time_t *result) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (result) *result = now.tv_sec;
            return now.tv_sec;
        }
        """
}

/// strace on the running engine, which makes system calls fail or take long until it is ended.
final class Tampering {
    private let tracer: RunningProgram

    /// Attaches to all threads of `pid`, or only to the one named `thread`; `rule` is what `-e inject=` takes.
    ///
    /// Children are not followed: a tracer that lets go while one is being started waits for its parent, which waits
    /// for the child, which waits for the tracer.
    init(_ sandbox: Sandbox, pid: Int32, thread: String? = nil, _ rule: String) async throws {
        let targets =
            try thread.map { [try Processes.thread(named: $0, of: pid)] } ?? Processes.tasks(of: pid)
        let calls = rule.prefix { $0 != ":" }
        let log = "strace-\(UInt32.random(in: 0 ... .max)).log"
        tracer = try sandbox.start(
            "/usr/bin/strace",
            targets.flatMap { ["-p", "\($0)"] }
                + ["-e", "trace=\(calls)", "-e", "inject=\(rule)", "-o", "/dev/null"],
            log: log)
        // A thread may end meanwhile.
        guard await eventually(within: 10, { targets.allSatisfy(Self.isTracedOrGone) }) else {
            throw EngineFailure(description: "strace does not attach: \(sandbox.text(of: log))")
        }
    }

    private static func isTracedOrGone(_ thread: Int32) -> Bool {
        Processes.status(thread, "TracerPid") != "0"
    }

    func end() async {
        kill(tracer.pid, SIGINT)
        if await !eventually(within: 10, { !self.tracer.isRunning }) { tracer.killNow() }
    }
}

/// What the system tells of processes.
enum Processes {
    struct Entry {
        let pid: Int32
        let parent: Int32
        let state: String
        let command: String
    }

    static func all() -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { Int32($0) }.compactMap { pid in
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let end = text.lastIndex(of: ")")
            else { return nil }
            let fields = text[text.index(after: end)...].split(separator: " ")
            guard fields.count > 2, let parent = Int32(fields[1]) else { return nil }
            let command = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
            return Entry(
                pid: pid, parent: parent, state: String(fields[0]),
                command: command.replacingOccurrences(of: "\0", with: " "))
        }
    }

    /// Processes whose command line holds the words, zombies left out.
    static func alive(_ words: String) -> [Entry] {
        all().filter { $0.state != "Z" && $0.command.contains(words) }
    }

    static func zombies(under pid: Int32) -> Int { all().count { $0.parent == pid && $0.state == "Z" } }

    static func children(of pid: Int32) -> [Entry] { all().filter { $0.parent == pid } }

    /// The name of the file that a process runs.
    static func program(_ pid: Int32) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe").split(separator: "/")
            .last.map(String.init)
    }

    /// A line of /proc/PID/status.
    static func status(_ pid: Int32, _ key: String) -> String? {
        let text = (try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        return line?.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces)
    }

    static func descriptors(_ pid: Int32) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
    }

    static func threads(_ pid: Int32) -> Int { status(pid, "Threads").flatMap { Int($0) } ?? 0 }

    /// Resident memory in MiB.
    static func memory(_ pid: Int32) -> Double {
        let kibibytes = status(pid, "VmRSS").flatMap { Double($0.split(separator: " ").first ?? "") }
        return (kibibytes ?? 0) / 1024
    }

    /// The numbers of its threads.
    static func tasks(of pid: Int32) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task").compactMap { Int32($0) }
    }

    static func thread(named name: String, of pid: Int32) throws -> Int32 {
        for task in try tasks(of: pid) {
            let own = (try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/comm", encoding: .utf8)) ?? ""
            if own.trimmingCharacters(in: .newlines) == name { return task }
        }
        throw EngineFailure(description: "the engine has no thread named \(name)")
    }
}
