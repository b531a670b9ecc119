/// Decides how the interpreter of a script is started so that it stays: by the script's first line.
package struct WarmInterpreter: Equatable, Sendable {
    package enum Language: Sendable {
        case perl
        case python
    }

    /// Why a script runs cold, as a sentence about it.
    package struct Refusal: Error, Equatable {
        package let reason: String
    }

    package let language: Language
    /// The interpreter and the one argument that the kernel makes of the rest of the line.
    package let words: [String]

    /// Takes what stands behind `#!`, as the kernel splits it (execve(2)): a path and at most one argument.
    package init(line: String) throws(Refusal) {
        // The kernel drops blanks at the end, and so makes no empty argument of them.
        let line =
            line.last?.isBlank == true ? String(line.reversed().drop(while: \.isBlank).reversed()) : line
        guard let end = line.firstIndex(where: \.isBlank) else {
            try self.init(words: [line], program: line, options: "")
            return
        }
        let path = String(line[..<end])
        let rest = String(line[end...].drop(while: \.isBlank))
        guard path.hasSuffix("/env") else {
            try self.init(words: [path, rest], program: path, options: rest)
            return
        }
        let split = rest.hasPrefix("-S ") || rest.hasPrefix("-S\t")
        let parts = rest.split(whereSeparator: \.isBlank).map(String.init).dropFirst(split ? 1 : 0)
        guard let program = parts.first, split || parts.count == 1, !program.contains("="),
            !program.hasPrefix("-")
        else { throw Refusal(reason: "its first line calls env in a way that only env understands") }
        try self.init(
            words: [path, rest], program: program, options: parts.dropFirst().joined(separator: " "))
    }

    private init(words: [String], program: String, options: String) throws(Refusal) {
        guard words[0].hasPrefix("/") else {
            throw Refusal(reason: "it has no first line that names an interpreter by its path")
        }
        let name = program.split(separator: "/").last ?? ""
        let version = name.drop { !$0.isNumber && $0 != "." }
        let isPlain = version.allSatisfy { $0.isNumber || $0 == "." }
        switch name.dropLast(version.count) {
        case "perl" where isPlain:
            language = .perl
        case "python" where isPlain && version.hasPrefix("3"):
            language = .python
        default:
            throw Refusal(reason: "its interpreter \(program) is neither Python 3 nor Perl")
        }
        let known = Set(language == .perl ? "wWtTXU" : "uEIsSBObP")
        for option in options.split(whereSeparator: \.isBlank) {
            guard option.first == "-", option.count > 1, option.dropFirst().allSatisfy(known.contains) else {
                throw Refusal(
                    reason: "its first line has the option \(option), which only a cold start knows")
            }
        }
        self.words = words
    }

    /// The arguments that make the interpreter stay, with the helpers in `folder`.
    package func arguments(folder: String, script: String) -> [String] {
        switch language {
        case .perl: words + ["-I\(folder)", "-MPPWarm", script]
        case .python: words + ["\(folder)/ppwarm.py"]
        }
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" }
}
