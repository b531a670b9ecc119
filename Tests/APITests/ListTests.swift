import JSON
import Model
import Testing

@Suite("Lists over the API")
struct ListTests {
    @Test("PP-B17: pages are parts of one stable order, with the right total on each")
    func paging() async throws {
        try await TestAPI.running { api async throws in
            _ = try await api.post("/suites", #"{"name":"s"}"#)
            for number in 1...7 {
                _ = try await api.post(
                    "/hosts", #"{"name":"h\#(number)","address":"127.0.0.\#(number)","suites":["s"]}"#)
            }
            _ = try await api.post("/plugins", #"{"name":"p1","script":"x","suites":["s"]}"#)
            _ = try await api.post("/plugins", #"{"name":"p2","script":"x","suites":["s"]}"#)
            var names: [String] = []
            for page in 1...4 {
                let answer = try await api.get("/hosts?suite=s&per_page=3&page=\(page)")
                #expect(answer.status == 200 && answer["total"] == 7)
                names += answer.items.compactMap { $0["name"]?.asString }
            }
            #expect(names == (1...7).map { "h\($0)" })
            #expect(try await api.get("/status?state=pending&per_page=5&page=3").items.count == 4)
            #expect(try await api.get("/status?state=pending,ok&page=9")["total"] == 14)
            #expect(try await api.get("/hosts?page=1000000000000").items.isEmpty)
        }
    }

    @Test("lists are sorted by a field, both ways")
    func sorting() async throws {
        try await TestAPI.running { api async throws in
            for (name, address) in [("a", "127.0.0.3"), ("b", "127.0.0.2"), ("c", "127.0.0.1")] {
                _ = try await api.post("/hosts", #"{"name":"\#(name)","address":"\#(address)"}"#)
            }
            func names(_ query: String) async throws -> [String] {
                try await api.get("/hosts" + query).items.compactMap { $0["name"]?.asString }
            }
            #expect(try await names("") == ["a", "b", "c"])
            #expect(try await names("?sort=-name") == ["c", "b", "a"])
            #expect(try await names("?sort=address") == ["c", "b", "a"])
        }
    }

    @Test(
        "filters let through what they say",
        arguments: [
            ("search=WEB", ["web1"]), ("search=127.0.0.2", ["db1"]), ("maintenance=true", ["db1"]),
            ("suite=s", ["web1"]), ("label=role=db", ["db1"]), ("label=role%3Ddb", ["db1"]),
            ("search=zzz", []),
        ])
    func filters(query: String, names: [String]) async throws {
        try await TestAPI.running { api async throws in
            _ = try await api.post("/suites", #"{"name":"s"}"#)
            _ = try await api.post("/hosts", #"{"name":"web1","address":"127.0.0.1","suites":["s"]}"#)
            _ = try await api.post(
                "/hosts",
                #"{"name":"db1","address":"127.0.0.2","maintenance":true,"labels":{"role":"db"}}"#)
            let answer = try await api.get("/hosts?" + query)
            #expect(answer.items.compactMap { $0["name"]?.asString } == names)
        }
    }

    @Test(
        "a parameter that does not fit is 422 with its name",
        arguments: [
            ("/hosts?page=0", "page"), ("/hosts?page=-1", "page"), ("/hosts?page=abc", "page"),
            ("/hosts?per_page=1001", "per_page"), ("/hosts?per_page=0", "per_page"),
            ("/hosts?sort=nosuch", "sort"), ("/hosts?sort=--name", "sort"), ("/hosts?nam=x", "nam"),
            ("/hosts?page=1&page=2", "page"), ("/hosts?label=x", "label"), ("/status?state=bad", "state"),
            ("/status?state=ok,bad", "state"), ("/history?from=yesterday", "from"),
            ("/history?from=-1h&to=-2h", "from"), ("/history?limit=0", "limit"),
            ("/history?limit=1001", "limit"), ("/history?cursor=nosuch", "cursor"),
            ("/statistics/global?from=-1h&to=-2h", "from"), ("/statistics/global?points=1", "points"),
            ("/statistics/global?series=nosuch", "series"), ("/graphs/global.png?width=1", "width"),
            ("/graphs/global.png?height=100000", "height"), ("/graphs/global.png?series=a,b", "series"),
            ("/hosts/x?page=1", "page"), ("/health?x=1", "x"),
        ])
    func badQueries(path: String, field: String) async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.get(path)
            #expect(answer.status == 422 && answer.fields == [field], "\(answer.raw.text)")
        }
    }

    @Test("history is read to its end by cursors, newest first")
    func history() async throws {
        try await TestAPI.running { api async throws in
            try await api.addExample()
            for number in 0..<7 {
                try await api.record(
                    output: PluginOutput(text: "\(number)"), due: TestAPI.now + .seconds(number))
            }
            var outputs: [String] = []
            var cursor: String?
            repeat {
                let answer = try await api.get("/history?limit=3" + (cursor.map { "&cursor=\($0)" } ?? ""))
                #expect(answer.status == 200)
                outputs += answer.items.compactMap { $0["output"]?.asString }
                cursor = answer["cursor"]?.asString
            } while cursor != nil
            #expect(outputs == (0..<7).reversed().map { "\($0)" })
            let from = (TestAPI.now + .seconds(5)).rfc3339
            #expect(try await api.get("/history?host=web1&from=\(from)").items.count == 2)
            #expect(try await api.get("/history?host=other").items.isEmpty)
        }
    }
}
