import CLinux
import Glibc

/// The descriptors that programs get as 0, 1 and 2, with the same low numbers for each program of a thread.
///
/// A child is given only the descriptors up to the highest of these (see pp_spawn), so that starting it costs the same
/// whether ten or a thousand others are open.
struct SpawnEnds: ~Copyable {
    /// `/dev/null`, opened for reading.
    private(set) var input: Int32 = -1
    /// Writes to pipes while a program is started, otherwise to nothing.
    private(set) var output: Int32 = -1
    private(set) var errors: Int32 = -1

    /// Takes the numbers if it can; ``open()`` tells when it could not.
    init() { try? open() }

    deinit {
        for descriptor in [input, output, errors] where descriptor >= 0 { close(descriptor) }
    }

    /// Takes the numbers that are missing.
    mutating func open() throws(PosixError) {
        if input < 0 {
            input = try system("open /dev/null") { Glibc.open("/dev/null", O_RDONLY | O_CLOEXEC) }
        }
        if output < 0 { output = try another() }
        if errors < 0 { errors = try another() }
    }

    private func another() throws(PosixError) -> Int32 {
        try system("copy a descriptor") { fcntl(input, F_DUPFD_CLOEXEC, 3) }
    }

    /// Makes a pipe that `end` writes to and returns its read end.
    func pipe(to end: Int32) throws(PosixError) -> FileDescriptor {
        let pipe = try Pipe()
        _ = try system("copy a descriptor") { pp_replace(pipe.writeEnd.raw, end) }
        return pipe.readEnd
    }

    /// Lets the pipes go, so that they end with their programs.
    func clear() {
        _ = pp_replace(input, output)
        _ = pp_replace(input, errors)
    }
}
