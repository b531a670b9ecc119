import CLinux
import Glibc

/// A program that runs beside us with its output in files; killed and reaped when its owner drops it.
package struct Program: ~Copyable {
    /// Its process number.
    package let pid: Int32
    private var status: Int32?

    /// Starts the program at `path` without a shell; standard input is empty.
    ///
    /// `environment` holds `NAME=value` texts, nil passes ours on; `errors` is the file of standard error, nil the one of
    /// standard output. Files are made when missing and appended to.
    package init(
        _ path: String, _ arguments: [String], environment: [String]? = nil, output: String,
        errors: String? = nil
    ) throws(PosixError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        if let errors {
            posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        } else {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        }
        // A descriptor that another thread has open for writing would make that file "busy" for as long as this runs.
        pp_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var variables = (environment ?? []).map { strdup($0) } + [nil]
        defer { for variable in variables { free(variable) } }
        var started: pid_t = 0
        let code =
            environment == nil
            ? posix_spawn(&started, path, &actions, &attributes, &words, environ)
            : posix_spawn(&started, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw PosixError("start \(path)", code: code) }
        pid = started
    }

    deinit {
        guard status == nil else { return }
        kill(pid, SIGKILL)
        var ending: Int32 = 0
        waitpid(pid, &ending, 0)
    }

    /// Waits at most `limit` for its end; returns the exit code, minus the number of a signal, or nil while it runs.
    package mutating func wait(atMost limit: Duration) -> Int32? {
        let end = Clock.monotonicNanoseconds() + limit.nanoseconds
        while status == nil {
            var ending: Int32 = 0
            if waitpid(pid, &ending, WNOHANG) == pid {
                status = ending & 0x7f == 0 ? (ending >> 8) & 0xff : -(ending & 0x7f)
                break
            }
            guard Clock.monotonicNanoseconds() < end else { return nil }
            usleep(2000)
        }
        return status
    }

    /// Asks it to end by TERM, waits at most `limit` and kills what is still there then; returns as ``wait(atMost:)``.
    @discardableResult
    package mutating func stop(within limit: Duration) -> Int32? {
        guard status == nil else { return status }
        kill(pid, SIGTERM)
        return wait(atMost: limit) ?? killNow()
    }

    /// Ends it at once by KILL and reaps it.
    @discardableResult
    package mutating func killNow() -> Int32? {
        guard status == nil else { return status }
        kill(pid, SIGKILL)
        return wait(atMost: .seconds(10))
    }
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

    /// Whether a file, a folder or a socket is there.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Blocks this thread.
    package static func pause(_ duration: Duration) { usleep(UInt32(clamping: duration.nanoseconds / 1000)) }
}
