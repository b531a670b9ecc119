import CLinux
import Glibc

/// A file descriptor with one owner, closed when the owner drops it.
package struct FileDescriptor: ~Copyable, Sendable {
    package let raw: Int32

    /// Takes ownership of an open descriptor.
    package init(owning raw: Int32) {
        self.raw = raw
    }

    deinit { Glibc.close(raw) }

    /// Gives the bare number away; the caller closes it.
    package consuming func take() -> Int32 {
        let number = raw
        discard self
        return number
    }
}

/// A pipe, both ends close-on-exec; the read end does not block.
package struct Pipe: ~Copyable {
    package var readEnd: FileDescriptor
    package var writeEnd: FileDescriptor

    package init() throws(PosixError) {
        var ends: [Int32] = [-1, -1]
        _ = try system("make a pipe") { pp_pipe2(&ends, O_CLOEXEC) }
        readEnd = FileDescriptor(owning: ends[0])
        writeEnd = FileDescriptor(owning: ends[1])
        _ = fcntl(readEnd.raw, F_SETFL, O_NONBLOCK)
    }
}
