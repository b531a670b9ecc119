import Glibc
import Posix
import Testing

/// A child begins on the descriptors of this process and gets a few of its own before it touches any.
@Suite("Descriptors of started programs", .serialized)
struct SpawnDescriptorsTests {
    private func run(_ script: String, count: Int = 1) async throws -> [String] {
        let holder = Outcomes()
        let spawner = Spawner(threads: 1) { holder.add($0) }
        defer { spawner.stop() }
        let requests = (1...count).map {
            SpawnRequest(
                ticket: UInt64($0), paths: ["/bin/sh"], arguments: ["sh", "-c", script],
                environment: ["PATH=/usr/bin:/bin"])
        }
        spawner.spawn(requests)
        let outcomes = try #require(holder.wait(for: count))
        var texts: [String] = []
        for outcome in outcomes { texts.append(try await text(of: try outcome.result.get())) }
        return texts
    }

    /// What a program prints until it closes its output; then it is reaped.
    private func text(of process: SpawnedProcess) async throws -> String {
        var pipe = ProcessPipe()
        var bytes: [UInt8] = []
        let limit = Clock.monotonicNanoseconds() + 20_000_000_000
        var hasEnded = false
        while !hasEnded {
            try #require(Clock.monotonicNanoseconds() < limit, "a pipe does not end")
            switch pipe.read(process.output, into: &bytes, limit: 65536) {
            case .bytes: continue
            case .nothing: await Task.yield()
            case .ended: hasEnded = true
            }
        }
        while ProcessControl.end(of: process.pidfd, reaping: true) == nil {
            try #require(Clock.monotonicNanoseconds() < limit, "a program does not end")
            await Task.yield()
        }
        for descriptor in [process.pidfd, process.output, process.errors] { ProcessControl.close(descriptor) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a program has 0, 1 and 2 only, however many this process has open, and closes none of ours")
    func onlyItsOwn() async throws {
        // Without close-on-exec, so that only the child's own preparation can take them away.
        let ours = (0..<300).map { _ in open("/dev/null", O_RDONLY) }
        defer { for descriptor in ours { close(descriptor) } }
        try #require(ours.allSatisfy { $0 > 2 })
        let listed = try await run(
            // The shell's own for the folder is closed again when it looks.
            "for f in /proc/$$/fd/*; do [ -e $f ] && echo ${f##*/}; done")
        #expect(listed == ["0\n1\n2\n"])
        #expect(ours.allSatisfy { fcntl($0, F_GETFD) == 0 })
    }

    @Test(
        "programs that start one after the other on one thread have pipes of their own, which end with them")
    func ownPipes() async throws {
        let texts = try await run("readlink /proc/$$/fd/1 /proc/$$/fd/2", count: 20)
        let pipes = texts.flatMap { $0.split(separator: "\n") }
        #expect(pipes.count == 40)
        #expect(Set(pipes).count == 40)
    }
}

/// Outcomes as the spawning thread tells them.
private final class Outcomes: Sendable {
    private let told = Monitor<[SpawnOutcome]>([])

    func add(_ outcome: SpawnOutcome) { told.change { $0.append(outcome) } }

    func wait(for count: Int) -> [SpawnOutcome]? {
        told.wait(atMost: .seconds(20)) { $0.count == count ? $0 : nil }
    }
}
