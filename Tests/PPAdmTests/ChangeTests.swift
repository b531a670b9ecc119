import Testing

/// Runs a change and returns the body that was sent last.
private func body(_ arguments: [String]) throws -> String? {
    let host = FakeAPI.Answer(body: Answers.host)
    let named = FakeAPI.Answer(body: #"{"name": "x"}"#)
    var created = named
    created.status = 201
    let run = try ppadm(
        arguments,
        answers: [
            "POST /api/v1/hosts": created, "POST /api/v1/plugins": created, "POST /api/v1/suites": created,
            "POST /api/v1/subnets": created, "PATCH /api/v1/hosts/web1": host, "GET /api/v1/hosts/web1": host,
            "PATCH /api/v1/suites/s": named, "PATCH /api/v1/plugins/p": named,
            "PATCH /api/v1/subnets/n": named,
        ])
    #expect(run.status == 0, "\(run.errors)")
    return run.requests.last?.body
}

@Test(
    "add sends what is given, the name as argument, as option or not at all",
    arguments: [
        (["add", "host", "--address", "192.0.2.1"], #"{"address":"192.0.2.1"}"#),
        (["add", "hosts", "w", "--address=192.0.2.1"], #"{"name":"w","address":"192.0.2.1"}"#),
        (["add", "host", "--address", "192.0.2.1", "--name", "w"], #"{"name":"w","address":"192.0.2.1"}"#),
        (
            [
                "add", "host", "w", "--address", "::1", "--suites", "a, b", "--suite", "c", "--label",
                "k=1,2", "--port=2222",
            ],
            #"{"name":"w","address":"::1","port":2222,"suites":["a","b","c"],"labels":{"k":"1,2"}}"#
        ),
        (
            [
                "add", "plugin", "p", "--script", "check_x", "--arguments", "-w 5 --critical 9",
                "--allow_silent", "yes",
            ],
            #"{"name":"p","script":"check_x","arguments":"-w 5 --critical 9","allow_silent":true}"#
        ),
        (["add", "suite", "--", "-s"], #"{"name":"-s"}"#),
        (
            [
                "add", "subnet", "n", "--network", "192.0.2.0/24", "--auto-discovery", "on", "--interval",
                "600",
            ],
            #"{"name":"n","network":"192.0.2.0/24","auto_discovery":true,"interval":600}"#
        ),
    ])
func addSends(arguments: [String], expected: String) throws {
    #expect(try body(arguments) == expected)
}

@Test(
    "edit sends only what changes; empty clears",
    arguments: [
        (["edit", "host", "web1", "--maintenance", "on"], #"{"maintenance":true}"#),
        (["edit", "host", "web1", "--suites", ""], #"{"suites":[]}"#),
        (["edit", "host", "web1", "--subnet", ""], #"{"subnet":null}"#),
        (["edit", "host", "web1", "--name", "web2"], #"{"name":"web2"}"#),
        (["edit", "host", "web1", "--label", "os=linux"], #"{"labels":{"role":"web","os":"linux"}}"#),
        (["edit", "host", "web1", "--labels", "a=1,b=2"], #"{"labels":{"a":"1","b":"2"}}"#),
        (["edit", "host", "web1", "--labels="], #"{"labels":{}}"#),
        (["edit", "plugin", "p", "--description", ""], #"{"description":""}"#),
        (["edit", "suite", "s", "--host", "a", "--host", "b"], #"{"hosts":["a","b"]}"#),
        (["edit", "subnet", "n", "--suite="], #"{"suite":null}"#),
    ])
func editSends(arguments: [String], expected: String) throws {
    #expect(try body(arguments) == expected)
}

@Test("names with slashes, dots and other signs reach the API as one part of the path")
func namesAreEncoded() throws {
    for (name, path) in [("a/b", "a%2Fb"), ("..", ".."), ("ü?x=1", "%C3%BC%3Fx%3D1")] {
        let run = try ppadm(
            ["get", "suite", name], answers: ["GET /api/v1/suites/\(path)": .init(body: "{}")])
        #expect(run.status == 0)
        #expect(run.requests.first?.path == "/api/v1/suites/\(path)")
    }
}
