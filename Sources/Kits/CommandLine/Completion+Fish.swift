extension ProgramSpecification {
    /// A script for fish 3.
    var fishCompletion: String {
        """
        # fish completion for \(name); made from its declaration by '\(name) completions fish'.

        # The command's words before the cursor, joined by spaces.
        function __\(name)_at
            set -l at
            set -l skip 0
            for word in (commandline -opc)[2..-1]
                if test $skip = 1
                    set skip 0
                    continue
                end
                switch $word
                    case \(optionsWithValue.map(\.fishQuoted).joined(separator: " "))
                        set skip 1
                    case '-*'
                    case '*'
                        set -a at $word
                end
            end
            string join ' ' -- $at
        end

        # Whether the words before the cursor are one of these.
        function __\(name)_is
            contains -- "$(__\(name)_at)" $argv
        end

        # Whether the words before the cursor begin a command with one of these.
        function __\(name)_in
            set -l at (__\(name)_at)
            for path in $argv
                test "$at" = $path; and return 0
                string match -q -- "$path *" "$at"; and return 0
            end
            return 1
        end

        complete -c \(name) -f
        \(fishLines.joined(separator: "\n"))

        """
    }

    private var fishLines: [String] {
        var lines = allGlobalOptions.map { fishOption($0, condition: nil) }
        for (path, next) in continuations {
            let condition = "__\(name)_is \(path.joined(separator: " ").fishQuoted)"
            for word in next {
                let matching = commands(at: path + [word])
                let help = matching.count == 1 ? " -d \(matching[0].summary.fishQuoted)" : ""
                lines.append("complete -c \(name) -n \(condition.fishQuoted) -a \(word.fishQuoted)\(help)")
            }
        }
        for command in visibleCommands {
            let paths = spellings(of: command).map { $0.joined(separator: " ").fishQuoted }.joined(
                separator: " ")
            if let positional = command.positional, let words = fishWords(positional.candidates) {
                let condition = "__\(name)_is \(paths)"
                lines.append("complete -c \(name) -n \(condition.fishQuoted) \(words)")
            }
            lines += command.options.map { fishOption($0, condition: "__\(name)_in \(paths)") }
        }
        return lines
    }

    private func fishOption(_ option: OptionSpecification, condition: String?) -> String {
        var parts = ["complete -c \(name)"]
        if let condition { parts.append("-n \(condition.fishQuoted)") }
        if let short = option.short { parts.append("-s \(short)") }
        parts.append("-l \(option.name)")
        if option.takesValue { parts.append(option.candidates == .files ? "-r -F" : "-x") }
        if let words = fishWords(option.candidates), option.candidates != .files { parts.append(words) }
        parts.append("-d \(option.help.fishQuoted)")
        return parts.joined(separator: " ")
    }

    private func fishWords(_ candidates: Candidates) -> String? {
        switch candidates {
        case .unknown: nil
        case .files: "-F"
        case .words(let words): "-a \(words.joined(separator: " ").fishQuoted)"
        case .lines(let command): "-a \("(\(name) \(command) 2>/dev/null)".fishQuoted)"
        }
    }
}

extension String {
    /// In single quotes for fish, where a backslash still escapes.
    fileprivate var fishQuoted: String {
        "'" + replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
