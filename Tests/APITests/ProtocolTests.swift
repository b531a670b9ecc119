import APIContract
import JSON
import Testing

@Suite("The API's protocol")
struct ProtocolTests {
    @Test("PP-B12: every call but health needs the token, in either scheme")
    func tokens() async throws {
        try await TestAPI.running { api async throws in
            for endpoint in Endpoint.all {
                let path = try #require(endpoint.path(["name": "x", "id": "1"]))
                let without = try await api.send(endpoint.method.rawValue, "/" + path, "{}", token: nil)
                #expect((without.status == 401) == endpoint.needsToken, "\(endpoint.id)")
                guard endpoint.needsToken else { continue }
                #expect(without.raw.header("WWW-Authenticate") == "Bearer realm=\"ppalette\"")
                #expect(without["status"] == 401)
                let with = try await api.send(endpoint.method.rawValue, "/" + path, "{}")
                #expect(
                    with.status != 401 && with.status < 500 || endpoint.id == .globalGraph, "\(endpoint.id)")
            }
            let scheme = "Authorization: token \(TestAPI.token)\r\n"
            #expect(try await api.send("GET", "/hosts", token: nil, headers: scheme).status == 200)
        }
    }

    @Test("PP-B12: a wrong token is refused, also where none is needed", arguments: ["/hosts", "/health"])
    func wrongTokens(path: String) async throws {
        try await TestAPI.running { api async throws in
            for header in ["Bearer wrong", "Bearer ", "Basic eDp5", "Bearer", "\(TestAPI.token)"] {
                let answer = try await api.send(
                    "GET", path, token: nil, headers: "Authorization: \(header)\r\n")
                #expect(answer.status == 401, "\(header)")
                #expect(answer.raw.header("WWW-Authenticate") != nil)
                #expect(!answer.raw.text.contains(TestAPI.token))
            }
        }
    }

    @Test(
        "unknown paths are 404 problems",
        arguments: [
            "//", "//api", "//api/v1", "/nosuch", "/hosts/", "//api/v1//hosts", "/hosts/a/b",
            "//api/v2/hosts", "//favicon.ico",
        ])
    func unknownPaths(path: String) async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.get(path)
            #expect(answer.status == 404 && answer["title"] == "Not found" && answer["type"] == "about:blank")
            #expect(answer.raw.header("Content-Type") == "application/problem+json")
        }
    }

    @Test(
        "PP-B12: nothing changes by GET, and other methods are named",
        arguments: [
            ("PUT", "/hosts/x", "GET, PATCH, DELETE, HEAD"), ("DELETE", "/hosts", "GET, POST, HEAD"),
            ("GET", "/checks", "POST"), ("POST", "/status", "GET, HEAD"), ("OPTIONS", "/health", "GET, HEAD"),
            ("GET", "/subnets/x/discoveries", "POST"), ("BREW", "/hosts", "GET, POST, HEAD"),
        ])
    func methods(method: String, path: String, allowed: String) async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.send(method, path)
            #expect(answer.status == 405 && answer.raw.header("Allow") == allowed)
        }
    }

    @Test("HEAD answers like GET, without the body")
    func head() async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.send("HEAD", "/hosts")
            #expect(answer.status == 200 && answer.raw.body.isEmpty)
            #expect(try await api.send("HEAD", "/hosts/x").status == 404)
        }
    }

    @Test(
        "broken JSON is 400 with its place",
        arguments: [
            ("{", "line 1, column 2"), ("{\"name\":\n ?}", "line 2, column 2"), ("", "empty"),
            ("{\"a\":1,\"a\":2}", "twice"), ("nul", "line 1"),
        ])
    func brokenJSON(body: String, part: String) async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.post("/suites", body)
            #expect(answer.status == 400 && answer["detail"]?.asString?.contains(part) == true)
        }
    }

    @Test("JSON nested without end is 400")
    func deepJSON() async throws {
        try await TestAPI.running { api async throws in
            let body = String(repeating: "[", count: 100_000)
            #expect(try await api.post("/suites", body).status == 400)
        }
    }

    @Test("a body of another type is 415, JSON with parameters is not")
    func types() async throws {
        try await TestAPI.running { api async throws in
            for type in [
                "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
            ] {
                #expect(try await api.send("POST", "/suites", #"{"name":"a"}"#, type: type).status == 415)
            }
            let good = try await api.send(
                "POST", "/suites", #"{"name":"a"}"#, type: "Application/JSON; charset=utf-8")
            #expect(good.status == 201)
            #expect(try await api.send("POST", "/suites", #"{"name":"b"}"#, type: nil).status == 201)
        }
    }

    @Test("a body over 1 MiB is 413, one just below is read")
    func large() async throws {
        try await TestAPI.running { api async throws in
            let long = String(repeating: "x", count: 1 << 20)
            #expect(try await api.post("/suites", #"{"name":"\#(long)"}"#).status == 413)
            let below = try await api.post("/suites", #"{"name":"\#(long.dropLast(100))"}"#)
            #expect(below.status == 422 && below.raw.body.count < 1000)
        }
    }

    @Test("the served document describes every path that is served")
    func document() async throws {
        try await TestAPI.running { api async throws in
            let document = try await api.get("/openapi.json")
            #expect(document.status == 200 && document["info"]?["version"] == "9.9")
            let paths = try #require(document["paths"]?.asObject)
            for path in paths {
                let parts = path.name.split(separator: "/").map { part in
                    part.hasPrefix("{") ? "x" + part.drop { $0 != "}" }.dropFirst() : part
                }
                let target = "//" + parts.joined(separator: "/")
                for method in path.value.asObject ?? [] {
                    let answer = try await api.send(method.name.uppercased(), target, "{}")
                    #expect(
                        answer.status != 405
                            && answer["detail"]?.asString?.contains("nothing at this path") != true)
                }
                #expect(try await api.send("BREW", target).status == 405)
            }
        }
    }
}
