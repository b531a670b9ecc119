import Glibc

/// A file that one process at a time holds; the kernel lets go when that process ends, however it ends.
package struct LockFile: ~Copyable {
    package enum Failure: Error {
        /// Another process holds it, whose number is given when it can be read.
        case held(byProcess: Int?)
        case system(PosixError)
    }

    private let descriptor: FileDescriptor

    /// Makes the file when it is missing (mode 0600), takes it without waiting and writes our process number into it.
    package init(taking path: String) throws(Failure) {
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw .system(PosixError("open \(path)")) }
        let descriptor = FileDescriptor(owning: number)
        guard flock(number, LOCK_EX | LOCK_NB) == 0 else { throw .held(byProcess: Self.holder(of: number)) }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(number, 0) == 0, write(number, text, text.count) == text.count else {
            throw .system(PosixError("write \(path)"))
        }
        self.descriptor = descriptor
    }

    /// Lets go even while a child that another thread has just made still has its copy of the descriptor.
    deinit { flock(descriptor.raw, LOCK_UN) }

    private static func holder(of descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 1 else { return nil }
        return Int(String(decoding: bytes.prefix(count - 1), as: UTF8.self))
    }
}

/// Folders, made with their parents.
package enum Folder {
    /// Makes the folder (mode 0750) and all above it that are missing.
    package static func make(_ path: String) throws(PosixError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
            if mkdir(made, 0o750) != 0, errno != EEXIST { throw PosixError("make folder \(made)") }
        }
    }
}
