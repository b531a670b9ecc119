import APIContract
import JSON
import Testing

@Suite("Configured objects over the API")
struct ObjectTests {
    /// A path with a body that creates, one that changes, and the value to see after.
    struct Case: Sendable, CustomTestStringConvertible {
        let path: String
        let name: String
        let create: String
        let edit: String
        let field: String
        let value: JSONValue
        var testDescription: String { path }
    }

    static let cases = [
        Case(
            path: "/hosts", name: "web 1", create: #"{"name":"web 1","address":"2001:DB8::0:1","port":2222}"#,
            edit: #"{"maintenance":true,"labels":{"role":"db"}}"#, field: "maintenance", value: true),
        Case(
            path: "/plugins", name: "ping", create: #"{"name":"ping","runner":"builtin","script":"icmp"}"#,
            edit: #"{"interval":60,"arguments":"-n 1"}"#, field: "interval", value: 60),
        Case(
            path: "/suites", name: "base", create: #"{"name":"base"}"#, edit: #"{"description":"for all"}"#,
            field: "description", value: "for all"),
        Case(
            path: "/subnets", name: "lab", create: #"{"name":"lab","network":"127.0.3.0/29"}"#,
            edit: #"{"auto_discovery":true}"#, field: "auto_discovery", value: true),
    ]

    @Test("an object is created, shown, changed, listed, renamed and deleted", arguments: cases)
    func lifeCycle(example: Case) async throws {
        try await TestAPI.running { api async throws in
            let path = "\(example.path)/\(PercentEncoding.encode(example.name))"
            let created = try await api.post(example.path, example.create)
            #expect(created.status == 201)
            #expect(created.raw.header("Location") == "/api/v1" + path)
            let shown = try await api.get(path)
            #expect(shown.status == 200 && shown.json == created.json)
            let changed = try await api.patch(path, example.edit)
            #expect(changed.status == 200 && changed[example.field] == example.value)
            let list = try await api.get(example.path)
            #expect(list.items == [changed.json] && list["total"] == 1)
            #expect(list["page"] == 1 && list["per_page"] == 50)
            #expect(try await api.patch(path, #"{"name":"other"}"#)["name"] == "other")
            #expect(try await api.get(path).status == 404)
            let gone = try await api.delete("\(example.path)/other")
            #expect(gone.status == 204 && gone.raw.body.isEmpty)
            #expect(try await api.get("\(example.path)/other").status == 404)
            #expect(try await api.delete("\(example.path)/other").status == 404)
        }
    }

    @Test("PP-B20: a duplicate is 409, and nothing changed", arguments: cases)
    func duplicates(example: Case) async throws {
        try await TestAPI.running { api async throws in
            #expect(try await api.post(example.path, example.create).status == 201)
            let again = try await api.post(example.path, example.create)
            #expect(again.status == 409 && again["status"] == 409 && again.fields.count == 1)
            #expect(again.raw.header("Content-Type") == "application/problem+json")
            #expect(try await api.get(example.path)["total"] == 1)
        }
    }

    @Test("a rename to a taken name is 409")
    func renameToTaken() async throws {
        try await TestAPI.running { api async throws in
            _ = try await api.post("/suites", #"{"name":"a"}"#)
            _ = try await api.post("/suites", #"{"name":"b"}"#)
            let answer = try await api.patch("/suites/b", #"{"name":"a"}"#)
            #expect(answer.status == 409 && answer.fields == ["name"])
        }
    }

    @Test("defaults are those of the declaration, addresses are stored in their canonical form")
    func defaults() async throws {
        try await TestAPI.running { api async throws in
            let host = try await api.post("/hosts", #"{"name":"h","address":"2001:DB8:0:0::1"}"#)
            #expect(host["address"] == "2001:db8::1" && host["login"] == "ppalette" && host["port"] == 22)
            for field in Resource.host.fields {
                if let value = field.defaultValue { #expect(host[field.name] == value) }
            }
            let plugin = try await api.post("/plugins", #"{"name":"p","script":"check_x"}"#)
            for field in Resource.plugin.fields {
                if let value = field.defaultValue { #expect(plugin[field.name] == value) }
            }
        }
    }

    @Test("a host without a name gets its reverse name, else its address")
    func names() async throws {
        let lookUp: @Sendable (String) async -> String? = { $0 == "127.0.0.5" ? "five.example." : nil }
        try await TestAPI.running(reverseName: lookUp) {
            api async throws in
            #expect(try await api.post("/hosts", #"{"address":"127.0.0.5"}"#)["name"] == "five.example")
            #expect(try await api.post("/hosts", #"{"address":"127.0.0.6"}"#)["name"] == "127.0.0.6")
            let again = try await api.post("/hosts", #"{"address":"127.0.0.5"}"#)
            #expect(again.status == 409 && again.fields == ["address"])
        }
    }

    @Test("a reverse name that is taken or cannot be used gives way to the address")
    func unusableReverseNames() async throws {
        let lookUp: @Sendable (String) async -> String? = { $0.hasSuffix("9") ? "a/b" : "same.example" }
        try await TestAPI.running(reverseName: lookUp) {
            api async throws in
            #expect(try await api.post("/hosts", #"{"address":"127.0.0.1"}"#)["name"] == "same.example")
            #expect(try await api.post("/hosts", #"{"address":"127.0.0.2"}"#)["name"] == "127.0.0.2")
            #expect(try await api.post("/hosts", #"{"address":"127.0.0.9"}"#)["name"] == "127.0.0.9")
        }
    }

    @Test("a name server that says nothing delays a host by two seconds, no more")
    func silentNameServer() async throws {
        let lookUp: @Sendable (String) async -> String? = { _ in
            try? await Task.sleep(for: .seconds(600))
            return "late.example"
        }
        try await TestAPI.running(reverseName: lookUp) { api async throws in
            #expect(try await api.post("/hosts", #"{"address":"127.0.0.7"}"#)["name"] == "127.0.0.7")
        }
    }

    @Test(
        "a bad value is 422 with the field and the reason",
        arguments: [
            ("/hosts", #"{"name":"h","address":"300.1.1.1"}"#, "address"),
            ("/hosts", #"{"name":"h"}"#, "address"),
            ("/hosts", #"{"name":"a/b","address":"127.0.0.1"}"#, "name"),
            ("/hosts", #"{"name":"a\nb","address":"127.0.0.1"}"#, "name"),
            ("/hosts", #"{"name":"","address":"127.0.0.1"}"#, "name"),
            ("/hosts", #"{"name":"h","address":"127.0.0.1","suites":["nosuch"]}"#, "suites"),
            ("/hosts", #"{"name":"h","address":"127.0.0.1","subnet":"nosuch"}"#, "subnet"),
            ("/hosts", #"{"name":"h","address":"127.0.0.1","login":"-oProxyCommand=x"}"#, "login"),
            ("/plugins", #"{"name":"p","script":"check_x","arguments":"$NOSUCH$"}"#, "arguments"),
            ("/plugins", #"{"name":"p","script":"check_x","arguments":"$USER2$"}"#, "arguments"),
            ("/plugins", #"{"name":"p","script":"check_x","arguments":"'open"}"#, "arguments"),
            ("/plugins", #"{"name":"p","script":"../etc/passwd"}"#, "script"),
            ("/plugins", #"{"name":"p","script":"nosuch","runner":"builtin"}"#, "script"),
            (
                "/plugins", #"{"name":"p","script":"icmp","runner":"builtin","arguments":"--nosuch"}"#,
                "arguments"
            ),
            ("/plugins", #"{"name":"p","script":"x","runner":"telnet"}"#, "runner"),
            ("/subnets", #"{"name":"s","network":"192.0.2.1/24"}"#, "network"),
            ("/subnets", #"{"name":"s","network":"192.0.2.0"}"#, "network"),
            ("/subnets", #"{"name":"s","network":"192.0.2.0/33"}"#, "network"),
            ("/subnets", #"{"name":"s","network":"192.0.2.0/24","suite":"nosuch"}"#, "suite"),
            ("/suites", #"{"name":"s","plugins":["nosuch"]}"#, "plugins"),
            ("/suites", #"{"name":"s","hosts":["nosuch"]}"#, "hosts"),
            ("/suites", #"{"name":"s","colour":"red"}"#, "colour"),
        ])
    func badValues(path: String, body: String, field: String) async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.post(path, body)
            #expect(answer.status == 422, "\(answer.raw.text)")
            #expect(Set(answer.fields) == [field] && !answer.reason.isEmpty)
            #expect(try await api.get(path)["total"] == 0)
        }
    }

    @Test(
        "PP-B4: no interval below 1 s can be saved, by adding or by changing",
        arguments: ["0", "-5", "\"\"", "null", "1.5", "true", "99999999999"])
    func intervals(value: String) async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            let added = try await api.post("/plugins", #"{"name":"p","script":"x","interval":\#(value)}"#)
            let changed = try await api.patch("/plugins/load", #"{"interval":\#(value)}"#)
            #expect(added.status == 422 && added.fields == ["interval"])
            #expect(changed.status == 422 && changed.fields == ["interval"])
            #expect(try await api.get("/plugins/load")["interval"] == 30)
        }
    }

    @Test("PATCH replaces the lists given and leaves the others")
    func lists() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            _ = try await api.post("/plugins", #"{"name":"disk","script":"check_disk"}"#)
            let suite = try await api.patch("/suites/base", #"{"plugins":["disk"]}"#)
            #expect(suite["plugins"] == ["disk"] && suite["hosts"] == ["web1"])
            #expect(try await api.get("/plugins/load")["suites"] == .array([]))
            let host = try await api.patch("/hosts/web1", #"{"suites":[]}"#)
            #expect(host["suites"] == .array([]) && host["address"] == "127.0.0.1")
        }
    }

    @Test("null takes a host out of its subnet and a suite from a subnet, and is refused elsewhere")
    func nulls() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            _ = try await api.post("/subnets", #"{"name":"n","network":"127.0.0.0/24","suite":"base"}"#)
            #expect(try await api.patch("/hosts/web1", #"{"subnet":"n"}"#)["subnet"] == "n")
            #expect(try await api.patch("/hosts/web1", #"{"subnet":null}"#)["subnet"] == .null)
            #expect(try await api.patch("/subnets/n", #"{"suite":null}"#)["suite"] == .null)
            #expect(try await api.patch("/hosts/web1", #"{"name":null}"#).status == 422)
            #expect(try await api.patch("/hosts/web1", "{}").status == 200)
        }
    }

    @Test("every writable field can be changed to what it shows")
    func everyField() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            _ = try await api.post("/subnets", #"{"name":"n","network":"127.0.0.0/24","suite":"base"}"#)
            for path in ["/hosts/web1", "/plugins/load", "/suites/base", "/subnets/n"] {
                let before = try await api.get(path)
                #expect(try await api.patch(path, before.json.text()).json == before.json)
            }
        }
    }

    @Test("PP-B20: an empty list is 200")
    func emptyLists() async throws {
        try await TestAPI.running { api async throws in
            for path in ["/hosts", "/plugins", "/suites", "/subnets", "/status", "/schedule", "/workers"] {
                let answer = try await api.get(path)
                #expect(answer.status == 200 && answer.items.isEmpty && answer["total"] == 0)
            }
            #expect(try await api.get("/history").json == ["items": .array([]), "cursor": nil])
        }
    }
}
