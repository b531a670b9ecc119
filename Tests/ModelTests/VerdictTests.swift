import Model
import Testing

@Suite struct VerdictTests {
    private func result(_ ending: Ending, _ output: PluginOutput? = nil, allowSilent: Bool = false)
        -> CheckResult
    {
        let plugin = Plugin(
            id: PluginID(2), name: "p", script: "check_x", timeout: 5, allowSilent: allowSilent)
        let job = CheckJob(
            host: Shared(Host(id: HostID(1), name: "h", address: "192.0.2.1", history: false)),
            plugin: Shared(plugin), due: Timestamp(seconds: 1), deadline: Timestamp(seconds: 9))
        let silent = PluginOutput.parse(standardOutput: [])
        return CheckResult(
            of: job, started: Timestamp(seconds: 2), ended: Timestamp(seconds: 3), ending: ending,
            output: output ?? silent, worker: "w")
    }

    @Test("exit 0 to 3 with output is the state", arguments: zip(0...3, CheckState.allCases))
    func states(_ code: Int, _ state: CheckState) {
        let verdict = Verdict(of: .exited(Int32(code)), hasOutput: true, allowSilent: false)
        #expect(verdict.state == state)
        #expect(verdict.cause == .exited)
        #expect(verdict.exitCode == code)
    }

    @Test(
        "PP-B11: every other exit code is UNKNOWN, kept, and costs no text",
        arguments: [4, 5, 42, 126, 127, 128, 143, 255, -1])
    func outOfRange(_ code: Int) {
        let verdict = Verdict(of: .exited(Int32(code)), hasOutput: true, allowSilent: true)
        #expect(verdict.state == .unknown)
        #expect(verdict.cause == .outOfRange)
        #expect(verdict.exitCode == code)
    }

    @Test("exit 0 without output is UNKNOWN unless the plugin may be silent")
    func silence() {
        let refused = result(.exited(0))
        #expect((refused.state, refused.cause, refused.exitCode) == (.unknown, .noOutput, 0))
        #expect(refused.output.text == "(no output)")
        let allowed = result(.exited(0), allowSilent: true)
        #expect((allowed.state, allowed.cause) == (.ok, .exited))
    }

    @Test("a bad state without output stays what it is", arguments: [1, 2, 3])
    func badStateWithoutOutput(_ code: Int) {
        let result = result(.exited(Int32(code)))
        #expect(result.state.rawValue == code)
        #expect(result.cause == .exited)
        #expect(result.output.text == "(no output)")
    }

    @Test("a signal is UNKNOWN with its negative number; the text so far is kept")
    func signal() {
        let result = result(.signaled(11), .parse(standardOutput: Array("before SEGV|a=1".utf8)))
        #expect((result.state, result.cause, result.exitCode) == (.unknown, .signaled, -11))
        #expect(result.output.text == "before SEGV")
        #expect(result.output.performanceText == "a=1")
        #expect(result.output.errorText == "killed by signal 11 (SIGSEGV)")
    }

    @Test("a timeout is UNKNOWN without exit code; its performance data is not stored")
    func timeout() {
        let result = result(.timedOut, .parse(standardOutput: Array("started|a=1".utf8)))
        #expect((result.state, result.cause, result.exitCode) == (.unknown, .timeout, nil))
        #expect(result.output.text == "started")
        #expect(result.output.performanceText.isEmpty)
    }

    @Test(
        "PP-B9: without text the result says in a sentence how the run ended",
        arguments: [
            (Ending.timedOut, "timed out after 5 s"), (.signaled(9), "killed by signal 9 (SIGKILL)"),
            (.signaled(40), "killed by signal 40"),
            (.missing(script: "check_x", in: ["/a", "/b"]), "check_x: not found in /a, /b"),
            (.missing(script: "check_x", in: []), "check_x: not found, plugin_paths names no folder"),
            (.unreachable("no route"), "no route"),
            (.late(by: .seconds(70)), "not run: its turn came 70 s after it was due, too late to start it"),
        ])
    func sentences(_ ending: Ending, _ sentence: String) {
        let result = result(ending)
        #expect(result.output.text == sentence)
        #expect(result.state == .unknown)
        #expect(result.exitCode == (ending.cause == .signaled ? result.exitCode : nil))
    }

    @Test("every cause of a run but exit codes has an ending that carries it")
    func causes() {
        let endings: [Ending] = [
            .exited(0), .signaled(1), .timedOut, .notFound(""), .notExecutable(""), .execFailed(""),
            .unreachable(""),
            .hostKeyUnknown(""), .hostKeyMismatch(""), .authFailed(""), .tooLate(""), .internal(""),
        ]
        #expect(
            Set(endings.map(\.cause))
                == Set(Cause.allCases).subtracting([.outOfRange, .noOutput, .observerIsolated, .noQuorum]))
    }

    @Test("the result carries the check, its times, its worker and the host's history switch")
    func carriesTheJob() {
        let result = result(.exited(1), PluginOutput(text: "x"))
        #expect(result.check == CheckID(host: HostID(1), plugin: PluginID(2)))
        #expect(result.due == Timestamp(seconds: 1))
        #expect(result.started == Timestamp(seconds: 2))
        #expect(result.ended == Timestamp(seconds: 3))
        #expect(result.worker == "w")
        #expect(!result.keepsHistory)
    }
}
