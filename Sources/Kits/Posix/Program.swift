import Glibc

/// A program of ours that runs beside us with its output in a file; killed when its owner drops it.
package struct Program: ~Copyable {
    /// Its process number.
    package let pid: Int32

    /// Starts the program at `path` without a shell; standard input is empty.
    package init(_ path: String, _ arguments: [String], output: String) throws(PosixError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var started: pid_t = 0
        let code = posix_spawn(&started, path, &actions, nil, &words, environ)
        guard code == 0 else { throw PosixError("start \(path)", code: code) }
        pid = started
    }

    deinit {
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// Asks it to end, waits at most `limit` and kills what is still there then.
    package consuming func stop(within limit: Duration) {
        kill(pid, SIGTERM)
        let end = Clock.monotonicNanoseconds() + limit.nanoseconds
        while Clock.monotonicNanoseconds() < end {
            var information = siginfo_t()
            // Only looked at, so that the number stays ours until the owner reaps it.
            if waitid(P_PID, id_t(pid), &information, WEXITED | WNOHANG | WNOWAIT) == 0,
                information.si_signo != 0
            {
                return
            }
            usleep(5000)
        }
    }

    /// Whether it is still there.
    package var isRunning: Bool { kill(pid, 0) == 0 }
}

/// Small services of the system for programs that measure or test.
package enum Machine {
    /// A TCP port of 127.0.0.1 that was free a moment ago.
    package static func freePort() throws(PosixError) -> Int {
        let number = try system("make a socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        let descriptor = FileDescriptor(owning: number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor.raw, $0, length) == 0 && getsockname(descriptor.raw, $0, &length) == 0
            }
        }
        guard isBound else { throw PosixError("find a free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// The folder of the running program.
    package static var programFolder: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return "." }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }

    /// A new folder of our own below /tmp.
    package static func temporaryFolder() throws(PosixError) -> String {
        var name = Array("/tmp/ppalette-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw PosixError("make a folder below /tmp") }
        return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Blocks this thread.
    package static func pause(_ duration: Duration) { usleep(UInt32(clamping: duration.nanoseconds / 1000)) }
}
