import Model
import SSH

/// One remote command from its channel's opening to the channel's end; lives on the SSH loop.
final class SSHRun {
    /// How far it is.
    enum Step {
        /// No channel yet.
        case waiting
        case opening
        /// The server has the command, its word is not back yet.
        case starting
        case running
        /// The end is known; the rest of the output is read for a moment.
        case draining(until: Int64)
        /// The result has been told; both sides close the channel.
        case closing(since: Int64)
        case gone
    }

    static let maximumOutput = 64 * 1024
    static let maximumError = 4 * 1024
    /// A channel that the server does not close spoils its connection after this time.
    static let longestClosing: Int64 = 10_000_000_000

    let id: SSHPool.RunID
    let job: CheckJob
    let endpoint: SSHEndpoint
    let command: RemoteCommand
    var step = Step.waiting
    var channel: SSHChannel?
    /// When the command was sent, on the wall clock and on the monotonic one.
    var started: Timestamp?
    var deadline: Int64 = .max
    private(set) var output: [UInt8] = []
    private(set) var errorOutput: [UInt8] = []
    private(set) var droppedBytes = 0
    /// Whether its channel has been closing for too long.
    var isOverdue = false
    private(set) var isTold = false

    init(id: SSHPool.RunID, job: CheckJob, endpoint: SSHEndpoint, command: RemoteCommand) {
        self.id = id
        self.job = job
        self.endpoint = endpoint
        self.command = command
    }

    /// True once: whoever gets it tells the result.
    func claimTelling() -> Bool {
        defer { isTold = true }
        return !isTold
    }

    /// Reads what the channel has; what is too much is counted and dropped, so that the server is never held
    /// up.
    func readAll(into buffer: inout [UInt8]) throws(SSHError) {
        guard let channel else { return }
        while case let count = try channel.read(.output, into: &buffer), count > 0 {
            let room = max(0, min(count, Self.maximumOutput - output.count))
            output += buffer[..<room]
            droppedBytes += count - room
        }
        while case let count = try channel.read(.error, into: &buffer), count > 0 {
            let room = max(0, min(count, Self.maximumError - errorOutput.count))
            errorOutput += buffer[..<room]
        }
    }

    /// What the command's exit means.
    func ending(for exit: SSHChannel.Exit) -> Ending {
        switch exit {
        case .status(let code) where (code == 126 || code == 127) && output.isEmpty:
            shellRefusal(code)
        case .status(let code): .exited(code)
        case .signal(let name): .signaled(Self.number(of: name))
        }
    }

    /// A plugin may exit with 126 and 127 too, but then it says something.
    private func shellRefusal(_ code: Int32) -> Ending {
        let reason = String(decoding: errorOutput.prefix { $0 != 0x0a }, as: UTF8.self)
        let path = command.path
        let detail = reason.isEmpty ? "" : " (\(reason))"
        if code == 127 {
            return .notFound(
                "cannot run \(path) on \(endpoint): no such program\(detail); "
                    + "install it there or set ssh.remote_plugin_path")
        }
        return .notExecutable(
            "cannot run \(path) on \(endpoint): not executable for \(endpoint.login)\(detail); "
                + "set its permissions there")
    }

    /// The number on Linux for a signal's name as SSH gives it.
    private static func number(of name: String) -> Int32 {
        let known: [String: Int32] = [
            "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "BUS": 7, "FPE": 8, "KILL": 9,
            "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "XCPU": 24, "XFSZ": 25,
            "SYS": 31,
        ]
        return known[name] ?? 0
    }
}
