import CommandLine
import JSON

/// One name of `ppbench NAME`: what is measured, and how.
struct Benchmark: Sendable {
    let name: String
    let summary: String
    let run: @Sendable (BenchmarkSettings) throws -> [BenchmarkRow]
}

/// What the person asked for.
struct BenchmarkSettings {
    /// How often ours and the baseline take turns.
    var rounds = 5
    /// How long the steady load runs.
    var steadySeconds = 600
}

/// The program `ppbench`: measures the real engine and prints each figure beside its baseline, as a ratio.
enum Benchmarks {
    /// In the order of the table.
    private static let all: [Benchmark] = [
        LocalChecks.benchmark,
        SteadyLoad.benchmark,
        LargeSchedule.benchmark,
        APISpeed.benchmark,
        StoreWrites.benchmark,
        QueueRate.benchmark,
        PostgresRate.benchmark,
        WorkerRate.benchmark,
        ArchiveUpdates.benchmark,
        EchoRate.benchmark,
        SSHRate.benchmark,
        APIRate.benchmark,
        ScheduleMemory.benchmark,
        StartSpeed.benchmark,
        Growth.benchmark,
        NagiosRate.benchmark,
        WarmSpeed.python,
        WarmSpeed.perl,
    ]

    private static let options = [
        OptionSpecification(
            "rounds", value: .integer, help: "How often ours and the baseline take turns.", defaultText: "5"),
        OptionSpecification(
            "seconds", value: .integer, help: "How long the steady load runs.", defaultText: "600"),
        OptionSpecification("json", value: .none, help: "Print JSON in place of the table."),
    ]

    private static let program = ProgramSpecification(
        name: "ppbench", version: "0.1.0", summary: "measure ppalette on this machine",
        description: [
            "Starts the ppalette beside it in a folder below /tmp, feeds it and measures it in turns with a "
                + "baseline: a bare loop in C, another program, or a limit. Prints one row a figure: the median "
                + "of ours, that of the baseline, their ratio, what the ratio should be, and a note when a "
                + "figure varied too much to be trusted. Nothing is asserted."
        ],
        commands: [CommandSpecification(["all"], summary: "every row below", options: options)]
            + all.map {
                CommandSpecification([.init(stringLiteral: $0.name)], summary: $0.summary, options: options)
            })

    static func runProgram() -> Never {
        var arguments = Array(Swift.CommandLine.arguments.dropFirst())
        if arguments.isEmpty || ["--rounds", "--seconds", "--json"].contains(where: arguments[0].hasPrefix) {
            arguments.insert("all", at: 0)
        }
        do {
            switch try CommandParser.parse(arguments, as: program) {
            case .help(let text), .version(let text): Surroundings.write(text.utf8, to: 1)
            case .run(let command): try run(command)
            }
            Surroundings.exit(with: 0)
        } catch let error as UsageError {
            complain("ppbench: \(error.message)\nsee `\(error.command) --help`")
            Surroundings.exit(with: 2)
        } catch {
            complain("ppbench: \(error)")
            Surroundings.exit(with: 1)
        }
    }

    /// Runs what was asked for; a benchmark that fails says so and the others still run.
    private static func run(_ command: ParsedCommand) throws {
        var settings = BenchmarkSettings()
        settings.rounds = max(1, command.integer("rounds") ?? settings.rounds)
        settings.steadySeconds = max(2, command.integer("seconds") ?? settings.steadySeconds)
        let name = command.command.name
        var rows: [BenchmarkRow] = []
        var failures = 0
        for benchmark in all where name == "all" || name == benchmark.name {
            do {
                rows += try benchmark.run(settings)
            } catch {
                complain("\(benchmark.name): \(error)")
                failures += 1
            }
        }
        if command.isGiven("json") {
            Surroundings.write(JSONValue.array(rows.map(\.json)).bytes() + [10], to: 1)
        } else {
            Surroundings.write(BenchmarkRow.table(rows).utf8, to: 1)
        }
        if failures > 0 { Surroundings.exit(with: 1) }
    }

    static func complain(_ text: String) { Surroundings.write((text + "\n").utf8, to: 2) }
}
