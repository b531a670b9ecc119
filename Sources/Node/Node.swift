import CommandLine
import Log
import Posix

/// The program `ppalette`: reads its command line and settings, runs the roles, ends when told.
package enum Node {
    /// Exit codes, as documented in the manual page.
    enum Exit {
        static let done: Int32 = 0
        /// The engine cannot run: configuration, state directory, port.
        static let refused: Int32 = 1
        static let usage: Int32 = 2
    }

    /// Carries a command line out and returns the exit code; blocks the calling thread for as long as the engine runs.
    package static func run(_ arguments: [String]) -> Int32 {
        Signals.block()
        let invocation: Invocation
        do {
            invocation = try CommandParser.parse(arguments, as: Commands.program)
        } catch {
            complain("ppalette: \(error.message)\nsee `\(error.command) --help`")
            return Exit.usage
        }
        switch invocation {
        case .help(let text), .version(let text):
            say(text)
            return Exit.done
        case .run(let command): return run(command)
        }
    }

    private static func run(_ command: ParsedCommand) -> Int32 {
        switch command.command.name {
        case "version":
            say("ppalette \(Version.text)")
            return Exit.done
        case "check-config": return checkConfiguration(command)
        case "migrate": return migrate(command)
        default: return runEngine(command)
        }
    }

    private static func checkConfiguration(_ command: ParsedCommand) -> Int32 {
        do {
            let loaded = try Configuration.load(command)
            try loaded.checkInitialObjects()
            say("\(loaded.name) is fine")
            return Exit.done
        } catch {
            complain(error.sentences.map { "ppalette: \($0)" }.joined(separator: "\n"))
            return Exit.refused
        }
    }

    private static func migrate(_ command: ParsedCommand) -> Int32 {
        do {
            let migration = Migration(
                configuration: try Configuration.load(command), target: command.text("to") ?? "postgresql")
            try migration.run(say: complain)
            return Exit.done
        } catch {
            complain(error.sentences.map { "ppalette: \($0)" }.joined(separator: "\n"))
            return Exit.refused
        }
    }

    private static func runEngine(_ command: ParsedCommand) -> Int32 {
        do {
            let loaded = try Configuration.load(command)
            try loaded.checkInitialObjects()
            return try Lifecycle(configuration: loaded).run()
        } catch {
            complain(error.sentences.map { "ppalette: \($0)" }.joined(separator: "\n"))
            return Exit.refused
        }
    }

    private static func say(_ text: String) {
        let ending = text.hasSuffix("\n") ? "" : "\n"
        Surroundings.write((text + ending).utf8, to: 1)
    }

    private static func complain(_ text: String) {
        Surroundings.write((text + "\n").utf8, to: 2)
    }
}

/// Why a node does not start: sentences for standard error.
struct StartFailure: Error {
    let sentences: [String]

    init(_ sentences: [String]) { self.sentences = sentences }
    init(_ sentence: String) { sentences = [sentence] }
}

extension Node {
    /// Runs the process's own command line and ends the process.
    package static func runProgram() -> Never {
        Surroundings.exit(with: run(Array(Swift.CommandLine.arguments.dropFirst())))
    }
}
