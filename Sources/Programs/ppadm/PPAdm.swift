import APIContract
package import CommandLine

/// The command `ppadm`: arguments in, exit status out.
package enum PPAdm {
    /// Runs with the arguments, variables and streams of this process.
    static func runHere() -> Int32 {
        Surroundings.ignoreBrokenPipes()
        let environment = Surroundings.environment()
        let arguments = Array(Swift.CommandLine.arguments.dropFirst())
        var result = Surroundings.WriteResult.done
        func console(_ colour: Terminal.ColourChoice) -> Console {
            Console(
                output: Terminal(descriptor: 1, environment: environment, colour: colour),
                errors: Terminal(descriptor: 2, environment: environment, colour: colour),
                canAsk: Terminal(descriptor: 0, environment: environment).isTerminal,
                writeOutput: { if case .done = result { result = Surroundings.write($0, to: 1) } },
                writeErrors: { Surroundings.write($0.utf8, to: 2) },
                readAnswer: Surroundings.readInputLine)
        }
        let status = run(
            arguments, environment: environment, clock: Surroundings.unixTime, console: console)
        guard case .failed(let reason) = result else { return status }
        Surroundings.write("ppadm: cannot write the output: \(reason)\n".utf8, to: 2)
        return max(status, 1)
    }

    /// Runs one command line; `clock` gives seconds since 1970.
    package static func run(
        _ arguments: [String], environment: [String: String], clock: @escaping () -> Int64,
        console makeConsole: (Terminal.ColourChoice) -> Console
    ) -> Int32 {
        let commands = Command.all()
        let program = program(commands)
        var console = makeConsole(.auto)
        do throws(Failure) {
            switch try parsed(arguments, program, width: console.output.width ?? 80) {
            case .help(let text), .version(let text): console.write(text)
            case .run(let command):
                let colour = command.text("color").flatMap { Terminal.ColourChoice(rawValue: $0) }
                if let colour { console = makeConsole(colour) }
                let session = Session(
                    command, of: program, console: console, environment: environment, clock: clock)
                try commands.first { $0.specification.name == command.command.name }?.run(session)
            }
            console.endProgress()
            return 0
        } catch {
            for line in error.lines { console.remark(line) }
            return error.exitStatus
        }
    }

    private static func parsed(
        _ arguments: [String], _ program: ProgramSpecification, width: Int
    ) throws(Failure) -> Invocation {
        do throws(UsageError) {
            return try CommandParser.parse(arguments, as: program, width: width)
        } catch {
            throw .usage(error)
        }
    }
}
