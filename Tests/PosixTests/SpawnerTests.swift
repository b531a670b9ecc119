import Glibc
import Posix
import Synchronization
import Testing

@Suite("Starting programs")
struct SpawnerTests {
    private func spawn(_ request: SpawnRequest) async -> Result<SpawnedProcess, SpawnFailure> {
        let holder = Holder()
        let spawner = Spawner(threads: 1) { outcomes in holder.deliver(outcomes) }
        let outcome = await withCheckedContinuation { continuation in
            holder.wait(continuation)
            spawner.spawn([request])
        }
        holder.keep(spawner)
        #expect(outcome.ticket == request.ticket)
        return outcome.result
    }

    private func request(_ paths: [String], _ arguments: String...) -> SpawnRequest {
        SpawnRequest(
            ticket: 7, paths: paths, arguments: ["program"] + arguments, environment: ["PATH=/usr/bin:/bin"])
    }

    private func output(of process: SpawnedProcess) async -> String {
        var pipe = ProcessPipe()
        var bytes: [UInt8] = []
        while true {
            switch pipe.read(process.output, into: &bytes, limit: 4096) {
            case .bytes: continue
            case .nothing: await Task.yield()
            case .ended: return String(decoding: bytes, as: UTF8.self)
            }
        }
    }

    private func end(of process: SpawnedProcess) async -> ProcessEnd {
        while true {
            if let end = ProcessControl.end(of: process.pidfd, reaping: true) {
                for descriptor in [process.pidfd, process.output, process.errors] {
                    ProcessControl.close(descriptor)
                }
                return end
            }
            await Task.yield()
        }
    }

    @Test("a program runs with its arguments, and its exit code is read from its pidfd")
    func exitCode() async throws {
        let process = try await spawn(request(["/bin/sh"], "-c", "echo \"$0 $1\"; exit 7", "a b", "é")).get()
        #expect(await output(of: process) == "a b é\n")
        #expect(await end(of: process) == .exited(7))
    }

    @Test("a death by signal is told as such")
    func signal() async throws {
        let process = try await spawn(request(["/bin/sh"], "-c", "kill -KILL $$")).get()
        #expect(await end(of: process) == .signaled(9))
    }

    @Test("the first path that exists is run and becomes the program's own name")
    func firstPath() async throws {
        let process = try await spawn(request(["/nonexistent/cat", "/bin/cat"], "/proc/self/cmdline")).get()
        #expect(await output(of: process) == "/bin/cat\0/proc/self/cmdline\0")
        #expect(await end(of: process) == .exited(0))
    }

    @Test("a program that is nowhere fails at the step execute with the reason")
    func missing() async {
        let result = await spawn(request(["/nonexistent/a", "/nonexistent/b"]))
        guard case .failure(let failure) = result else {
            Issue.record("it was started")
            return
        }
        #expect(failure == SpawnFailure(step: .execute, code: ENOENT, path: "/nonexistent/b"))
    }

    @Test("an argument with a NUL byte is refused, not cut")
    func nulIsRefused() async {
        let result = await spawn(request(["/bin/echo"], "a\0b"))
        guard case .failure(let failure) = result else {
            Issue.record("it was started")
            return
        }
        #expect(failure.step == .arguments)
    }

    @Test("the mark is inherited by what the program starts and cannot be seen on others")
    func tagIsInherited() async throws {
        var marked = request(["/bin/sh"], "-c", "setsid env -i /bin/sleep 64 & echo $!; wait")
        marked.tag = ProcessTag(owner: 3, run: 99).rawValue
        let process = try await spawn(marked).get()
        var pipe = ProcessPipe()
        var bytes: [UInt8] = []
        while !bytes.contains(10) {
            _ = pipe.read(process.output, into: &bytes, limit: 100)
            await Task.yield()
        }
        let child = try #require(Int32(String(decoding: bytes.dropLast(), as: UTF8.self)))
        #expect(ProcessTag(of: child)?.run == 99)
        #expect(ProcessTag(of: child)?.owner == 3)
        #expect(ProcessTag(of: getpid()) == nil)
        ProcessControl.signal(pid: child, .kill)
        #expect(await end(of: process) == .exited(0))
    }

    @Test("only the beginning of a pipe is kept, the rest is counted")
    func pipeKeepsBeginning() async throws {
        let process = try await spawn(request(["/bin/sh"], "-c", "printf 0123456789")).get()
        #expect(await end(of: process, keepingPipes: true) == .exited(0))
        var pipe = ProcessPipe()
        var bytes: [UInt8] = []
        #expect(pipe.read(process.output, into: &bytes, limit: 4) == .bytes(10, dropped: 6))
        #expect(bytes == Array("0123".utf8))
        // A program that starts at the same moment may hold the other end until it runs.
        var last = pipe.read(process.output, into: &bytes, limit: 4)
        while last == .nothing {
            await Task.yield()
            last = pipe.read(process.output, into: &bytes, limit: 4)
        }
        #expect(last == .ended)
        for descriptor in [process.pidfd, process.output, process.errors] { ProcessControl.close(descriptor) }
    }

    private func end(of process: SpawnedProcess, keepingPipes: Bool) async -> ProcessEnd {
        while true {
            if let end = ProcessControl.end(of: process.pidfd, reaping: true) { return end }
            await Task.yield()
        }
    }
}

/// Passes one outcome on, and keeps the spawner, with whose threads its programs would die.
private final class Holder: Sendable {
    private let state = Mutex<CheckedContinuation<SpawnOutcome, Never>?>(nil)
    private static let spawners = Mutex<[Spawner]>([])

    func wait(_ continuation: CheckedContinuation<SpawnOutcome, Never>) {
        state.withLock { $0 = continuation }
    }

    func deliver(_ outcome: SpawnOutcome) {
        let continuation = state.withLock { $0 }
        continuation?.resume(returning: outcome)
    }

    func keep(_ spawner: Spawner) { Self.spawners.withLock { $0.append(spawner) } }
}

@Suite("Marks of processes")
struct ProcessMarkTests {
    @Test("a mark holds its owner and its run")
    func parts() {
        let tag = ProcessTag(owner: 0xfffe, run: 0xffff_fffd)
        #expect(tag.owner == 0xfffe)
        #expect(tag.run == 0xffff_fffd)
    }

    @Test("a process that never had a mark has none")
    func none() {
        #expect(ProcessMark(of: getpid()) == .none)
        #expect(ProcessMark(of: 1) == .none)
    }
}
