/// One command: the words that choose it, what it takes and what it does.
package struct CommandSpecification: Sendable {
    /// A word with other spellings that mean the same.
    package struct Word: Sendable, Equatable, ExpressibleByStringLiteral {
        package var name: String
        package var aliases: [String]

        package init(_ name: String, aliases: [String] = []) {
            self.name = name
            self.aliases = aliases
        }

        package init(stringLiteral value: String) { self.init(value) }

        func matches(_ text: String) -> Bool { text == name || aliases.contains(text) }
    }

    /// The one argument without an option's name.
    package struct Positional: Sendable {
        /// As shown, in capitals.
        package var name: String
        package var help: String
        package var isRequired: Bool
        package var candidates: Candidates

        package init(
            _ name: String, help: String, isRequired: Bool = true, candidates: Candidates = .unknown
        ) {
            self.name = name
            self.help = help
            self.isRequired = isRequired
            self.candidates = candidates
        }
    }

    package var words: [Word]
    package var summary: String
    /// Further paragraphs.
    package var details: [String]
    package var positional: Positional?
    package var options: [OptionSpecification]
    /// Command lines that show it in use.
    package var examples: [String]
    /// Works, but stands in no help, completion or manual.
    package var isHidden: Bool

    package init(
        _ words: [Word], summary: String, details: [String] = [], positional: Positional? = nil,
        options: [OptionSpecification] = [], examples: [String] = [], isHidden: Bool = false
    ) {
        self.words = words
        self.summary = summary
        self.details = details
        self.positional = positional
        self.options = options
        self.examples = examples
        self.isHidden = isHidden
    }

    /// The main names of its words, as "list hosts".
    package var name: String { words.map(\.name).joined(separator: " ") }

    func begins(with given: [String]) -> Bool {
        given.count <= words.count && zip(words, given).allSatisfy { $0.matches($1) }
    }

    func matches(_ given: [String]) -> Bool { given.count == words.count && begins(with: given) }
}

/// Where the shell finds what can be written at a place.
package enum Candidates: Sendable, Equatable {
    case unknown
    case words([String])
    case files
    /// The lines that this command of the program prints.
    case lines(command: String)
}
