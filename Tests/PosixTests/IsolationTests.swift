import Glibc
import Posix
import Synchronization
import Testing

@Suite(
    "Isolation of programs", .enabled(if: IsolationRig.isPossible, "this kernel has no Landlock with scopes"))
struct IsolationTests {
    @Test("a program cannot signal the process that started it; without isolation it can")
    func parent() throws {
        let rig = try IsolationRig()
        #expect(try rig.run("kill -0 $PPID", nil) == 0)
        #expect(try rig.run("kill -0 $PPID", .init()) != 0)
        #expect(try rig.run("kill -0 -- -\(getpgrp())", .init()) != 0)
    }

    @Test("a program that may gain privileges is not isolated, since sudo could not work")
    func privileged() throws {
        let rig = try IsolationRig()
        #expect(try rig.run("kill -0 $PPID", .init(), mayGainPrivileges: true) == 0)
    }

    @Test("a program can neither signal another nor look into its memory, both being isolated")
    func neighbour() throws {
        let rig = try IsolationRig()
        let neighbour = try rig.start("exec sleep 60", .init())
        defer { rig.end(neighbour) }
        let look = "cat /proc/\(neighbour.pid)/environ >\(rig.free)/seen && test -s \(rig.free)/seen"

        #expect(try rig.run("kill -KILL \(neighbour.pid)", .init()) != 0)
        #expect(try rig.run("kill -KILL -\(neighbour.pid)", .init()) != 0)
        #expect(try rig.run(look, .init()) != 0)
        #expect(try rig.run(": >>/proc/\(neighbour.pid)/mem", .init()) != 0)
        #expect(ProcessControl.end(of: neighbour.pidfd, reaping: false) == nil)
        #expect(try rig.run(look, nil) == 0, "without isolation it can")
    }

    static let tunings = [
        "prlimit --pid $N --nofile=5:5", "renice -n 5 -p $N", "renice -n 5 -u $(id -u)", "ionice -c 3 -p $N",
        "taskset -p 1 $N", "chrt -i -p 0 $N",
    ]

    @Test("a program cannot change limits, priority or processors of another", arguments: tunings)
    func tuning(command: String) throws {
        let rig = try IsolationRig(confined: true)
        let open = try IsolationRig()
        let neighbour = try open.start("exec sleep 60", nil)
        defer { open.end(neighbour) }

        #expect(try rig.run("N=\(neighbour.pid); \(command)", nil) != 0)
        // Of all processes of the user only the tests' own would suffer.
        guard !command.contains("-u ") else { return }
        #expect(try open.run("N=\(neighbour.pid); \(command)", nil) == 0, "without isolation it can")
    }

    @Test(
        "a program changes its own as before",
        arguments: [
            "ulimit -n 20", "nice -n 5 true", "ionice -c 3 true", "taskset 1 true", "chrt -i 0 true",
            "prlimit --nofile=20:20 true", "prlimit --pid $PPID --nofile", "renice -n 5 -g 0",
        ])
    func ownTuning(command: String) throws {
        #expect(try IsolationRig(confined: true).run(command, .init()) == 0)
    }

    @Test("a program signals its own children")
    func children() throws {
        #expect(try IsolationRig().run("sleep 60 & kill -TERM $!; wait $!; test $? = 143", .init()) == 0)
    }

    static let attacks = [
        "cat $F/secret", "cat /proc/self/root$F/secret", "cd $F && cat secret", "ln -sf $F/secret l && cat l",
        ": >>$F/secret", ": >$F/secret", "truncate -s 0 $F/secret", "rm -f $F/secret && test ! -e $F/secret",
        "mv $F/secret taken", "ln $F/secret taken", "mkdir $F/made", "ln -s / $F/made", "mkfifo $F/made",
        ": >$F/made", "mv own $F/made", "ln own $F/made", "mv own $F/secret", "rmdir $F/empty", "mv $F moved",
        "cat $F/inner/deep", "mv $F/empty .",
    ]

    @Test("a program cannot read or change what is in the protected folder", arguments: attacks)
    func attack(command: String) throws {
        let rig = try IsolationRig()
        let script = "F=\(rig.protected); cd \(rig.free); : >own; \(command)"

        #expect(try rig.run(script, .init(protecting: rig.protected)) != 0, "\(command)")
        #expect(rig.hasAll)
        #expect(try rig.run(script, nil) == 0, "without isolation it can")
    }

    static let uses = [
        "t=$(mktemp) && echo a >$t && cat $t && rm $t",
        "d=$(mktemp -d) && : >$d/a && mkdir $d/b && mv $d/a $d/b && rm -r $d",
        "cat /etc/passwd /proc/self/status /proc/loadavg >/dev/null", "ls $F", "stat $F/secret",
        "echo a >/dev/shm/$$ && rm /dev/shm/$$",
        "cd $O && : >a && ln a b && ln -s a c && mkfifo d && mkdir e && mv a e/f && truncate -s 9 b && rm -r b c d e",
        "cat <<END\nhere\nEND", "python3 -c 'import json, tempfile; tempfile.TemporaryFile().write(b\"x\")'",
        "perl -e 'use POSIX; open(my $f, \"<\", \"/etc/hostname\") or die'", "echo a >/dev/stdout",
        "df / >/dev/null", "ps >/dev/null",
        "O2=$(mktemp -d) && : >$O/a && mv $O/a $O2/a && rm -r $O2",
    ]

