/// A shell for which a completion script can be made.
package enum Shell: String, Sendable, CaseIterable {
    case bash
    case zsh
    case fish
}

extension ProgramSpecification {
    /// The completion script of this program for `shell`.
    ///
    /// Names of objects come from the program itself (``Candidates/lines(command:)``), at the time of completion;
    /// they are compared as plain text and never evaluated.
    package func completion(for shell: Shell) -> String {
        switch shell {
        case .bash: bashCompletion
        case .zsh: zshCompletion
        case .fish: fishCompletion
        }
    }

    /// The words of every visible command in all spellings, as ["list", "hosts"] and ["list", "host"].
    func spellings(of command: CommandSpecification) -> [[String]] {
        command.words.reduce([[]]) { paths, word in
            paths.flatMap { path in ([word.name] + word.aliases).map { path + [$0] } }
        }
    }

    /// The beginnings of all commands in all spellings, with the main names that can follow each.
    var continuations: [(path: [String], next: [String])] {
        var found: [(path: [String], next: [String])] = []
        for command in visibleCommands {
            for path in spellings(of: command) {
                for length in path.indices {
                    let prefix = Array(path[..<length])
                    if !found.contains(where: { $0.path == prefix }) {
                        found.append((prefix, nextWords(after: prefix)))
                    }
                }
            }
        }
        return found
    }

    /// All spellings of the options that take a value: what stands behind one is no word of a command.
    var optionsWithValue: [String] {
        var names: [String] = []
        for option in allGlobalOptions + visibleCommands.flatMap(\.options) where option.takesValue {
            for name in option.spellings where !names.contains(name) { names.append(name) }
        }
        return names
    }
}

extension OptionSpecification {
    /// All ways to write its name, the main one first.
    var spellings: [String] { ["--" + name] + (short.map { ["-\($0)"] } ?? []) + aliases.map { "--" + $0 } }
}

extension String {
    /// In single quotes for sh, bash and zsh.
    var shellQuoted: String { "'" + split("'").joined(separator: "'\\''") + "'" }

    func split(_ separator: Character) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }

    func replacing(_ character: Character, with text: String) -> String {
        split(character).joined(separator: text)
    }
}
