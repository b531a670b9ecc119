/// A program's whole command line; parsing, help, completion and manual page are made from it.
package struct ProgramSpecification: Sendable {
    package var name: String
    package var version: String
    package var summary: String
    /// Paragraphs for the help and the manual page.
    package var description: [String]
    /// Names for the words that choose a command, as "verb" and "noun"; used in sentences.
    package var wordKinds: [String]
    /// Understood before and after every command's words.
    package var globalOptions: [OptionSpecification]
    package var commands: [CommandSpecification]
    /// Further sections of the manual page, in order.
    package var sections: [ManualSection]
    /// Day of the manual page, as "November 21, 2025".
    package var manualDate: String
    /// Section of the manual: 1 for commands of everybody, 8 for those of administrators.
    package var manualSection: Int

    package init(
        name: String, version: String, summary: String, description: [String] = [],
        wordKinds: [String] = ["command"], globalOptions: [OptionSpecification] = [],
        commands: [CommandSpecification], sections: [ManualSection] = [], manualDate: String = "",
        manualSection: Int = 1
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.description = description
        self.wordKinds = wordKinds
        self.globalOptions = globalOptions
        self.commands = commands
        self.sections = sections
        self.manualDate = manualDate
        self.manualSection = manualSection
    }

    /// The options of every program: `--help` and `--version`.
    static let ownOptions = [
        OptionSpecification("help", short: "h", value: .none, help: "Say what can be written here."),
        OptionSpecification("version", value: .none, help: "Print the version."),
    ]

    /// The global options with `--help` and `--version`.
    var allGlobalOptions: [OptionSpecification] { globalOptions + Self.ownOptions }

    var visibleCommands: [CommandSpecification] { commands.filter { !$0.isHidden } }

    /// The commands that begin with these words.
    func commands(at words: [String]) -> [CommandSpecification] {
        commands.filter { $0.begins(with: words) }
    }

    /// Distinct main names of the next word after `words`, in the order declared.
    func nextWords(after words: [String]) -> [String] {
        var names: [String] = []
        for command in visibleCommands where command.begins(with: words) && command.words.count > words.count
        {
            let name = command.words[words.count].name
            if !names.contains(name) { names.append(name) }
        }
        return names
    }

    func kind(ofWord index: Int) -> String { index < wordKinds.count ? wordKinds[index] : "word" }
}

/// One titled part of the manual page: entries with a text each.
package struct ManualSection: Sendable {
    /// A term, as a file or variable name, and what it means.
    package struct Entry: Sendable {
        package var term: String
        package var text: String

        package init(_ term: String, _ text: String) {
            self.term = term
            self.text = text
        }
    }

    package var title: String
    package var entries: [Entry]
    /// Whether the terms are whole command lines, shown as they are.
    package var isLiteral: Bool

    package init(_ title: String, isLiteral: Bool = false, _ entries: [Entry]) {
        self.title = title
        self.isLiteral = isLiteral
        self.entries = entries
    }
}
