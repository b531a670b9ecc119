import CommandLine

/// The program `ppbench`: measures the real engine and prints each figure beside its limit, as a ratio.
enum Benchmarks {
    private static let program = ProgramSpecification(
        name: "ppbench", version: "0.1.0", summary: "measure ppalette on this machine",
        description: [
            "Starts the ppalette beside it in a folder below /tmp, feeds it, measures and prints one row a figure: what was "
                + "measured, the limit and the ratio of the two (below 1 is within). Nothing is asserted."
        ],
        commands: [
            CommandSpecification(
                ["all"], summary: "every row below", options: [seconds]),
            CommandSpecification(
                ["steady"], summary: "1,000 pings and 200 local plugins a second", options: [seconds]),
            CommandSpecification(["load"], summary: "100,000 checks: start, first check, an added host"),
            CommandSpecification(["api"], summary: "1,000 status rows while checks run"),
        ])

    private static let seconds = OptionSpecification(
        "seconds", value: .integer, help: "How long the steady load runs.", defaultText: "600")

    static func runProgram() -> Never {
        var arguments = Array(Swift.CommandLine.arguments.dropFirst())
        if arguments.isEmpty || arguments[0].hasPrefix("--seconds") { arguments.insert("all", at: 0) }
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

    private static func run(_ command: ParsedCommand) throws {
        let length = command.integer("seconds") ?? 600
        var rows: [BenchmarkRow] = []
        let name = command.command.name
        if name == "all" || name == "steady" { rows += try SteadyLoad(seconds: length).run() }
        if name == "all" || name == "load" { rows += try LargeSchedule().run() }
        if name == "all" || name == "api" { rows += try APISpeed().run() }
        let table = Table(
            [
                Table.Column("WHAT"), Table.Column("MEASURED", isRightAligned: true),
                Table.Column("LIMIT", isRightAligned: true), Table.Column("RATIO", isRightAligned: true),
            ], rows: rows.map(\.cells))
        Surroundings.write((table.lines().joined(separator: "\n") + "\n").utf8, to: 1)
    }

    static func complain(_ text: String) { Surroundings.write((text + "\n").utf8, to: 2) }
}

/// One figure beside its limit.
struct BenchmarkRow {
    let what: String
    let measured: Double
    let limit: Double
    let unit: String

    var cells: [Table.Cell] {
        [
            Table.Cell(what), Table.Cell("\(Self.digits(measured)) \(unit)"),
            Table.Cell("\(Self.digits(limit)) \(unit)"),
            Table.Cell(limit > 0 ? Self.digits(measured / limit) : measured == 0 ? "0" : "over"),
        ]
    }

    /// Three significant digits are all that such a figure is worth.
    private static func digits(_ value: Double) -> String {
        guard value.magnitude < 100 else { return "\(Int(value.rounded()))" }
        let scale: Double = value.magnitude < 1 ? 1000 : value.magnitude < 10 ? 100 : 10
        let text = "\((value * scale).rounded() / scale)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
