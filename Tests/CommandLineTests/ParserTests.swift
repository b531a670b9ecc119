import CommandLine
import Testing

private let program = ProgramSpecification(
    name: "tool", version: "1.2", summary: "do things", wordKinds: ["verb", "noun"],
    globalOptions: [
        OptionSpecification("format", short: "o", value: .choice(["table", "json"]), help: "Form.")
    ],
    commands: [
        CommandSpecification(
            ["add", .init("host", aliases: ["hosts"])], summary: "Add",
            positional: .init("NAME", help: "name of it", isRequired: false),
            options: [
                OptionSpecification("address", help: "Address.", isRequired: true),
                OptionSpecification("auto-start", value: .boolean, help: "Start."),
                OptionSpecification("port", value: .integer, help: "Port."),
                OptionSpecification("suites", aliases: ["suite"], value: .list, help: "Suites."),
                OptionSpecification("label", value: .pair, help: "One."),
                OptionSpecification("labels", value: .pairs, help: "All."),
                OptionSpecification("every", value: .optionalNumber, help: "Every."),
                OptionSpecification("force", short: "f", value: .none, help: "Force."),
            ]),
        CommandSpecification(["stop"], summary: "Stop"),
    ])

private func parse(_ arguments: [String]) throws -> ParsedCommand {
    guard case .run(let command) = try CommandParser.parse(arguments, as: program) else {
        throw CancellationError()
    }
    return command
}

private func message(_ arguments: [String]) -> String {
    do throws(UsageError) {
        _ = try CommandParser.parse(arguments, as: program)
        return "accepted"
    } catch {
        return error.message
    }
}

@Test("an option is --name value, --name=value, -o value or -ovalue, before and after the words")
func spellings() throws {
    for arguments in [
        ["add", "host", "--address", "a", "-o", "json"], ["-ojson", "add", "hosts", "--address=a"],
        ["--format=json", "add", "--format=json", "host", "--address", "a"].filter { $0 != "--format=json" }
            + ["--format", "json"],
    ] {
        let command = try parse(arguments)
        #expect(command.command.name == "add host")
        #expect(command.text("address") == "a")
        #expect(command.text("format") == "json")
    }
}

@Test("a value may begin with a dash, unless it is an option of the command")
func dashedValues() throws {
    #expect(try parse(["add", "host", "--address", "-w 5"]).text("address") == "-w 5")
    #expect(try parse(["add", "host", "--address", "--unknown"]).text("address") == "--unknown")
    #expect(try parse(["add", "host", "--address=--port"]).text("address") == "--port")
    #expect(message(["add", "host", "--address", "--port", "1"]).contains("needs a value before --port"))
}

@Test("after -- nothing is an option")
func doubleDash() throws {
    #expect(try parse(["add", "host", "--address", "a", "--", "--port"]).positional == "--port")
}

@Test("lists take commas and repetition, an empty text empties them")
func lists() throws {
    func list(_ values: String...) throws -> [String]? {
        try parse(["add", "host", "--address", "a"] + values.flatMap { ["--suite", $0] }).list("suites")
    }
    #expect(try list("a,b", " c ,", "d") == ["a", "b", "c", "d"])
    #expect(try list("") == [])
    #expect(try list() == nil)
}

@Test("pairs are split at commas in the plural only, and at the first equals sign")
func pairs() throws {
    let command = try parse(["add", "host", "--address", "a", "--label", "a=1,b=2", "--labels", "c=3,d=e=f"])
    #expect(command.pairs("label")?.map { $0.key + ":" + $0.value } == ["a:1,b=2"])
    #expect(command.pairs("labels")?.map { $0.key + ":" + $0.value } == ["c:3", "d:e=f"])
}

@Test("underscores in a name count as dashes, yes and true count as on")
func lenience() throws {
    for (value, expected) in [("on", true), ("yes", true), ("TRUE", true), ("off", false), ("no", false)] {
        #expect(
            try parse(["add", "host", "--address", "a", "--auto_start", value]).boolean("auto-start")
                == expected)
    }
}

@Test("an optional number is taken only when it is one")
func optionalNumber() throws {
    #expect(try parse(["add", "host", "--address", "a", "--every", "2"]).number("every") == 2)
    let without = try parse(["add", "host", "--address", "a", "--every", "web1"])
    #expect(without.isGiven("every"))
    #expect(without.positional == "web1")
}

@Test(
    "what is wrong is said with what is accepted",
    arguments: [
        ("", "no verb given; one of add or stop is needed"),
        ("ad", "unknown verb 'ad'; did you mean 'add'?"),
        ("frobnicate", "unknown verb 'frobnicate'; one of add or stop is accepted"),
        ("add", "'add' needs a noun: host"),
        ("add hsot", "unknown noun 'hsot' for 'add'; did you mean 'host'?"),
        ("add host", "'add host' needs --address TEXT: Address."),
        ("add host --adress x", "'add host' has no option '--adress'; did you mean '--address'?"),
        (
            "add host --address x a b",
            "'add host' takes one NAME, not also 'b'; quote a value that has spaces"
        ),
        ("add host --address x --port x", "--port takes a whole number, not 'x'"),
        ("add host --address x --address y", "--address is given twice; give it once"),
        ("add host --address x --label y", "--label takes KEY=VALUE, not 'y'"),
        ("add host --address x --labels a=1,=2", "--labels takes KEY=VALUE,..., not '=2'"),
        ("add host --address x --force=1", "--force takes no value, not '1'"),
        ("add host --address", "--address needs a value: --address TEXT"),
        (
            "add host --address x -ojsn",
            "--format takes one of table or json, not 'jsn'; did you mean 'json'?"
        ),
        (
            "--port 1 add host",
            "unknown option '--port' before the command; options of a command stand after its words"
        ),
        ("stop now", "'stop' takes no argument 'now'; give values with --option value"),
    ])
func sentences(line: String, sentence: String) {
    #expect(message(line.split(separator: " ").map(String.init)) == sentence)
}

@Test("no arguments make the parser trap", arguments: 0..<200)
func anythingGoes(seed: Int) {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    let pieces = [
        "add", "host", "stop", "--", "-", "--address", "=", "--label", "a=b", "", "-o", "-f", "--every", "é",
        ",",
    ]
    let arguments = (0..<8).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let index = Int(state >> 33) % pieces.count
        return state >> 60 == 0 ? pieces[index] + "=" : pieces[index]
    }
    _ = message(arguments)
}
