import CommandLine

/// Why a command did not do what was asked; each kind has its exit status.
enum Failure: Error {
    /// The API said no: its sentence, then one line a field that it refused.
    case refused(sentence: String, fields: [String])
    /// Something on this side failed, as writing a file.
    case local(String)
    case usage(UsageError)
    /// No answer, or none of a ppalette API.
    case noConnection(String)

    var exitStatus: Int32 {
        switch self {
        case .refused, .local: 1
        case .usage: 2
        case .noConnection: 3
        }
    }

    /// What a person reads on standard error.
    var lines: [String] {
        switch self {
        case .refused(let sentence, let fields): ["ppadm: " + sentence] + fields.map { "  " + $0 }
        case .local(let sentence), .noConnection(let sentence): ["ppadm: " + sentence]
        case .usage(let error):
            ["ppadm: " + error.message, "'\(error.command) --help' says what can be written here"]
        }
    }

    static func usage(_ message: String, _ command: ParsedCommand) -> Failure {
        .usage(UsageError(message, command: "ppadm " + command.command.name))
    }
}
