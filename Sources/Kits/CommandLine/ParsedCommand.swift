/// A command line that was understood.
package enum Invocation: Sendable {
    case run(ParsedCommand)
    /// Text for standard output.
    case help(String)
    case version(String)
}

/// A command with what was given to it; values have the type that their option declares.
package struct ParsedCommand: Sendable {
    package let command: CommandSpecification
    /// The argument without an option's name.
    package let positional: String?
    private let given: [String: [String]]

    package init(command: CommandSpecification, positional: String?, given: [String: [String]]) {
        self.command = command
        self.positional = positional
        self.given = given
    }

    /// Whether the option stands on the command line, also with an empty value.
    package func isGiven(_ option: String) -> Bool { given[option] != nil }

    package func text(_ option: String) -> String? { given[option]?.last }

    package func integer(_ option: String) -> Int? { text(option).flatMap { Int($0) } }

    package func number(_ option: String) -> Double? { text(option).flatMap { Double($0) } }

    package func boolean(_ option: String) -> Bool? { text(option).flatMap(Self.boolean(from:)) }

    /// The values of a repeatable option as given.
    package func texts(_ option: String) -> [String] { given[option] ?? [] }

    /// The names in a list option; empty when it was given empty, nil when it was not given.
    package func list(_ option: String) -> [String]? {
        given[option].map { $0.flatMap(Self.split) }
    }

    /// The pairs of a `pair` or `pairs` option in the order given; nil when it was not given.
    package func pairs(_ option: String) -> [(key: String, value: String)]? {
        guard let texts = given[option] else { return nil }
        let isSplit = command.options.contains { $0.name == option && $0.value == .pairs }
        return texts.flatMap { isSplit ? Self.split($0) : [$0] }.compactMap(Self.pair)
    }

    static func boolean(from text: String) -> Bool? {
        switch text.lowercased() {
        case "on", "true", "yes": true
        case "off", "false", "no": false
        default: nil
        }
    }

    static func split(_ text: String) -> [String] {
        text.split(separator: ",").map { trimmed($0) }.filter { !$0.isEmpty }
    }

    static func pair(_ text: String) -> (key: String, value: String)? {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