    @Test("a program uses everything else as before", arguments: uses)
    func use(command: String) throws {
        let rig = try IsolationRig()
        let script = "F=\(rig.protected); O=\(rig.free); \(command)"
        #expect(try rig.run(script, .init(protecting: rig.protected)) == 0)
    }

    @Test("files in the protected folder are shared by name")
    func shared() throws {
        let rig = try IsolationRig()
        let wish = ProcessIsolation.Wish(protecting: rig.protected, sharing: [rig.protected + "/inner"])
        let folder = rig.protected

        #expect(try rig.run("cat \(folder)/inner/deep && : >\(folder)/inner/new", wish) == 0)
        #expect(try rig.run("cat \(folder)/secret", wish) != 0)
        let all = try #require(try ProcessIsolation(.init(protecting: folder, sharing: [folder])))
        #expect(all.extent.obstacle == .shared && !all.extent.protectsFiles)
        #expect(try rig.run("cat \(folder)/secret", isolation: all) == 0)
    }

    @Test("a folder that comes beside the protected one is open once the rules are renewed")
    func renewal() throws {
        let rig = try IsolationRig()
        let isolation = try #require(try ProcessIsolation(.init(protecting: rig.protected)))
        let number = isolation.watchedFolders.count
        #expect(number > 1 && isolation.watchedFolders.first == "/")
        try Folder.make(rig.folder + "/later")
        let use = ": >\(rig.folder)/later/file"

        #expect(try rig.run(use, isolation: isolation) != 0)
        try isolation.renew()
        #expect(try rig.run(use, isolation: isolation) == 0)
        #expect(try rig.run("cat \(rig.protected)/secret", isolation: isolation) != 0)
    }

    @Test("a watch renews the rules by itself, again and again")
    func watch() async throws {
        let rig = try IsolationRig()
        let isolation = try #require(try ProcessIsolation(.init(protecting: rig.protected)))
        let loop = try EventLoop(name: "isolation")
        loop.start()
        defer { loop.stop() }
        let failure: PosixError? = await withCheckedContinuation { continuation in
            loop.post {
                do throws(PosixError) {
                    try IsolationWatch.start(of: isolation, on: loop.reactor) { Issue.record("\($0)") }
                    continuation.resume(returning: nil)
                } catch {
                    continuation.resume(returning: error)
                }
            }
        }
        #expect(failure == nil)
        for name in ["first", "second", "third"] {
            try Folder.make(rig.folder + "/" + name)
            var isOpen = false
            for _ in 0..<500 where !isOpen {
                isOpen = try rig.run(": >\(rig.folder)/\(name)/file", isolation: isolation) == 0
                if !isOpen { try await Task.sleep(for: .milliseconds(10)) }
            }
            #expect(isOpen, "\(name)")
        }
    }

    @Test("below a folder where everybody makes files nothing is protected, and plugins can make theirs")
    func commonFolder() throws {
        let rig = try IsolationRig()
        let folder = try TemporaryFolder()
        let isolation = try #require(try ProcessIsolation(.init(protecting: folder.path)))

        #expect(isolation.extent.obstacle == .common("/tmp"))
        #expect(!isolation.extent.protectsFiles && isolation.extent.stopsSignals)
        #expect(try rig.run("t=$(mktemp) && rm $t && : >\(folder.path)/a", isolation: isolation) == 0)
        #expect(try rig.run("kill -0 $PPID", isolation: isolation) != 0)
    }

    @Test("a kernel of version 2 hides memory and protects files, and says that it does not stop signals")
    func oldKernel() throws {
        let rig = try IsolationRig()
        let neighbour = try rig.start("exec sleep 60", .init(version: 2))
        defer { rig.end(neighbour) }
        let look = "cat /proc/\(neighbour.pid)/environ >\(rig.free)/seen"
        let move = "cd \(rig.free) && mkdir x && : >x/a && mv x/a . && ln a x/b"

        #expect(try rig.run(look, .init(version: 2)) != 0)
        #expect(try rig.run(move, .init(version: 2)) == 0)
        let isolation = try #require(try ProcessIsolation(.init(protecting: rig.protected, version: 2)))
        #expect(
            isolation.extent.hidesMemory && isolation.extent.protectsFiles && !isolation.extent.stopsSignals)
        #expect(try rig.run("cat \(rig.protected)/secret", isolation: isolation) != 0)
        #expect(try rig.run("rm \(rig.protected)/secret", isolation: isolation) != 0)
        #expect(try ProcessIsolation(.init(version: 1)) == nil)
    }

    @Test(
        "a program cannot write where cgroups are killed and frozen",
        .enabled(if: getuid() == 0 && ProcessCgroups.ownFolder() != nil))
    func cgroups() throws {
        let rig = try IsolationRig()
        let open = ": >>\(ProcessCgroups.ownFolder() ?? "")/cgroup.procs"

        #expect(try rig.run(open, nil) == 0)
        #expect(try rig.run(open, .init(protecting: rig.protected)) != 0)
    }

    @Test("memory that is hidden is closed to a process of the same user")
    func hiddenMemory() throws {
        let rig = try IsolationRig()
        // Python hides itself as the engine does; both have the same user and no capability.
        let hide = "import ctypes, time; ctypes.CDLL(None).prctl(4, 0); print(1, flush=True); time.sleep(60)"
        let hidden = try rig.start("exec python3 -c '\(hide)'", nil)
        defer { rig.end(hidden) }
        _ = rig.firstByte(of: hidden)
        #expect(try rig.run("cat /proc/\(hidden.pid)/environ", nil) != 0)
    }
}

