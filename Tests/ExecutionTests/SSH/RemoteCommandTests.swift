import Execution
import Glibc
import Testing

@Suite struct RemoteCommandTests {
    private static let allShells: [String] = ["/bin/sh", "/bin/dash", "/bin/bash", "/usr/bin/zsh"]
    private static let shells: [String] = allShells.filter { access($0, X_OK) == 0 }

    /// Exit code and output of a line, run as sshd does: in a session of its own, standard input open.
    private func run(_ words: [String]) -> (code: Int32, output: String) {
        var template = Array("/tmp/ssh-test-in-XXXXXX".utf8CString)
        let folder = mkdtemp(&template).map { String(cString: $0) } ?? ""
        mkfifo("\(folder)/input", 0o600)
        defer { Command.run(["/bin/rm", "-rf", folder]) }
        let all = ["/usr/bin/setsid", "-w"] + words
        let code = Command.run(all, input: "\(folder)/input", log: "\(folder)/output")
        // The process that watches standard input holds both ends of the pipe; a line ends it.
        let pipe = open("\(folder)/input", O_RDWR | O_NONBLOCK)
        Glibc.write(pipe, "\n", 1)
        close(pipe)
        return (code, Command.output(["/bin/cat", "\(folder)/output"]))
    }

    @Test("every character up to U+02FF comes through every shell unchanged", arguments: shells)
    func everyCharacter(shell: String) {
        let text = String(String.UnicodeScalarView((1...0x2ff).compactMap(Unicode.Scalar.init)))
        let script = "printf %s \"$0\" | od -An -tx1 -v | tr -d ' \\n'"
        let command = RemoteCommand(path: "/bin/sh", arguments: ["-c", script, text], seconds: 10)
        let hex = text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let result = run([shell, "-c", command.line])
        #expect(result.output == hex)
    }

    @Test("the exit code is the plugin's own", arguments: shells)
    func exitCode(shell: String) {
        for code in [0, 1, 2, 3, 124, 125, 126, 127, 137, 255] as [Int32] {
            let command = RemoteCommand(path: "/bin/sh", arguments: ["-c", "exit \(code)"], seconds: 10)
            #expect(run([shell, "-c", command.line]).code == code)
        }
    }

    @Test("it works where timeout(1) is missing", arguments: shells)
    func withoutTimeout(shell: String) {
        let arguments = ["-c", "echo $#; exit 3", "x", "y z"]
        let command = RemoteCommand(path: "/bin/sh", arguments: arguments, seconds: 10)
        let result = run(["/usr/bin/env", "-i", "PATH=/nonexistent", shell, "-c", command.line])
        #expect(result.output == "1\n")
        #expect(result.code == 3)
    }

    @Test("the process group ends when standard input does", arguments: shells)
    func endOfInput(shell: String) {
        let command = RemoteCommand(path: "/bin/sh", arguments: ["-c", "sleep 30; echo late"], seconds: 60)
        #expect(
            Command.output(["/usr/bin/setsid", "-w", shell, "-c", command.line]).contains("late") == false)
    }

    @Test("the command is ended after its seconds, with all of its group", arguments: shells)
    func endOfTime(shell: String) {
        let script = "sleep 30 & echo $!; sleep 30; echo late"
        let command = RemoteCommand(path: "/bin/sh", arguments: ["-c", script], seconds: 1)
        let result = run([shell, "-c", command.line])
        #expect(result.code != 0)
        #expect(!result.output.contains("late"))
        let left = result.output.split(separator: "\n").first.flatMap { pid_t($0) }
        #expect(left.map(Command.isGone) == true)
    }

    @Test("the command has no child that it did not start", arguments: shells)
    func noForeignChild(shell: String) {
        let command = RemoteCommand(
            path: "/usr/bin/python3",
            arguments: ["-c", "import os\ntry: print(os.wait())\nexcept ChildProcessError: print('none')"],
            seconds: 10)
        let words = ["/usr/bin/env", "-i", "PATH=/nonexistent", shell, "-c", command.line]
        #expect(run(words).output == "none\n")
        #expect(run([shell, "-c", command.line]).output == "none\n")
    }

    @Test("PP-B7: a quote with a combining mark behind it ends no word of a remote shell")
    func combinedQuote() {
        let text = "'\u{301}; echo injected; '\u{301}"
        #expect(!RemoteCommand.quoted(text).utf8.dropFirst().starts(with: "'\u{301}".utf8))
        let words = ["/bin/sh", "-c", "set -- \(RemoteCommand.quoted(text)); printf '%s|%s' $# \"$1\""]
        #expect(Command.output(words).utf8.elementsEqual("1|\(text)".utf8))
    }

    @Test("an argument is one word", arguments: ["", "'", "''", "a b", "$(id)", "\n", "\\", "-n", "*"])
    func quoting(text: String) {
        let words = ["/bin/sh", "-c", "set -- \(RemoteCommand.quoted(text)); printf '%s|%s' $# \"$1\""]
        #expect(Command.output(words) == "1|\(text)")
    }
}
