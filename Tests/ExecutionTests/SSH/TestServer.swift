import Glibc
import Posix

/// An sshd of its own on a free port of 127.0.0.1, with its own keys, folder and plugins.
final class TestServer: @unchecked Sendable {
    /// Why tests with a server are left out; nil when they can run.
    static let isPossible =
        geteuid() == 0 && access("/usr/sbin/sshd", X_OK) == 0 && access("/usr/bin/ssh-keygen", X_OK) == 0

    enum KeyType: String { case ed25519, ecdsa, rsa }

    let folder: String
    let port: Int
    private let settings: [String]
    private var pid: pid_t = 0

    /// Starts the server; `settings` are further lines of its configuration.
    init(hostKeys: [KeyType] = [.ed25519, .ecdsa], settings: [String] = []) throws {
        mkdir("/run/sshd", 0o755)
        var template = Array("/tmp/ssh-test-XXXXXX".utf8CString)
        let made = mkdtemp(&template).map { String(cString: $0) } ?? ""
        folder = made
        port = try Self.freePort()
        self.settings = settings + hostKeys.map { "HostKey \(made)/host_\($0.rawValue)" }
        mkdir("\(folder)/plugins", 0o755)
        for type in hostKeys { makeKey(type, "host_\(type.rawValue)") }
        makeKey(.ed25519, "user")
        authorize("user")
        try start()
    }

    deinit {
        stop()
        Command.run(["/bin/rm", "-rf", folder])
    }

    var login: String { getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "root" }

    /// Whoever trusts this file trusts the server.
    var knownHosts: String { "\(folder)/known_hosts" }

    /// Starts sshd and waits until it takes connections.
    func start() throws {
        // bash reads ~/.bashrc when it thinks that sshd has started it; whatever is there must not slow the
        // tests.
        let lines =
            [
                "Port \(port)", "ListenAddress 127.0.0.1", "AuthorizedKeysFile \(folder)/authorized_keys",
                "StrictModes no", "UsePAM no", "PidFile none", "PasswordAuthentication no",
                "PermitRootLogin yes", "PrintMotd no", "SetEnv SHLVL=1",
            ] + settings
        write("sshd_config", lines.joined(separator: "\n") + "\n")
        pid = try Command.start(
            ["/usr/sbin/sshd", "-D", "-e", "-f", "\(folder)/sshd_config"], log: "\(folder)/log")
        for _ in 0..<500 {
            if canConnect() { return }
            usleep(10_000)
        }
        throw PosixError("start sshd, see \(folder)/log", code: ETIMEDOUT)
    }

    /// Ends the server and its sessions.
    func stop() {
        guard pid > 0 else { return }
        signalAll(SIGKILL)
        waitpid(pid, nil, 0)
        pid = 0
    }

    /// Stops the server's processes without ending them, or lets them go on.
    func freeze(_ isFrozen: Bool) { signalAll(isFrozen ? SIGSTOP : SIGCONT) }

    /// The listener is stopped first, so that no new session comes in between; sessions are children of it.
    private func signalAll(_ signal: Int32) {
        kill(pid, SIGSTOP)
        for session in Command.children(of: pid) {
            for child in Command.children(of: session) where Command.name(of: child) == "sshd" {
                kill(child, signal)
            }
            kill(session, signal)
        }
        kill(pid, signal)
    }

    /// Writes the file of known hosts, hashed if wanted; all types of keys or only some.
    func trust(_ types: [KeyType] = [.ed25519], isHashed: Bool = false) {
        let lines = types.map { type in
            let key = text(of: "host_\(type.rawValue).pub").split(separator: " ").prefix(2).joined(
                separator: " ")
            return "[127.0.0.1]:\(port) \(key)\n"
        }
        write("known_hosts", lines.joined())
        if isHashed { Command.run(["/usr/bin/ssh-keygen", "-q", "-H", "-f", knownHosts]) }
    }

    func makeKey(_ type: KeyType, _ name: String, passphrase: String = "") {
        let bits = type == .rsa ? ["-b", "2048"] : []
        Command.run(
            ["/usr/bin/ssh-keygen", "-q", "-t", type.rawValue, "-N", passphrase, "-f", "\(folder)/\(name)"]
                + bits)
    }

    /// Lets the key in.
    func authorize(_ name: String) {
        write("authorized_keys", text(of: "authorized_keys") + text(of: "\(name).pub"))
    }

