import CommandLine
import Testing

@Test("PP-B24: what the API refuses is status 1, its sentence on standard error, nothing on standard output")
func refusal() throws {
    let problem = FakeAPI.Answer.problem(
        422,
        #"""
        {"type": "about:blank", "title": "Unprocessable Content", "status": 422, "detail": "interval is wrong (and 1 more)",
         "errors": [{"field": "interval", "reason": "must be an integer of at least 1 (seconds)", "value": 0},
          {"field": "timeout", "reason": "is too long", "value": 9}]}
        """#)
    let run = try ppadm(
        ["edit", "plugin", "p", "--interval", "60"], answers: ["PATCH /api/v1/plugins/p": problem])
    #expect(run.status == 1)
    #expect(run.output == "")
    #expect(
        run.errors
            == "ppadm: interval is wrong (and 1 more)\n  interval: must be an integer of at least 1 (seconds)\n"
            + "  timeout: is too long\n"
    )
}

@Test(
    "PP-B24: every command line that the API refuses ends with status 1",
    arguments: [
        "list hosts", "get host x", "add host x --address 192.0.2.1", "edit host x --port 1", "delete host x",
        "run check --host x --plugin y", "run discovery --subnet x", "show status", "show history",
        "show schedule", "show workers", "show statistics", "show statistics --worker w", "show health",
        "show graph --output /nonexistent/x",
    ])
func everyRefusalIsStatusOne(line: String) throws {
    let run = try ppadm(line.split(separator: " ").map(String.init), answers: [:])
    #expect(run.status == 1)
    #expect(run.output == "")
    #expect(run.errors == "ppadm: no such thing\n")
}

@Test("no connection is status 3 with the address tried and how to start")
func noConnection() throws {
    let run = ppadm(["show", "status", "--url", "http://127.0.0.1:1"])
    #expect(run.status == 3)
    #expect(run.output == "")
    #expect(
        run.errors
            == "ppadm: no connection to http://127.0.0.1:1: nothing listens there; start the engine with "
            + "'ppalette run' (systemctl start ppalette) or name another address with --url\n")
}

@Test("an answer that is none of ppalette's is status 3")
func strangerAnswers() throws {
    let page = FakeAPI.Answer(status: 404, type: "text/html", body: "<html>")
    let run = try ppadm(["list", "hosts"], answers: ["GET /api/v1/hosts": page])
    #expect(run.status == 3)
    #expect(run.errors.contains("does not answer as a ppalette API does: status 404 with text/html"))
    let broken = try ppadm(["list", "hosts"], answers: ["GET /api/v1/hosts": .init(body: "{")])
    #expect(broken.status == 3)
}

@Test("a token that is refused is said with where it came from")
func refusedToken() throws {
    let problem = FakeAPI.Answer.problem(401, #"{"detail": "a token is needed"}"#)
    let run = try ppadm(["list", "hosts"], answers: ["GET /api/v1/hosts": problem])
    #expect(run.status == 1)
    #expect(
        run.errors
            == "ppadm: a token is needed (the token came from PPADM_TOKEN; name the right one with "
            + "--token-file or PPADM_TOKEN)\n")
    #expect(run.requests.first?.headers["authorization"] == "Bearer secret")
}

@Test("what cannot be understood is status 2 and names the nearest")
func usageErrors() throws {
    let lines = [
        "", "lst", "list", "list hots", "hosts list", "get host", "get host a b", "add host x",
        "add host x --adress 192.0.2.1", "add host --name x x --address 192.0.2.1", "add plugin --script x",
        "edit host x", "edit host x --port many", "edit host x --maintenance maybe",
        "edit host x --port 1 --port 2",
        "edit host x --label role", "edit host x --suites", "list hosts --limit 0", "list hosts extra",
        "list hosts -o xml", "list hosts -x", "show status --state critical --problems",
        "show status --watch 5 -o json", "show history --from soon", "run check --host x",
        "run check --host --plugin p", "run check --host a --plugin p --wait -1", "completions tcsh",
        "--bogus", "--url ftp://x list hosts", "show graph", "delete host --yes",
    ]
    var text = ""
    for line in lines {
        let run = ppadm(line.split(separator: " ").map(String.init))
        #expect(run.status == 2, "\(line)")
        #expect(run.output == "")
        text += "$ ppadm \(line)\n\(run.errors)\n"
    }
    try expectGolden(text, "usage-errors.txt")
}

@Test("delete asks a person, and only a person")
func deleteAsks() throws {
    let answers = ["DELETE /api/v1/hosts/x": FakeAPI.Answer(status: 204)]
    let no = try ppadm(["delete", "host", "x"], answers: answers, reply: "n")
    #expect(no.status == 1)
    #expect(no.requests.isEmpty)
    let yes = try ppadm(["delete", "host", "x"], answers: answers, reply: "yes")
    #expect(yes.status == 0)
    #expect(yes.output == "host x deleted\n")
    let sure = try ppadm(["delete", "host", "x", "--yes"], answers: answers, reply: "n")
    #expect(sure.status == 0)
    let script = try ppadm(["delete", "host", "x"], answers: answers)
    #expect(script.status == 0)
}
