import CLinux
import Glibc

/// Our end of a pair of sockets to a program that we start; messages keep their borders and may carry descriptors.
///
/// Nothing here waits: a program that does not read is noticed by a message that cannot be sent.
package final class ProcessChannel {
    /// What one look at the channel brought.
    package enum Reading: Equatable, Sendable {
        case message([UInt8])
        /// A message longer than ``ProcessChannel/longestMessage``, which nobody keeps.
        case tooLong
        /// Nothing at the moment.
        case nothing
        /// The program has gone.
        case ended
    }

    /// Bytes of one message.
    package static let longestMessage = 131_072

    /// To be watched for reading.
    package let descriptor: Int32

    private init(owning descriptor: Int32) { self.descriptor = descriptor }

    /// Makes the pair; the other end is for ``SpawnRequest/channel``, and the caller closes it.
    package static func pair() throws(PosixError) -> (ours: ProcessChannel, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        _ = try system("make a pair of sockets") { pp_channel_pair(&ends) }
        return (ProcessChannel(owning: ends[0]), ends[1])
    }

    deinit { close(descriptor) }

    /// Sends one message with copies of at most 8 descriptors; false when it cannot be sent at once.
    package func send(_ bytes: [UInt8], descriptors: [Int32] = []) -> Bool {
        pp_channel_send(descriptor, bytes, bytes.count, descriptors, Int32(descriptors.count)) == 0
    }

    /// Our ends of the three pipes that a run is given; the receiver closes them.
    package struct RunEnds: Sendable {
        /// Read ends of its standard output and standard error; they do not block.
        package let output: Int32
        package let errors: Int32
        /// The write end of the pipe that it waits on before it begins; see ``ProcessControl/release(_:)``.
        package let word: Int32
    }

    /// Sends one message with the other ends of three new pipes, the rules of its isolation and its cgroup, as far as there
    /// are some; nil when that cannot be done at once.
    package func sendRun(
        _ bytes: [UInt8], isolation: ProcessIsolation?, cgroup: Int32?
    ) -> RunEnds? {
        do throws(PosixError) {
            let output = try Pipe()
            let errors = try Pipe()
            let word = try Pipe()
            _ = fcntl(word.readEnd.raw, F_SETFL, 0)
            let theirs = [output.writeEnd.raw, errors.writeEnd.raw, word.readEnd.raw]
            let more = [isolation?.ruleset, cgroup].compactMap { $0 }
            guard send(bytes, descriptors: theirs + more) else { return nil }
            return RunEnds(
                output: output.readEnd.take(), errors: errors.readEnd.take(), word: word.writeEnd.take())
        } catch {
            // Out of descriptors, as the next attempt to start something will say.
            return nil
        }
    }

    /// Takes the next message.
    package func receive() -> Reading {
        withUnsafeTemporaryAllocation(byteCount: Self.longestMessage, alignment: 1) { buffer in
            let count = pp_channel_receive(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return .ended }
            guard count > 0 else { return errno == EAGAIN ? .nothing : .ended }
            guard count <= buffer.count else { return .tooLong }
            return .message(Array(buffer[..<count]))
        }
    }
}

extension ProcessControl {
    /// A descriptor of the process `pid`, when it is a child of this process that has not been reaped.
    package static func descriptor(ofChild pid: Int32) -> Int32? {
        let pidfd = pp_pidfd_open(pid)
        guard pidfd >= 0 else { return nil }
        var code: Int32 = 0
        var signal: Int32 = 0
        guard pp_process_end(pidfd, 0, &code, &signal) >= 0 else {
            Glibc.close(pidfd)
            return nil
        }
        return pidfd
    }

    /// Whether `pid` leads a session of its own.
    package static func leadsSession(_ pid: Int32) -> Bool { getsid(pid) == pid }

    /// Writes one byte and closes: the word that a waiting child goes on at.
    package static func release(_ descriptor: Int32) {
        var byte: UInt8 = 1
        _ = write(descriptor, &byte, 1)
        _ = Glibc.close(descriptor)
    }
}

/// The head of a script, as the kernel looks at it.
package enum ScriptHead: Equatable, Sendable {
    /// What stands behind `#!` on the first line, without blanks around it; empty when there is no such line.
    case line(String)
    /// No such file.
    case missing
    /// It cannot be read; the error number of errno(3).
    case unreadable(Int32)

    /// Reads the first 256 bytes, of which the kernel takes no more.
    package init(of path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            self = errno == ENOENT || errno == ENOTDIR ? .missing : .unreadable(errno)
            return
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else {
            self = .unreadable(errno)
            return
        }
        guard bytes[..<count].starts(with: Array("#!".utf8)),
            let end = bytes[..<count].firstIndex(of: UInt8(ascii: "\n"))
        else {
            self = .line("")
            return
        }
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var line = bytes[2..<end].drop(while: isBlank)
        while let last = line.last, isBlank(last) { line.removeLast() }
        self = .line(String(decoding: line, as: UTF8.self))
    }
}
