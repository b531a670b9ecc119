/// How one run of a check came to its end, as its executor saw it.
///
/// Every text is a whole sentence for people: what was tried, on what, why it failed, what to do.
package enum Ending: Equatable, Sendable {
    /// The exit code, as the system gave it.
    case exited(Int32)
    /// The number of the signal.
    case signaled(Int32)
    case timedOut
    case notFound(String)
    case notExecutable(String)
    case execFailed(String)
    case unreachable(String)
    case hostKeyUnknown(String)
    case hostKeyMismatch(String)
    case authFailed(String)
    case tooLate(String)
    /// The engine's own trouble: says nothing of the target.
    case `internal`(String)

    /// The ending of a plugin that is in none of the folders.
    package static func missing(script: String, in folders: [String]) -> Ending {
        guard !folders.isEmpty else { return .notFound("\(script): not found, plugin_paths names no folder") }
        return .notFound("\(script): not found in \(folders.joined(separator: ", "))")
    }

    /// The ending of a job that nobody took before its deadline.
    package static func late(by delay: Duration) -> Ending {
        .tooLate(
            "not run: its turn came \(delay.components.seconds) s after it was due, too late to start it")
    }
}

extension Ending {
    /// What a person reads when there is no output; nil when the lack of output says it all.
    ///
    /// `timeout` is the plugin's, in seconds.
    package func sentence(timeout: Int) -> String? {
        switch self {
        case .exited: nil
        case .signaled(let number): "killed by signal \(Self.signalName(number))"
        case .timedOut: "timed out after \(timeout) s"
        case .notFound(let text), .notExecutable(let text), .execFailed(let text), .unreachable(let text),
            .hostKeyUnknown(let text), .hostKeyMismatch(let text), .authFailed(let text), .tooLate(let text),
            .internal(let text):
            text
        }
    }

    /// "11 (SIGSEGV)", or the bare number of a signal without a name.
    package static func signalName(_ number: Int32) -> String {
        let index = Int(number) - 1
        guard signals.indices.contains(index) else { return "\(number)" }
        return "\(number) (SIG\(signals[index]))"
    }

    /// Signals 1 to 31 of Linux on x86 and ARM, signal(7).
    private static let signals = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
        "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
        "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]
}
