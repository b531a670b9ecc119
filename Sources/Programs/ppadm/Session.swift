import APIContract
import CommandLine
import JSON

/// One command on its way: what was asked, the way to the API, and where the answer goes.
final class Session {
    /// How data is printed.
    enum Format: String, CaseIterable {
        case table
        case json
        case csv
    }

    let command: ParsedCommand
    let console: Console
    let program: ProgramSpecification
    let clock: () -> Int64
    private let environment: [String: String]
    private var opened: Connection?

    init(
        _ command: ParsedCommand, of program: ProgramSpecification, console: Console,
        environment: [String: String], clock: @escaping () -> Int64
    ) {
        self.command = command
        self.program = program
        self.console = console
        self.environment = environment
        self.clock = clock
    }

    var format: Format { command.text("format").flatMap { Format(rawValue: $0) } ?? .table }

    /// The way to the API, made at its first use.
    func connection() throws(Failure) -> Connection {
        if let opened { return opened }
        let connection = try Connection(Settings(command, environment))
        opened = connection
        return connection
    }

    /// The argument without an option's name; the parser has seen to it where a command needs it.
    var name: String { command.positional ?? "" }

    func usage(_ message: String) -> Failure { .usage(message, command) }

    /// Query parameters for the options given, by the declaration of the call.
    func query(of endpoint: EndpointID, leavingOut left: [String] = []) throws(Failure) -> [(
        name: String, value: String
    )] {
        var pairs: [(name: String, value: String)] = []
        for field in Endpoint.named(endpoint).query where !left.contains(field.name) {
            let option = String(field.name.map { $0 == "_" ? "-" : $0 })
            for text in command.texts(option) where !text.isEmpty || field.kind != .strings {
                pairs.append((field.name, try parameter(field, option, text)))
            }
        }
        return pairs
    }

    private func parameter(_ field: Field, _ option: String, _ text: String) throws(Failure) -> String {
        switch field.kind {
        case .boolean: return command.boolean(option) == true ? "true" : "false"
        case .time:
            guard let time = Moment.given(text) else {
                throw usage(
                    "--\(option) takes a time as 2025-01-31T12:00:00Z, a date, or an age as 2h; not '\(text)'"
                )
            }
            return time
        default: return text
        }
    }
}
