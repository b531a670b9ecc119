/// The state of a check, decided from how its run ended and from nothing else.
package struct Verdict: Equatable, Sendable {
    package let state: CheckState
    package let cause: Cause
    /// The exit code as it was; minus the signal's number; nil when there was none.
    package let exitCode: Int?

    /// Decides by the rules of the plugin interface: exit 0 to 3 is the state, all else is UNKNOWN with its
    /// cause.
    ///
    /// Exit 0 without output is UNKNOWN unless the plugin may be silent: a plugin file that does nothing must
    /// not turn a check green. A bad state without output stays what it is.
    package init(of ending: Ending, hasOutput: Bool, allowSilent: Bool) {
        switch ending {
        case .exited(let code):
            self.init(exitCode: Int(code), isSilent: !hasOutput && !allowSilent)
        case .signaled(let number):
            self.init(.signaled, exitCode: -Int(number))
        default:
            self.init(ending.cause)
        }
    }

    private init(exitCode: Int, isSilent: Bool) {
        guard (0...3).contains(exitCode), let state = CheckState(rawValue: exitCode) else {
            self.init(.outOfRange, exitCode: exitCode)
            return
        }
        if state == .ok && isSilent {
            self.init(.noOutput, exitCode: exitCode)
        } else {
            self.init(.exited, state: state, exitCode: exitCode)
        }
    }

    private init(_ cause: Cause, state: CheckState = .unknown, exitCode: Int? = nil) {
        self.state = state
        self.cause = cause
        self.exitCode = exitCode
    }
}

extension Ending {
    /// The cause that a result of this ending carries, before exit codes are looked at.
    package var cause: Cause {
        switch self {
        case .exited: .exited
        case .signaled: .signaled
        case .timedOut: .timeout
        case .notFound: .notFound
        case .notExecutable: .notExecutable
        case .execFailed: .execFailed
        case .unreachable: .unreachable
        case .hostKeyUnknown: .hostKeyUnknown
        case .hostKeyMismatch: .hostKeyMismatch
        case .authFailed: .authFailed
        case .tooLate: .tooLate
        case .internal: .internal
        }
    }
}

extension CheckResult {
    /// Makes the result of one run; local and remote executors use it alike.
    ///
    /// When no text was printed, the text says how the run ended; when there is text, such a sentence goes to
    /// the error text unless the plugin wrote there. Performance data of a run that was cut off by its
    /// timeout is not stored.
    package init(
        of job: CheckJob, started: Timestamp, ended: Timestamp, ending: Ending,
        output: PluginOutput = PluginOutput(text: PluginOutput.noOutput), worker: String
    ) {
        let plugin = job.plugin.value
        let verdict = Verdict(of: ending, hasOutput: output.hasOutput, allowSilent: plugin.allowSilent)
        var shown = output
        if let sentence = ending.sentence(timeout: plugin.timeout) {
            if !output.hasOutput || output.text.isEmpty && output.longText.isEmpty {
                shown.text = sentence
            } else if output.errorText.isEmpty {
                shown.errorText = sentence
            }
        }
        if ending == .timedOut { shown.performanceText = "" }
        self.init(
            check: job.check, due: job.due, started: started, ended: ended, state: verdict.state,
            cause: verdict.cause, exitCode: verdict.exitCode, output: shown, worker: worker,
            keepsHistory: job.host.value.history, assignment: job.assignment)
    }
}
