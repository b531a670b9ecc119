extension ProgramSpecification {
    /// A script for bash 4 and newer; needs nothing of the bash-completion package.
    var bashCompletion: String {
        """
        # bash completion for \(name); made from its declaration by '\(name) completions bash'.

        # Keeps of the lines on standard input those that begin with the word at the cursor.
        _\(name)_offer() {
            local line
            while IFS= read -r line; do
                if [[ -n $line && $line == "$cur"* ]]; then COMPREPLY+=("$(printf %q "$line")"); fi
            done
        }

        _\(name)() {
            local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at='' word skip='' index
            COMPREPLY=()
            # --option=value reaches bash as three words.
            if [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
            if [[ $cur == '=' ]]; then cur=''; fi
            for ((index = 1; index < COMP_CWORD; index++)); do
                word=${COMP_WORDS[index]}
                if [[ -n $skip && $word == '=' ]]; then continue; fi
                if [[ -n $skip ]]; then skip=''; continue; fi
                case $word in
                \(optionsWithValue.joined(separator: "|"))) skip=1 ;;
                -* | '=') ;;
                *) at+=${at:+ }$word ;;
                esac
            done
            case "$at $prev" in
        \(bashValues)
            esac
            if [[ $cur == -* ]]; then
                case $at in
        \(bashOptions)
                esac
                return
            fi
            case $at in
        \(bashWords)
            esac
        }

        complete -F _\(name) \(name)

        """
    }

    /// Branches for the value of the option before the cursor.
    private var bashValues: String {
        var lines: [String] = []
        for command in visibleCommands {
            let paths = spellings(of: command).map { $0.joined(separator: " ") }
            for option in command.options where option.takesValue {
                let names = paths.flatMap { path in option.spellings.map { "'\(path)'*' \($0)'" } }
                lines.append(
                    "    \(names.joined(separator: " | "))) \(bashOffer(option.candidates)); return ;;")
            }
        }
        for option in globalOptions where option.takesValue {
            let pattern = option.spellings.map { "*' \($0)'" }.joined(separator: " | ")
            lines.append("    \(pattern)) \(bashOffer(option.candidates)); return ;;")
        }
        return lines.joined(separator: "\n")
    }

    private var bashOptions: String {
        let globals = allGlobalOptions.map { "--" + $0.name }
        var lines = visibleCommands.map { command in
            let paths = spellings(of: command).map { "'\($0.joined(separator: " "))'*" }.joined(
                separator: " | ")
            let names = (command.options.map { "--" + $0.name } + globals).joined(separator: " ")
            return "        \(paths)) \(bashOffer(.words(names.split(" ").map(String.init)))) ;;"
        }
        lines.append("        *) \(bashOffer(.words(globals))) ;;")
        return lines.joined(separator: "\n")
    }

    private var bashWords: String {
        var lines = continuations.map { path, next in
            "    '\(path.joined(separator: " "))') \(bashOffer(.words(next))) ;;"
        }
        for command in visibleCommands {
            guard let positional = command.positional else { continue }
            let paths = spellings(of: command).map { "'\($0.joined(separator: " "))'" }.joined(
                separator: " | ")
            lines.append("    \(paths)) \(bashOffer(positional.candidates)) ;;")
        }
        return lines.joined(separator: "\n")
    }

    private func bashOffer(_ candidates: Candidates) -> String {
        switch candidates {
        case .unknown: ":"
        case .files: "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")"
        case .words(let words):
            "_\(name)_offer < <(printf '%s\\n' \(words.map(\.shellQuoted).joined(separator: " ")))"
        case .lines(let command): "_\(name)_offer < <(\(name) \(command) 2>/dev/null)"
        }
    }
}
