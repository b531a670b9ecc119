package import CommandLine

/// Where a command's output goes: data to standard output, remarks and questions to standard error.
package final class Console {
    package let output: Terminal
    package let errors: Terminal
    /// Whether a person is there to answer.
    package let canAsk: Bool
    private let writeOutput: ([UInt8]) -> Void
    private let writeErrors: (String) -> Void
    private let readAnswer: () -> String?
    /// Columns of the progress line that stands on the terminal.
    private var progressWidth = 0

    package init(
        output: Terminal, errors: Terminal, canAsk: Bool = false, writeOutput: @escaping ([UInt8]) -> Void,
        writeErrors: @escaping (String) -> Void, readAnswer: @escaping () -> String? = { nil }
    ) {
        self.output = output
        self.errors = errors
        self.canAsk = canAsk
        self.writeOutput = writeOutput
        self.writeErrors = writeErrors
        self.readAnswer = readAnswer
    }

    /// Prints data as it is.
    package func write(_ text: String) { write(bytes: Array(text.utf8)) }

    /// Prints data that is no text.
    package func write(bytes: [UInt8]) {
        endProgress()
        writeOutput(bytes)
    }

    package func print(_ lines: [String]) { write(lines.map { $0 + "\n" }.joined()) }

    /// Prints a remark on standard error, made safe to show.
    package func remark(_ line: String) {
        endProgress()
        writeErrors(Escaping.forTerminal(line) + "\n")
    }

    /// Replaces the progress line; nothing happens when standard error is no terminal.
    package func progress(_ text: String) {
        guard errors.isTerminal else { return }
        let line = DisplayWidth.elided(Escaping.forTerminal(text), to: (errors.width ?? 80) - 1)
        let rest = String(repeating: " ", count: max(0, progressWidth - DisplayWidth.of(line)))
        progressWidth = DisplayWidth.of(line)
        writeErrors("\r" + line + rest)
    }

    /// Takes the progress line away.
    package func endProgress() {
        guard progressWidth > 0 else { return }
        writeErrors("\r" + String(repeating: " ", count: progressWidth) + "\r")
        progressWidth = 0
    }

    /// Asks for yes or no; everything but `y` and `yes` is no.
    package func isConfirmed(_ question: String) -> Bool {
        writeErrors(Escaping.forTerminal(question) + " [y/N] ")
        return ["y", "yes"].contains(readAnswer()?.lowercased() ?? "")
    }
}
