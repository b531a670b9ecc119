import HTTPServer
import TestSupport
import Testing

@Suite("The HTTP listener")
struct ListenerTests {
    @Test("a request reaches the handler decoded, and its answer comes back")
    func echo() async throws {
        try await serving { request in
            let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
            return Response(
                207, headers: [("X-Kind", "echo")],
                body: Array("\(request.method) \(request.path) \(query) ".utf8) + request.body)
        } use: { port in
            let body = "{\"ä\":1}"
            let answer = await RawClient.send(
                "POST /a%20b/c%2Fd?x=1+2&y=%26&z HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)", port: port)
            #expect(answer.status == 207)
            #expect(answer.header("X-Kind") == "echo")
            #expect(answer.text == "POST [\"a b\", \"c/d\"] x=1 2;y=&;z= {\"ä\":1}")
        }
    }

    @Test("HEAD gets the headers and no body")
    func head() async throws {
        try await serving { _ in
            Response(200, body: Array("hello".utf8))
        } use: { port in
            let answer = await RawClient.get("/", port: port, method: "HEAD")
            #expect(answer.status == 200 && answer.header("Content-Length") == "5" && answer.body.isEmpty)
        }
    }

    @Test("a shared body comes whole to each who asks, and outlives the one who made it")
    func sharedBody() async throws {
        let text = String(repeating: "0123456789", count: 100_000)
        try await serving { _ in
            var response = Response(200)
            response.sharedBody = SharedBytes(Array(text.utf8))
            return response
        } use: { port in
            for _ in 0..<3 {
                let answer = await RawClient.get("/", port: port)
                #expect(answer.status == 200 && answer.text == text)
            }
        }
    }

    @Test("a chunked body is put together")
    func chunked() async throws {
        try await serving {
            Response(200, body: $0.body)
        } use: { port in
            let answer = await RawClient.send(
                "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", port: port)
            #expect(answer.text == "abcde")
        }
    }

    @Test(
        "a target that cannot be read is refused",
        arguments: ["/%", "/%4", "/%zz", "/?a=%", "/%00", "/%ff", "/?x=%c0%80", "/a\u{1}b"])
    func badTargets(target: String) async throws {
        try await serving { _ in
            Response(200)
        } use: { port in
            #expect(await RawClient.get(target, port: port).status == 400)
        }
    }

    @Test(
        "what is over a limit is refused",
        arguments: [(9000, 0, 0, 414), (10, 20000, 0, 431), (10, 10, 2_000_000, 413)])
    func limits(target: Int, header: Int, body: Int, status: Int) async throws {
        try await serving { _ in
            Response(200)
        } use: { port in
            let answer = await RawClient.send(
                "POST /\(String(repeating: "a", count: target)) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                    + "X-Long: \(String(repeating: "b", count: header))\r\nContent-Length: \(body)\r\n\r\n"
                    + String(repeating: "c", count: body), port: port)
            #expect(answer.status == status)
        }
    }

    @Test("a body of a gigabyte is refused before it is sent")
    func hugeBody() async throws {
        try await serving { _ in
            Response(200)
        } use: { port in
            let answer = await RawClient.send(
                "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1000000000\r\n\r\n",
                port: port)
            #expect(answer.status == 413)
        }
    }

    @Test("a handler past its deadline is answered for and cancelled")
    func deadline() async throws {
        var limits = HTTPListener.Limits()
        limits.handling = .milliseconds(10)
        try await serving(limits: limits) { _ in
            try? await Task.sleep(for: .seconds(600))
            return Response(200)
        } use: { port in
            let answer = await RawClient.get("/", port: port)
            #expect(answer.status == 503)
        }
    }

