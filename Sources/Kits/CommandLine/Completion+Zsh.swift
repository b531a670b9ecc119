extension ProgramSpecification {
    /// A script for zsh, to be stored as `_<program>` in a folder of `fpath`.
    var zshCompletion: String {
        """
        #compdef \(name)
        # zsh completion for \(name); made from its declaration by '\(name) completions zsh'.

        _\(name)_lines() {
            local -a found
            found=("${(@f)$(_call_program objects "$@" 2>/dev/null)}")
            (( ${#found} )) && compadd -a found
        }

        _\(name)() {
            local at='' skip='' word
            local -a globals spec
            for word in ${words[2,CURRENT-1]}; do
                if [[ -n $skip ]]; then skip=''; continue; fi
                case $word in
                (\(optionsWithValue.joined(separator: "|"))) skip=1 ;;
                (-*) ;;
                (*) at+=${at:+ }$word ;;
                esac
            done
            globals=(
        \(allGlobalOptions.map(zshOption).joined(separator: "\n"))
            )
            case $at in
        \(visibleCommands.map(zshCommand).joined(separator: "\n"))
        \(zshWords)
            esac
            _arguments -s : $spec $globals
        }

        if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _\(name) "$@"; else compdef _\(name) \(name); fi

        """
    }

    private func zshCommand(_ command: CommandSpecification) -> String {
        let paths = spellings(of: command).map { $0.joined(separator: " ") }
        let pattern = paths.map { "'\($0)' | '\($0) '*" }.joined(separator: " | ")
        var lines = ["    (\(pattern)) spec=("]
        lines += command.options.map(zshOption)
        lines += command.words.indices.map { "        '\($0 + 1): :'" }
        if let positional = command.positional {
            let text = "\(command.words.count + 1):\(positional.name):" + zshAction(positional.candidates)
            lines.append("        " + text.shellQuoted)
        }
        return (lines + ["        ) ;;"]).joined(separator: "\n")
    }

    private var zshWords: String {
        continuations.map { path, next in
            var lines = path.indices.map { "        '\($0 + 1): :'" }
            let words = next.joined(separator: " ")
            lines.append("        '\(path.count + 1):\(kind(ofWord: path.count)):(\(words))'")
            let pattern = path.isEmpty ? "''" : "'\(path.joined(separator: " "))'"
            return (["    (\(pattern)) spec=("] + lines + ["        ) ;;"]).joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private func zshOption(_ option: OptionSpecification) -> String {
        var help = ""
        for character in option.help {
            if "[]:\\".contains(character) { help += "\\" }
            help.append(character)
        }
        let names = option.short.map { ["-\($0)", "--\(option.name)"] } ?? ["--\(option.name)"]
        let value =
            option.takesValue
            ? ":" + option.valueName.replacing(":", with: "\\:") + ":" + zshAction(option.candidates) : ""
        return names.map { long in
            let prefix = option.mayRepeat ? "*" : names.count > 1 ? "(\(names.joined(separator: " ")))" : ""
            let sign = option.takesValue ? (long.hasPrefix("--") ? "=" : "+") : ""
            return "        " + (prefix + long + sign + "[\(help)]" + value).shellQuoted
        }.joined(separator: "\n")
    }

    private func zshAction(_ candidates: Candidates) -> String {
        switch candidates {
        case .unknown: " "
        case .files: "_files"
        case .words(let words): "(\(words.joined(separator: " ")))"
        case .lines(let command): "{_\(name)_lines \(name) \(command)}"
        }
    }
}
