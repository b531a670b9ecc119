extension ProgramSpecification {
    /// The manual page in mdoc(7).
    package var manualPage: String {
        var lines = [
            ".\\\" Made from the declaration of \(name)'s commands; do not edit.",
            ".Dd \(manualDate)", ".Dt \(name.uppercased()) \(manualSection)", ".Os", ".Sh NAME",
            ".Nm \(name)",
            ".Nd \(roff(summary))", ".Sh SYNOPSIS",
        ]
        for command in visibleCommands { lines += [".Nm"] + synopsis(of: command) }
        lines.append(".Sh DESCRIPTION")
        for (index, paragraph) in description.enumerated() {
            lines += (index > 0 ? [".Pp"] : []) + sentences(paragraph)
        }
        lines += [".Ss Options of every command"] + list(allGlobalOptions)
        lines.append(".Sh COMMANDS")
        for command in visibleCommands { lines += manual(of: command) }
        for section in sections { lines += manual(of: section) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func synopsis(of command: CommandSpecification) -> [String] {
        var lines = [".Cm " + command.words.map { guarded($0.name) }.joined(separator: " ")]
        if let positional = command.positional {
            lines.append((positional.isRequired ? ".Ar " : ".Op Ar ") + guarded(positional.name))
        }
        for option in command.options where option.isRequired {
            lines.append(".Fl Fl \(roff(option.name)) Ar \(guarded(option.valueName))")
        }
        if command.options.contains(where: { !$0.isRequired }) {
            lines.append(".Op Fl Fl option Ar value ...")
        }
        return lines
    }

    private func manual(of command: CommandSpecification) -> [String] {
        var lines = [".Ss \(name) \(command.name)"] + sentences(command.summary + ".")
        for paragraph in command.details { lines += [".Pp"] + sentences(paragraph) }
        if let positional = command.positional {
            lines +=
                [".Pp", ".Ar \(guarded(positional.name))", "is"] + sentences(positional.help.lowercasedStart)
        }
        if !command.options.isEmpty { lines += list(command.options) }
        for example in command.examples { lines += [".Pp", ".Dl \(guarded(example))"] }
        return lines
    }

    private func manual(of section: ManualSection) -> [String] {
        var lines = [".Sh \(section.title.uppercased())", ".Bl -tag -width Ds"]
        for entry in section.entries {
            lines += [section.isLiteral ? ".It Li \(guarded(entry.term))" : ".It \(guarded(entry.term))"]
            lines += sentences(entry.text)
        }
        return lines + [".El"]
    }

    private func list(_ options: [OptionSpecification]) -> [String] {
        var lines = [".Bl -tag -width Ds"]
        for option in options {
            let short = option.short.map { "Fl \($0) , " } ?? ""
            let kind = option.takesValue ? " Ar" : option.value == .optionalNumber ? " Op Ar" : nil
            let value = kind.map { "\($0) \(guarded(option.valueName))" } ?? ""
            lines += [".It \(short)Fl Fl \(roff(option.name))\(value)"] + sentences(option.fullHelp)
        }
        return lines + [".El"]
    }

    /// One sentence a line at least, as mdoc wants it, and no line longer than 78 bytes.
    private func sentences(_ text: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ").map(roff) {
            if !line.isEmpty, line.utf8.count + 1 + word.utf8.count > 78 {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
            guard let last = word.last, ".?!".contains(last) else { continue }
            lines.append(line)
            line = ""
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : $0 }
    }

    private func roff(_ text: some StringProtocol) -> String {
        String(text).replacing("\\", with: "\\e").replacing("-", with: "\\-")
    }

    /// Words on a macro's line, none of which is taken for a macro or for punctuation.
    private func guarded(_ text: String) -> String {
        roff(text).split(separator: " ").map { word in
            let quoted = word.replacing("\"", with: "\\(dq")
            return word.count <= 3 ? "\\&" + quoted : quoted
        }.joined(separator: " ")
    }
}

extension Substring {
    fileprivate func replacing(_ character: Character, with text: String) -> String {
        String(self).replacing(character, with: text)
    }
}

extension String {
    /// With its first letter small, unless a second capital shows an abbreviation.
    fileprivate var lowercasedStart: String {
        let isAbbreviation = dropFirst().first?.isUppercase == true
        return isAbbreviation ? self : prefix(1).lowercased() + dropFirst()
    }
}
