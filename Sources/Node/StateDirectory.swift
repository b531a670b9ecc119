import Glibc
import Posix

/// The folder with everything that ppalette keeps; one engine at a time has it.
struct StateDirectory: ~Copyable {
    let path: String
    /// Held for as long as the engine lives; the kernel lets go when the process ends, however it ends.
    private let lock: FileDescriptor

    /// Where things stand in it.
    struct Paths: Sendable {
        let folder: String
        var database: String { folder + "/ppalette.db" }
        var statistics: String { folder + "/statistics" }
        var spool: String { folder + "/spool" }
        var token: String { folder + "/admin.token" }
    }

    var paths: Paths { Paths(folder: path) }

    /// Makes the folder when it is missing, checks that it can be written and takes it; throws a sentence.
    init(taking path: String) throws(Refusal) {
        self.path = path
        try Self.makeFolders(path)
        let file = path + "/lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.refusal(path, errno) }
        let owned = FileDescriptor(owning: descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Refusal(
                sentence:
                    "cannot use state directory \(path): another ppalette\(Self.holder(descriptor)) is using it; "
                    + "stop that one first or give this one another --state-dir")
        }
        _ = ftruncate(descriptor, 0)
        let text = Array("\(getpid())\n".utf8)
        guard write(descriptor, text, text.count) == text.count else { throw Self.refusal(path, errno) }
        lock = owned
    }

    /// Why the folder cannot be used.
    struct Refusal: Error {
        let sentence: String
    }

    private static func makeFolders(_ path: String) throws(Refusal) {
        var made = ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            if mkdir(made, 0o750) != 0, errno != EEXIST { throw refusal(path, errno) }
        }
    }

    private static func refusal(_ path: String, _ code: Int32) -> Refusal {
        Refusal(
            sentence: "cannot write to state directory \(path): \(PosixError.reason(of: code)); "
                + "make it writable for this user, or set state_dir or --state-dir to a folder that is")
    }

    /// " (process 1234)" when the holder left its number.
    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 1 else { return "" }
        return " (process \(String(decoding: bytes.prefix(count - 1), as: UTF8.self)))"
    }
}
