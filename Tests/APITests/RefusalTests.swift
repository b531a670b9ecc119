import Model
import Testing

@Suite("Refusals over the API")
struct RefusalTests {
    @Test("a local plugin whose script is in no folder is refused, one of another runner is not")
    func missingScript() async throws {
        let refusal: @Sendable (String) -> String? = { $0 == "check_nosuch" ? "is in no plugin folder" : nil }
        try await TestAPI.running(scriptRefusal: refusal) { api async throws in
            let added = try await api.post("/plugins", #"{"name":"p","script":"check_nosuch"}"#)
            #expect(
                added.status == 422 && added.fields == ["script"] && added.reason.contains("no plugin folder")
            )
            #expect(try await api.get("/plugins/p").status == 404)

            let remote = #"{"name":"p","script":"check_nosuch","runner":"ssh"}"#
            #expect(try await api.post("/plugins", remote).status == 201)
            #expect(try await api.patch("/plugins/p", #"{"runner":"local"}"#).status == 422)
            #expect(try await api.get("/plugins/p")["runner"] == "ssh")
            #expect(
                try await api.patch("/plugins/p", #"{"runner":"local","script":"check_x"}"#).status == 200)
            #expect(try await api.patch("/plugins/p", #"{"script":"check_nosuch"}"#).fields == ["script"])
            #expect(try await api.patch("/plugins/p", #"{"interval":9}"#).status == 200)
        }
    }

    @Test(
        "names that look like others or break a table are refused",
        arguments: [#"a\u2028b"#, #"a\u2029b"#, #"\u202eabc"#, #"a\u2066b"#, #"\ufeff"#])
    func unseen(name: String) async throws {
        try await TestAPI.running { api async throws in
            #expect(try await api.post("/suites", #"{"name":"\#(name)"}"#).fields == ["name"])
            #expect(try await api.get("/suites")["total"] == 0)
        }
    }

    @Test("a network that is too large to sweep is refused when a sweep is asked for, with nothing begun")
    func largeSweep() async throws {
        try await TestAPI.running { api async throws in
            for network in ["127.0.0.0/8", "fd00::/64"] {
                _ = try await api.post("/subnets", #"{"name":"n","network":"\#(network)"}"#)
                let answer = try await api.post("/subnets/n/discoveries")
                #expect(answer.status == 422 && answer.fields == ["network"])
                #expect(answer.reason.contains(network))
                #expect(try await api.get("/discoveries/1").status == 404)
                #expect(try await api.delete("/subnets/n").status == 204)
            }
        }
    }

    @Test("an empty parameter is told as empty")
    func emptyParameter() async throws {
        try await TestAPI.running { api async throws in
            #expect(try await api.get("/status?host=").reason == "is empty; give a string")
            #expect(try await api.get("/hosts?page=").reason == "is empty; give an integer of at least 1")
        }
    }

    @Test("a graph of statistics that are not there yet is not found, it is no failure of the server")
    func earlyGraph() async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.get("/graphs/global.png")
            #expect(answer.status == 404)
            #expect(answer["detail"]?.asString?.contains("no statistics yet") == true)
        }
    }

    @Test("a time copied from an answer finds its own row, as beginning and as end")
    func copiedTime() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            try await api.record(output: PluginOutput(text: "x"), due: TestAPI.now + .microseconds(123_456))
            let shown = try #require(try await api.get("/history").items.first?["scheduled_at"]?.asString)
            #expect(shown.hasSuffix(".123Z"))
            #expect(try await api.get("/history?from=\(shown)").items.count == 1)
            #expect(try await api.get("/history?to=\(shown)").items.count == 1)
        }
    }
}
