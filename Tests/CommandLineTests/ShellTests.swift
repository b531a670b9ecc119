import CommandLine
import Foundation
import Testing

private let program = ProgramSpecification(
    name: "tool", version: "1", summary: "do things", description: ["It's .odd.", "'Quoted' \\ text."],
    wordKinds: ["verb", "noun"],
    globalOptions: [
        OptionSpecification(
            "format", short: "o", value: .choice(["table", "json"]), help: "It's [a] form: x.")
    ],
    commands: [
        CommandSpecification(
            ["get", .init("host", aliases: ["hosts"])], summary: "Get it",
            positional: .init("NAME", help: "Name of it.", candidates: .lines(command: "names")),
            options: [OptionSpecification("mode", value: .boolean, help: "Don't \\ \"do\".")]),
        CommandSpecification(["get", "suite"], summary: "Get it"),
        CommandSpecification(["names"], summary: "Names", isHidden: true),
    ], manualDate: "January 1, 2026")

/// A folder that holds the completion scripts and a `tool` that prints two names, one of them hostile.
private func withScripts(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "completion-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for shell in Shell.allCases {
        try program.completion(for: shell).write(
            toFile: "\(folder)/\(shell)", atomically: true, encoding: .utf8)
    }
    let tool = """
        #!/bin/sh
        if [ "$1" = names ]; then printf 'web1\\n$(touch \(folder)/owned)\\n'; else echo "<$*>"; fi

        """
    try tool.write(toFile: folder + "/tool", atomically: true, encoding: .utf8)
    chmod(folder + "/tool", 0o755)
    try body(folder)
    #expect(!FileManager.default.fileExists(atPath: folder + "/owned"), "a name was evaluated")
}

private func output(_ program: String, _ arguments: [String], folder: String) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.environment = ["PATH": folder + ":/usr/bin:/bin", "HOME": folder]
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
}

private func isInstalled(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }

private let expectations: [(words: [String], candidates: [String])] = [
    (["tool", ""], ["get"]), (["tool", "get", ""], ["host", "suite"]),
    (["tool", "-o", "json", "get", "s"], ["suite"]),
    (["tool", "get", "hosts", "--mode", ""], ["on", "off"]), (["tool", "get", "host", "--mo"], ["--mode"]),
    (["tool", "-o", "t"], ["table"]), (["tool", "get", "host", "w"], ["web1"]),
]

@Test(
    "bash completes words, options, values and names, and evaluates none of them",
    .enabled(if: isInstalled("/bin/bash"), "needs bash"))
func bash() throws {
    try withScripts { folder in
        for (words, candidates) in expectations {
            let list = words.map { "'\($0)'" }.joined(separator: " ")
            let script =
                "source \(folder)/bash; COMP_WORDS=(\(list)); COMP_CWORD=\(words.count - 1); _tool; "
                + "printf '%s\\n' \"${COMPREPLY[@]}\""
            let found = try output("/bin/bash", ["-c", script], folder: folder).split(separator: "\n")
            #expect(found.map(String.init) == candidates, "\(words)")
        }
        let script = "source \(folder)/bash; COMP_WORDS=(tool get host ''); COMP_CWORD=3; _tool"
        #expect(try output("/bin/bash", ["-c", script], folder: folder) == "")
    }
}

@Test(
    "fish completes words, options, values and names, and evaluates none of them",
    .enabled(if: isInstalled("/usr/bin/fish"), "needs fish"))
func fish() throws {
    try withScripts { folder in
        for (words, candidates) in expectations {
            let script = "source \(folder)/fish; complete -C '\(words.joined(separator: " "))'"
            let found = try output("/usr/bin/fish", ["--no-config", "-c", script], folder: folder)
            let names = found.split(separator: "\n").map { $0.split(separator: "\t")[0] }
            #expect(names.map(String.init).sorted() == candidates.sorted(), "\(words)")
        }
    }
}

@Test(
    "zsh completes words and names in a real line editor, and evaluates none of them",
    .enabled(if: isInstalled("/usr/bin/zsh"), "needs zsh"))
func zsh() throws {
    try withScripts { folder in
        // A second zsh on a pseudo terminal; each line is completed, then printed by the accept key.
        let lines = ["tool g\t s\t", "tool get host w\t", "tool get hosts --mo\t of\t", "tool -o j\t"]
        let script = """
            zmodload zsh/zpty; zpty t zsh -f -i
            zpty -w t 'PS1=; stty -echo; autoload -U compinit; compinit -u -D; source \(folder)/zsh'
            \(lines.map { "zpty -w -n t $'\($0.replacingOccurrences(of: "\t", with: "\\t"))\\n'" }.joined(separator: "\n"))
            zpty -w t 'print END''MARK; exit'
            while zpty -r t line; do print -r -- $line; [[ $line == *ENDMARK* ]] && break; done
            """
        let text = try output("/usr/bin/zsh", ["-f", "-c", script], folder: folder)
        for result in ["<get suite>", "<get host web1>", "<get hosts --mode off>", "<-o json>"] {
            #expect(text.contains(result), "\(text)")
        }
    }
}

@Test(
    "the manual page has nothing that mandoc objects to",
    .enabled(if: isInstalled("/usr/bin/mandoc"), "needs mandoc"))
func manual() throws {
    try withScripts { folder in
        try program.manualPage.write(toFile: folder + "/tool.1", atomically: true, encoding: .utf8)
        #expect(try output("/usr/bin/mandoc", ["-Tlint", folder + "/tool.1"], folder: folder) == "")
    }
}
