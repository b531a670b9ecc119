import CommandLine
import Glibc
import JSON
import Testing

private let answers: [String: FakeAPI.Answer] = [
    "GET /api/v1/hosts": Answers.hosts, "GET /api/v1/hosts/web1": .init(body: Answers.host),
    "GET /api/v1/status": Answers.page(Answers.statuses), "GET /api/v1/schedule": Answers.schedule,
    "GET /api/v1/status?maintenance=true": Answers.page([], total: 3),
    "GET /api/v1/workers": Answers.workers, "GET /api/v1/statistics/global": Answers.statistics,
    "GET /api/v1/health": Answers.health,
    "GET /api/v1/history": .init(body: #"{"items": [\#(Answers.statuses[0])], "cursor": null}"#),
    "POST /api/v1/checks": Answers.check(finished: true),
    "GET /api/v1/graphs/global.png": .init(type: "image/png", body: "PNG"),
]

private let views: [String] = [
    "list hosts", "get host web1", "show status", "show history", "show schedule", "show workers",
    "show statistics", "show health", "run check --host web1 --plugin icmp",
]

@Test("tables keep their look, at every width, with and without colour", arguments: views)
func tables(view: String) throws {
    let terminals = [
        ("80", Terminal(isTerminal: true, width: 80)), ("120", Terminal(isTerminal: true, width: 120)),
        ("colour", Terminal(isTerminal: true, width: 80, usesColour: true)), ("pipe", Terminal()),
    ]
    var text = ""
    for (name, terminal) in terminals {
        let run = try ppadm(view.split(separator: " ").map(String.init), answers: answers, output: terminal)
        #expect(run.status == 0)
        #expect(run.errors == "")
        text += "--- \(name)\n" + Escaping.forTerminal(run.output, keepsLines: true)
    }
    try expectGolden(text, view.split(separator: " ").prefix(2).joined(separator: "-") + ".txt")
}

@Test("JSON and CSV keep their look", arguments: views)
func dataFormats(view: String) throws {
    var text = ""
    for format in ["json", "csv"] {
        let words = view.split(separator: " ").map(String.init)
        let run = try ppadm(words + ["-o", format], answers: answers)
        #expect(run.status == 0)
        if format == "json" { #expect(throws: Never.self) { try JSONValue(parsing: run.output) } }
        text += "--- \(format)\n" + run.output
    }
    try expectGolden(text, view.split(separator: " ").prefix(2).joined(separator: "-") + ".data")
}

@Test(
    "no output lets a plugin's control characters or a formula through", arguments: ["table", "json", "csv"])
func nothingRawReachesTheTerminal(format: String) throws {
    for view in ["show status", "show history", "list hosts"] {
        let words = view.split(separator: " ").map(String.init) + ["-o", format]
        let run = try ppadm(words, answers: answers, output: Terminal(isTerminal: true, width: 100))
        #expect(!run.output.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
        if format == "csv" { #expect(!run.output.contains("\n=")) }
    }
}

@Test("no line of a table is wider than the terminal", arguments: [66, 80, 120])
func tablesFit(width: Int) throws {
    let run = try ppadm(
        ["show", "status"], answers: answers, output: Terminal(isTerminal: true, width: width))
    for line in run.output.split(separator: "\n") { #expect(DisplayWidth.of(line) <= width) }
}

@Test("--problems asks for three states and counts the others too")
func problemsOnly() throws {
    var answers = answers
    answers["GET /api/v1/status?state=ok"] = Answers.page([], total: 40)
    answers["GET /api/v1/status?state=pending"] = Answers.page([], total: 0)
    for state in ["critical", "warning", "unknown"] {
        answers["GET /api/v1/status?state=\(state)"] = Answers.page([], total: 1)
    }
    let run = try ppadm(["show", "status", "--problems"], answers: answers)
    #expect(
        run.output.hasSuffix(
            "1 critical, 1 warning, 1 unknown, 40 ok, 0 pending; 1 stale (!)\n3 checks of hosts in maintenance left out\n"
        ))
    let first = try #require(run.requests.first)
    #expect(first.query.contains { $0.name == "state" && $0.value == "critical,unknown,warning" })
}

@Test("pages are followed up to the limit, and what is left out is said")
func pagesAreFollowed() throws {
    let item = #"{"name": "s"}"#
    let many: [String: FakeAPI.Answer] = [
        "GET /api/v1/suites?page=1": Answers.page(Array(repeating: item, count: 1000), total: 2100),
        "GET /api/v1/suites?page=2": Answers.page(Array(repeating: item, count: 1000), total: 2100),
        "GET /api/v1/suites?page=3": Answers.page(Array(repeating: item, count: 100), total: 2100),
    ]
    let table = try ppadm(["list", "suites"], answers: many)
    #expect(table.output.split(separator: "\n").count == 1001)
    #expect(table.errors == "1100 more of 2100 are not shown; --limit shows more, filters fewer\n")
    let csv = try ppadm(["list", "suites", "-o", "csv"], answers: many)
    #expect(csv.output.split(separator: "\r\n").count == 2101)
    #expect(csv.errors == "")
}

@Test("one page is one request")
func onePage() throws {
    let run = try ppadm(
        ["list", "hosts", "--page", "2", "--per-page", "10", "--maintenance", "on", "--sort", "-name"],
        answers: ["GET /api/v1/hosts": Answers.page([], total: 3)])
    #expect(run.requests.count == 1)
    let query = run.requests.first?.query.map { "\($0.name)=\($0.value)" }.sorted()
    #expect(query == ["maintenance=true", "page=2", "per_page=10", "sort=-name"])
}

@Test("a discovery shows its progress on a terminal and ends with the report")
func discoveryProgress() throws {
    let answers = [
        "POST /api/v1/subnets/office/discoveries": Answers.discovery("running", scanned: 0),
        "GET /api/v1/discoveries/7": Answers.discovery("done", scanned: 254),
    ]
    let run = try ppadm(
        ["run", "discovery", "--subnet", "office"], answers: answers,
        errors: Terminal(isTerminal: true, width: 80))
    #expect(run.status == 0)
    #expect(run.errors.contains("office: 0 of 254 addresses asked, 2 alive"))
    try expectGolden(run.output, "run-discovery.txt")
}

@Test("a discovery that failed ends with status 1 and its sentence")
func failedDiscovery() throws {
    let run = try ppadm(
        ["run", "discovery", "--subnet", "office"],
        answers: [
            "POST /api/v1/subnets/office/discoveries": Answers.discovery("running", scanned: 0),
            "GET /api/v1/discoveries/7": Answers.discovery("failed", scanned: 0),
        ])
    #expect(run.status == 1)
    #expect(run.errors == "ppadm: the discovery of office failed: no raw socket\n")
}

@Test("a run that takes longer is asked for until its result is there")
func slowCheck() throws {
    let run = try ppadm(
        ["run", "check", "--host", "web1", "--plugin", "icmp"],
        answers: [
            "POST /api/v1/checks": Answers.check(finished: false),
            "GET /api/v1/checks/c1": Answers.check(finished: true),
        ])
    #expect(run.status == 0)
    #expect(run.output.hasPrefix("ok  icmp on web1\n"))
}

@Test("a result that does not come in time is status 1 with the run's number")
func lateCheck() throws {
    var pending = Answers.check(finished: false)
    let started = pending
    pending.status = 200
    let run = try ppadm(
        ["run", "check", "--host", "web1", "--plugin", "icmp", "--wait", "0.1"],
        answers: ["POST /api/v1/checks": started, "GET /api/v1/checks/c1": pending])
    #expect(run.status == 1)
    #expect(run.errors.contains("no result of icmp on web1 within 0.1 s; the run goes on as c1"))
}

@Test("a graph goes into the file named")
func graphIsWritten() throws {
    let path = "/tmp/ppadm-test-\(UInt64.random(in: 0 ... .max)).png"
    defer { unlink(path) }
    let run = try ppadm(
        ["show", "graph", "-o", path, "--from", "2h", "--width", "400"], answers: answers)
    #expect(run.status == 0)
    #expect(try SmallFile.text(at: path) == "PNG")
    #expect(run.requests.first?.query.first?.value == "-2h")
}
