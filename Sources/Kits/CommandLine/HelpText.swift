extension ProgramSpecification {
    /// The help for the program, for a verb, or for one command, wrapped to `width` columns.
    package func help(at words: [String] = [], width: Int = 80) -> String {
        let text = HelpText(width: min(max(width, 40), 110))
        let exact = commands.first { $0.matches(words) }
        return exact.map { text.command($0, of: self) } ?? text.overview(of: self, at: words)
    }

    /// The first line of help: how a command is written.
    func usage(of command: CommandSpecification) -> String {
        var parts = [name] + command.words.map(\.name)
        if let positional = command.positional {
            parts.append(positional.isRequired ? positional.name : "[\(positional.name)]")
        }
        parts += command.options.filter(\.isRequired).map { "--\($0.name) \($0.valueName)" }
        if command.options.contains(where: { !$0.isRequired }) { parts.append("[--option value ...]") }
        return parts.joined(separator: " ")
    }

    /// How the program is written, as "ppadm <verb> <noun> [--option value ...]".
    var usage: String {
        ([name] + wordKinds.map { "<\($0)>" } + ["[--option value ...]"]).joined(separator: " ")
    }
}

/// Lays help out in two columns.
private struct HelpText {
    let width: Int

    func overview(of program: ProgramSpecification, at words: [String]) -> String {
        let isWhole = words.isEmpty
        var lines = isWhole ? ["\(program.name) - \(program.summary)", ""] : []
        lines += [
            "Usage: " + (isWhole ? program.usage : ([program.name] + words + ["..."]).joined(separator: " "))
        ]
        for paragraph in isWhole ? program.description : [] { lines += [""] + wrapped(paragraph, indent: 0) }
        let shown = program.commands(at: words).filter { !$0.isHidden }
        lines += [""] + entries(shown.map { ($0.name, $0.summary) }, title: "Commands")
        lines += [""] + options(program.allGlobalOptions, title: "Options of every command")
        lines += [
            "",
            "'\(program.name) \(isWhole ? "<command>" : words[0] + " ...") --help' says more.",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    func command(_ command: CommandSpecification, of program: ProgramSpecification) -> String {
        var lines = ["Usage: " + program.usage(of: command), ""] + wrapped(command.summary + ".", indent: 0)
        for paragraph in command.details { lines += [""] + wrapped(paragraph, indent: 0) }
        if let positional = command.positional {
            lines += [""] + entries([(positional.name, positional.help)], title: "Argument")
        }
        if !command.options.isEmpty { lines += [""] + options(command.options, title: "Options") }
        lines += [""] + options(program.allGlobalOptions, title: "Options of every command")
        if !command.examples.isEmpty { lines += ["", "Examples:"] + command.examples.map { "  " + $0 } }
        return lines.joined(separator: "\n") + "\n"
    }

    private func options(_ options: [OptionSpecification], title: String) -> [String] {
        entries(options.map { ($0.synopsis, $0.fullHelp) }, title: title)
    }

    private func entries(_ entries: [(term: String, text: String)], title: String) -> [String] {
        let column = min(entries.map(\.term.count).max() ?? 0, 32) + 4
        var lines = [title + ":"]
        for entry in entries {
            let text = wrapped(entry.text, indent: column)
            let term = "  " + entry.term
            if term.count + 2 <= column, let first = text.first {
                let gap = String(repeating: " ", count: column - term.count)
                lines += [term + gap + first.dropFirst(column)] + text.dropFirst()
            } else {
                lines += [term] + text
            }
        }
        return lines
    }

    private func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
            }
            line += (line.count > indent ? " " : "") + word
        }
        return lines + [line]
    }
}

extension OptionSpecification {
    /// As "-o, --output FORMAT".
    var synopsis: String {
        let names = (short.map { "-\($0), " } ?? "") + "--" + name
        if value == .optionalNumber { return names + " [\(valueName)]" }
        return takesValue ? names + " " + valueName : names
    }

    /// The help with whether it is needed and its default.
    var fullHelp: String {
        let note = isRequired ? " Required." : defaultText.map { " Default: \($0)." } ?? ""
        return help + note + (isRepeatable ? " May be repeated." : "")
    }
}