    @Test("many requests at once are all answered")
    func many() async throws {
        try await serving { request in
            await Task.yield()
            return Response(200, body: Array((request.path.last ?? "").utf8))
        } use: { port in
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask { await RawClient.get("/\(number)", port: port).text == "\(number)" }
                }
                for await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test("two requests on one connection are answered in their order")
    func pipelined() async throws {
        try await serving {
            Response(200, body: Array(($0.path.last ?? "").utf8))
        } use: { port in
            let answer = await RawClient.send(
                "GET /first HTTP/1.1\r\nHost: h\r\n\r\n"
                    + "GET /second HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: port)
            #expect(answer.text.hasPrefix("first") && answer.text.hasSuffix("second"))
        }
    }

    @Test("a handler that waits holds up no other")
    func slowHandler() async throws {
        let gate = AsyncStream<Void>.makeStream()
        try await serving { request in
            guard request.path == ["slow"] else { return Response(200) }
            for await _ in gate.stream { break }
            return Response(201)
        } use: { port in
            async let slow = RawClient.get("/slow", port: port)
            for _ in 0..<20 { #expect(await RawClient.get("/", port: port).status == 200) }
            gate.continuation.yield()
            #expect(await slow.status == 201)
        }
    }

    @Test("stopping answers what is under way, and frees the port")
    func stopping() async throws {
        let address = try ListenAddress("127.0.0.1:0")
        let started = AsyncStream<Void>.makeStream()
        let listener = HTTPListener(listen: address, refusal: refuse) { _ in
            started.continuation.yield()
            try? await Task.sleep(for: .seconds(600))
            return Response(200)
        }
        try listener.start()
        let port = listener.port
        async let answer = RawClient.get("/", port: port)
        for await _ in started.stream { break }
        await listener.stop(grace: .milliseconds(1))
        #expect(await answer.status == 503)
        let next = HTTPListener(listen: try ListenAddress("127.0.0.1:\(port)"), refusal: refuse) { _ in
            Response(200)
        }
        try next.start()
        await next.stop()
    }

    @Test("IPv6 is served")
    func version6() async throws {
        let listener = HTTPListener(listen: try ListenAddress("[::1]:0"), refusal: refuse) { _ in
            Response(204)
        }
        try listener.start()
        let answer = await RawClient.send(
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", port: listener.port, isIPv6: true)
        #expect(answer.status == 204)
        await listener.stop()
    }

    @Test("an address in use is named with what to do")
    func addressInUse() async throws {
        try await serving { _ in
            Response(200)
        } use: { port in
            let second = HTTPListener(listen: try ListenAddress("127.0.0.1:\(port)"), refusal: refuse) { _ in
                Response(200)
            }
            #expect(
                throws: HTTPServerError(
                    "cannot listen on 127.0.0.1:\(port): address already in use; stop the program that uses the "
                        + "port (ss -ltnp shows it), or set another port")
            ) { try second.start() }
        }
    }

    @Test(
        "an address that is none is refused",
        arguments: [
            "", "8420", "127.0.0.1", "127.0.0.1:70000", "::1:80", "[127.0.0.1]:80", "web:80", "[::1]",
        ])
    func badAddresses(text: String) {
        #expect(throws: HTTPServerError.self) { try ListenAddress(text) }
    }

    @Test(
        "bytes that are no request do no harm",
        arguments: ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\r\n\r\n\r\n"])
    func garbage(text: String) async throws {
        try await serving { _ in
            Response(200)
        } use: { port in
            _ = await RawClient.send(text + "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", port: port)
            #expect(await RawClient.get("/", port: port).status == 200)
        }
    }

}

private let refuse: HTTPListener.Refusal = { Response($0, body: Array($1.utf8)) }

/// Serves with `handler` on a free port while `body` runs.
func serving(
    limits: HTTPListener.Limits = .init(), _ handler: @escaping HTTPListener.Handler,
    use body: (Int) async throws -> Void
) async throws {
    let listener = HTTPListener(
        listen: try ListenAddress("127.0.0.1:0"), limits: limits, refusal: refuse, handler: handler)
    try listener.start()
    try await body(listener.port)
    await listener.stop()
}