/// A folder to protect with another beside it, and a thread that starts shells.
private final class IsolationRig {
    static var isPossible: Bool { (try? ProcessIsolation(.init()))??.extent.stopsSignals == true }
    private static let names = Atomic(0)

    let folder: String
    var protected: String { folder + "/protected" }
    var free: String { folder + "/free" }
    private let outcomes: Monitor<[SpawnOutcome]>
    private let spawner: Spawner

    init(confined isConfined: Bool = false) throws {
        // Not in /tmp, where no file can be protected.
        let project = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let number = Self.names.add(1, ordering: .relaxed).newValue
        let own = try ProcessIsolation(.init(protecting: project + "/.build"))
        let parent = own?.extent.protectsFiles == true ? project + "/.build" : "/var/lib"
        folder = "\(parent)/ppalette-isolation-\(getpid())-\(number)"
        for path in ["/protected/inner", "/protected/empty", "/free"] { try Folder.make(folder + path) }
        for path in ["/protected/secret", "/protected/inner/deep"] {
            let file = Glibc.open(folder + path, O_CREAT | O_WRONLY, 0o600)
            try #require(write(file, "secret", 6) == 6)
            Glibc.close(file)
        }
        let outcomes = Monitor<[SpawnOutcome]>([])
        self.outcomes = outcomes
        spawner = Spawner(threads: 1, confined: isConfined) { outcome in
            outcomes.change(wakingAll: true) { $0.append(outcome) }
        }
    }

    deinit {
        spawner.stop()
        Folder.remove(folder)
    }

    /// Whether nothing in the protected folder has changed.
    var hasAll: Bool {
        let text = (try? DurableFile.names(in: protected))?.sorted() ?? []
        var status = stat()
        return text == ["empty", "inner", "secret"] && stat(protected + "/secret", &status) == 0
            && status.st_size == 6
    }

    func start(
        _ script: String, _ wish: ProcessIsolation.Wish?, isolation: ProcessIsolation? = nil,
        mayGainPrivileges: Bool = false
    ) throws -> SpawnedProcess {
        var request = SpawnRequest(
            ticket: 1, paths: ["/bin/sh"], arguments: ["sh", "-c", script],
            environment: ["PATH=/usr/bin:/bin"])
        request.isolation = try isolation ?? wish.flatMap { try ProcessIsolation($0) }
        request.mayGainPrivileges = mayGainPrivileges
        spawner.spawn([request])
        let outcome = outcomes.wait(atMost: .seconds(30)) { $0.popLast() }
        return try #require(outcome).result.get()
    }

    func run(_ script: String, isolation: ProcessIsolation) throws -> Int32 {
        try finish(start(script, nil, isolation: isolation))
    }

    /// Runs a shell script to its end and returns its exit code, or -1 when a signal ended it.
    func run(_ script: String, _ wish: ProcessIsolation.Wish?, mayGainPrivileges: Bool = false) throws
        -> Int32
    {
        try finish(start(script, wish, mayGainPrivileges: mayGainPrivileges))
    }

    private func finish(_ process: SpawnedProcess) throws -> Int32 {
        var ready = pollfd(fd: process.pidfd, events: Int16(POLLIN), revents: 0)
        try #require(poll(&ready, 1, 30_000) == 1)
        defer { close(process) }
        guard case .exited(let code) = ProcessControl.end(of: process.pidfd, reaping: true) else { return -1 }
        return code
    }

    func firstByte(of process: SpawnedProcess) -> UInt8 {
        var ready = pollfd(fd: process.output, events: Int16(POLLIN), revents: 0)
        var byte: UInt8 = 0
        guard poll(&ready, 1, 30_000) == 1, read(process.output, &byte, 1) == 1 else { return 0 }
        return byte
    }

    func end(_ process: SpawnedProcess) {
        ProcessControl.signal(group: process.pid, .kill)
        while ProcessControl.end(of: process.pidfd, reaping: true) == nil { usleep(1000) }
        close(process)
    }

    private func close(_ process: SpawnedProcess) {
        for descriptor in [process.pidfd, process.output, process.errors] { ProcessControl.close(descriptor) }
    }
}
