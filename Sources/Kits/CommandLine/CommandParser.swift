/// Turns arguments into a command by a program's declaration.
///
/// `--name value`, `--name=value`, `-o value` and `-ovalue` are options anywhere before `--`.
package struct CommandParser: ~Copyable {
    private let program: ProgramSpecification
    private var rest: ArraySlice<String>
    private var words: [String] = []
    private var command: CommandSpecification?
    private var positional: String?
    private var given: [String: [String]] = [:]
    private var isOver = false

    private init(_ program: ProgramSpecification, _ arguments: [String]) {
        self.program = program
        rest = arguments[...]
        // A program that is its own single command has no words.
        command = program.commands.first { $0.words.isEmpty }
    }

    /// Parses the arguments after the program's name; `width` is for the help.
    package static func parse(
        _ arguments: [String], as program: ProgramSpecification, width: Int = 80
    ) throws(UsageError) -> Invocation {
        var parser = CommandParser(program, arguments)
        do throws(UsageError) {
            try parser.readAll()
        } catch {
            // A person who asks for help gets it, whatever else stands there.
            guard arguments.prefix(while: { $0 != "--" }).contains("--help") else { throw error }
            return .help(program.help(at: parser.words, width: width))
        }
        return try parser.result(width: width)
    }

    private mutating func readAll() throws(UsageError) {
        while let argument = rest.popFirst() {
            if isOver || argument == "-" || !argument.hasPrefix("-") {
                try readWord(argument)
            } else if argument == "--" {
                isOver = true
            } else if argument.hasPrefix("--") {
                try readLong(argument.dropFirst(2))
            } else {
                try readShort(argument.dropFirst())
            }
        }
    }

    private mutating func readWord(_ word: String) throws(UsageError) {
        guard let command else { return try readCommandWord(word) }
        guard let declared = command.positional else {
            throw failure("'\(command.name)' takes no argument '\(word)'; give values with --option value")
        }
        guard positional == nil else {
            throw failure(
                "'\(command.name)' takes one \(declared.name), not also '\(word)'; "
                    + "quote a value that has spaces"
            )
        }
        if case .words(let choices) = declared.candidates, !choices.contains(word) {
            throw failure(unknown(declared.name, word, among: choices))
        }
        positional = word
    }

    private mutating func readCommandWord(_ word: String) throws(UsageError) {
        if words.isEmpty, word == "help" {
            given["help"] = [""]
            return
        }
        let path = words + [word]
        guard !program.commands(at: path).isEmpty else {
            throw failure(
                unknown(program.kind(ofWord: words.count), word, among: program.nextWords(after: words)))
        }
        words = path
        command = program.commands.first { $0.matches(path) }
    }

    private mutating func readLong(_ text: Substring) throws(UsageError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let option = known.first(where: { $0.matches(long: name) }) else {
            throw unknownOption("--" + name)
        }
        if option.value == .none, parts.count == 2 {
            throw failure("--\(option.name) takes no value, not '\(parts[1])'")
        }
        if !option.takesValue, parts.count == 1 { return takeSwitch(option) }
        try take(parts.count == 2 ? String(parts[1]) : nextValue(for: option), for: option)
    }

    private mutating func readShort(_ text: Substring) throws(UsageError) {
        guard let letter = text.first, let option = known.first(where: { $0.short == letter }) else {
            throw unknownOption("-" + text)
        }
        let attached = text.dropFirst()
        guard option.takesValue else {
            guard attached.isEmpty else { throw unknownOption("-" + text) }
            return takeSwitch(option)
        }
        try take(attached.isEmpty ? nextValue(for: option) : String(attached), for: option)
    }

    /// Takes an option without a value, or with a number that follows it.
    private mutating func takeSwitch(_ option: OptionSpecification) {
        guard option.value == .optionalNumber, let next = rest.first, Double(next) != nil else {
            given[option.name] = [""]
            return
        }
        given[option.name] = [next]
        rest.removeFirst()
    }

    /// The next argument, whatever it looks like, unless it is an option of this very command.
    private mutating func nextValue(for option: OptionSpecification) throws(UsageError) -> String {
        guard let value = rest.first else {
            throw failure("--\(option.name) needs a value: --\(option.name) \(option.valueName)")
        }
        let isOption =
            value.hasPrefix("--") && known.contains { $0.matches(long: String(value.dropFirst(2))) }
        guard !isOption else {
            throw failure(
                "--\(option.name) needs a value before \(value); "
                    + "write --\(option.name)=\(value) if that is the value"
            )
        }
        rest.removeFirst()
        return value
    }

    private mutating func take(_ value: String, for option: OptionSpecification) throws(UsageError) {
        if let reason = option.refusal(of: value) { throw failure(reason) }
        guard option.mayRepeat || given[option.name] == nil else {
            throw failure("--\(option.name) is given twice; give it once")
        }
        given[option.name, default: []].append(value)
    }

    private func result(width: Int) throws(UsageError) -> Invocation {
        if given["help"] != nil { return .help(program.help(at: words, width: width)) }
        if given["version"] != nil { return .version("\(program.name) \(program.version)\n") }
        guard let command else {
            let next = program.nextWords(after: words)
            if words.isEmpty {
                throw failure("no \(program.kind(ofWord: 0)) given; one of \(next.listed) is needed")
            }
            let kind = program.kind(ofWord: words.count)
            throw failure("'\(words.joined(separator: " "))' needs a \(kind): \(next.listed)")
        }
        if let declared = command.positional, declared.isRequired, positional == nil {
            throw failure("'\(command.name)' needs a \(declared.name): \(declared.help)")
        }
        if let missing = command.options.first(where: { $0.isRequired && given[$0.name] == nil }) {
            throw failure("'\(command.name)' needs --\(missing.name) \(missing.valueName): \(missing.help)")
        }
        return .run(ParsedCommand(command: command, positional: positional, given: given))
    }

    private var known: [OptionSpecification] { (command?.options ?? []) + program.allGlobalOptions }

    private func unknownOption(_ name: String) -> UsageError {
        let names = known.map { "--" + $0.name }
        guard let command else {
            return failure(
                "unknown option '\(name)' before the command; options of a command stand after its words")
        }
        let hint = Nearest.match(name, in: names).map { "; did you mean '\($0)'?" }
        return failure("'\(command.name)' has no option '\(name)'" + (hint ?? ""))
    }

    private func unknown(_ kind: String, _ word: String, among words: [String]) -> String {
        let place = self.words.isEmpty ? "" : " for '\(self.words.joined(separator: " "))'"
        let hint = Nearest.match(word, in: words).map { "; did you mean '\($0)'?" }
        return "unknown \(kind) '\(word)'\(place)" + (hint ?? "; one of \(words.listed) is accepted")
    }

    private func failure(_ message: String) -> UsageError {
        UsageError(message, command: ([program.name] + words).joined(separator: " "))
    }
}

extension OptionSpecification {
    /// Why this value cannot be taken; nil when it can.
    func refusal(of text: String) -> String? {
        switch value {
        case .integer where Int(text) == nil: return "--\(name) takes a whole number, not '\(text)'"
        case .number where Double(text)?.isFinite != true,
            .optionalNumber where Double(text)?.isFinite != true:
            return "--\(name) takes a number, not '\(text)'"
        case .boolean where ParsedCommand.boolean(from: text) == nil:
            return "--\(name) takes on or off, not '\(text)'"
        case .choice(let words) where !words.contains(text):
            let hint = Nearest.match(text, in: words).map { "; did you mean '\($0)'?" }
            return "--\(name) takes one of \(words.listed), not '\(text)'" + (hint ?? "")
        case .pair where ParsedCommand.pair(text) == nil, .file where text.isEmpty:
            return "--\(name) takes \(valueName), not '\(text)'"
        case .pairs:
            let bad = ParsedCommand.split(text).first { ParsedCommand.pair($0) == nil }
            return bad.map { "--\(name) takes \(valueName), not '\($0)'" }
        default: return nil
        }
    }
}

extension [String] {
    /// "a, b or c".
    var listed: String {
        guard count > 1, let last else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}
