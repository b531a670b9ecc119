import Glibc
import Posix
import Testing

@testable import Node

@Suite("State directory")
struct StateDirectoryTests {
    @Test("it is made with its parents")
    func made() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/a/b"
        let state = try StateDirectory(taking: folder)
        #expect(access(folder + "/lock", F_OK) == 0)
        #expect(state.paths.database == folder + "/ppalette.db")
    }

    @Test("a second engine on the same folder is refused by a sentence that names the first")
    func second() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/state"
        let first = try StateDirectory(taking: folder)
        let refusal = #expect(throws: StartFailure.self) { _ = try StateDirectory(taking: folder) }

        let sentence = refusal?.sentences.first ?? ""
        #expect(sentence.contains("another ppalette (process \(getpid())) is using it"))
        #expect(sentence.contains(folder))
        withExtendedLifetime(first) {}
    }

    @Test("the folder is free again when the first engine is gone")
    func released() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/state"
        do { _ = try StateDirectory(taking: folder) }
        _ = try StateDirectory(taking: folder)
    }

    @Test("a lock that a dying engine's child holds for a moment refuses nobody")
    func heldForAMoment() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.path + "/state"
        do { _ = try StateDirectory(taking: folder) }
        let number = open(folder + "/lock", O_RDWR | O_CLOEXEC)
        #expect(flock(number, LOCK_EX | LOCK_NB) == 0)
        Thread.start(named: "holder") {
            usleep(50_000)
            flock(number, LOCK_UN)
            close(number)
        }
        _ = try StateDirectory(taking: folder)
    }

    @Test("a folder that cannot be made is refused by a sentence that says what to do")
    func unwritable() {
        let refusal = #expect(throws: StartFailure.self) {
            _ = try StateDirectory(taking: "/proc/ppalette")
        }
        let sentence = refusal?.sentences.first ?? ""
        #expect(sentence.hasPrefix("cannot write to state directory /proc/ppalette: "))
        #expect(sentence.contains("--state-dir"))
    }
}