    /// Adds a plugin, a shell script.
    func addPlugin(_ name: String, _ script: String, mode: mode_t = 0o755) {
        write("plugins/\(name)", "#!/bin/sh\n\(script)\n")
        chmod("\(folder)/plugins/\(name)", mode)
    }

    func write(_ name: String, _ text: String) {
        guard let file = fopen("\(folder)/\(name)", "w") else { return }
        fputs(text, file)
        fclose(file)
    }

    func text(of name: String) -> String {
        guard let file = fopen("\(folder)/\(name)", "r") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65536)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    }

    /// How many lines of the server's log hold `words`.
    func count(inLog words: String) -> Int {
        text(of: "log").split(separator: "\n").count { $0.contains(words) }
    }

    private func canConnect() -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return Self.withAddress(port) { connect(descriptor, $0, $1) } == 0
    }

    /// A port that nobody uses now.
    static func freePort() throws -> Int {
        let listener = try Listener()
        return listener.port
    }

    static func withAddress<R>(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}

/// Accepts connections (the kernel does) and never says a word.
final class Listener {
    let port: Int
    private let descriptor: Int32

    init() throws {
        let own = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        descriptor = own
        let code = TestServer.withAddress(0) { bind(own, $0, $1) }
        guard code == 0, listen(own, 64) == 0 else { throw PosixError("listen on loopback") }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(own, $0, &size) }
        }
        port = Int(in_port_t(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// Accepts one connection on a thread of its own and sends `bytes`, without end or once.
    func speak(_ bytes: [UInt8], isEndless: Bool) {
        Thread.start(named: "listener") { [descriptor] in
            let accepted = accept(descriptor, nil, nil)
            while send(accepted, bytes, bytes.count, Int32(MSG_NOSIGNAL)) > 0, isEndless {}
            // Until the other side gives up.
            var byte: UInt8 = 0
            while recv(accepted, &byte, 1, 0) > 0 {}
            close(accepted)
        }
    }

    /// How many connections wait to be accepted.
    func drain() -> Int {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var count = 0
        while case let accepted = accept(descriptor, nil, nil), accepted >= 0 {
            close(accepted)
            count += 1
        }
        return count
    }
}

/// Other programs that tests need.
enum Command {
    /// Starts a program in a process group of its own; its output goes to the file `log`.
    static func start(
        _ words: [String], input: String = "/dev/null", log: String = "/dev/null"
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDWR, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        // Threads of the concurrency pool block signals, and children inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var pid: pid_t = 0
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let code = posix_spawn(&pid, words[0], &actions, &attributes, arguments, environ)
        guard code == 0 else { throw PosixError("start \(words[0])", code: code) }
        return pid
    }

    /// Runs a program to its end; its exit code, or -1.
    @discardableResult
    static func run(
        _ words: [String], input: String = "/dev/null", log: String = "/dev/null"
    ) -> Int32 {
        guard let pid = try? start(words, input: input, log: log) else { return -1 }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status & 0x7f == 0 ? status >> 8 & 0xff : -1
    }
}

extension Command {
    /// The processes that `parent` has started.
    static func children(of parent: pid_t) -> [pid_t] {
        Command.output(["/bin/ps", "-o", "pid=", "--ppid", "\(parent)"])
            .split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
    }

    static func name(of process: pid_t) -> String {
        String(Command.output(["/bin/ps", "-o", "comm=", "-p", "\(process)"]).prefix { !$0.isWhitespace })
    }

    /// Whether a process runs no more; one that nobody has reaped counts as gone.
    static func isGone(_ process: pid_t) -> Bool {
        let state = Command.output(["/bin/ps", "-o", "stat=", "-p", "\(process)"])
        return state.isEmpty || state.hasPrefix("Z")
    }

    /// What a program prints.
    static func output(_ words: [String], input: String = "/dev/null") -> String {
        var template = Array("/tmp/ssh-test-out-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        let path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
        defer {
            close(descriptor)
            unlink(path)
        }
        run(words, input: input, log: path)
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}

/// A socket that agents would listen on, where nobody answers.
final class SilentAgent {
    private let descriptor: Int32

    init(path: String) throws {
        let own = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        descriptor = own
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(own, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, listen(own, 4) == 0 else { throw PosixError("listen on \(path)") }
    }

    deinit { close(descriptor) }
}
