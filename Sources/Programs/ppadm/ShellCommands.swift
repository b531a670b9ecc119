import CommandLine

extension Command {
    static var completions: Command {
        let shells = Shell.allCases.map(\.rawValue)
        let specification = CommandSpecification(
            ["completions"], summary: "Print the completion script for a shell",
            positional: .init("SHELL", help: "The shell: bash, zsh or fish.", candidates: .words(shells)),
            examples: ["ppadm completions bash > /etc/bash_completion.d/ppadm"])
        return Command(specification) { session throws(Failure) in
            guard let shell = Shell(rawValue: session.name) else { return }
            session.console.write(session.program.completion(for: shell))
        }
    }

    static var manual: Command {
        let specification = CommandSpecification(
            ["manual"], summary: "Print the manual page", examples: ["ppadm manual | man -l -"])
        return Command(specification) { session throws(Failure) in
            session.console.write(session.program.manualPage)
        }
    }
}
