import Foundation
import HTTPClient
import HTTPServer
import Testing

/// The client against our own listener; each call blocks, so it runs on a thread of its own.
@Suite("The HTTP client")
struct HTTPClientTests {
    private func ask(_ request: HTTPRequest) async -> Result<HTTPResponse, HTTPClientError> {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                do throws(HTTPClientError) {
                    continuation.resume(returning: .success(try HTTPClient().send(request)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }

    private func failure(_ request: HTTPRequest) async -> HTTPClientError.Kind? {
        guard case .failure(let error) = await ask(request) else { return nil }
        return error.kind
    }

    @Test("method, headers and body arrive, and status, headers and body come back")
    func roundTrip() async throws {
        try await serving { request in
            let seen = "\(request.method) \(request.header("x-one") ?? "-") "
            return Response(201, headers: [("X-Two", "2")], body: Array(seen.utf8) + request.body)
        } use: { port in
            let request = HTTPRequest(
                method: "PATCH", url: "http://127.0.0.1:\(port)/a", headers: [(name: "X-One", value: "1")],
                body: Array("body".utf8))
            let response = try await ask(request).get()
            #expect(response.status == 201)
            #expect(response.header("x-two") == "2")
            #expect(response.text == "PATCH 1 body")
        }
    }

    @Test("an answer above the limit is given up")
    func limit() async throws {
        try await serving { _ in
            Response(200, body: [UInt8](repeating: 65, count: 100_000))
        } use: { port in
            let request = HTTPRequest(url: "http://127.0.0.1:\(port)/", responseLimit: 50_000)
            #expect(await failure(request) == .tooLarge)
        }
    }

    @Test("a server that is silent is given up at the deadline")
    func deadline() async throws {
        try await serving { _ in
            try? await Task.sleep(for: .seconds(30))
            return Response(200)
        } use: { port in
            let request = HTTPRequest(url: "http://127.0.0.1:\(port)/", timeout: .milliseconds(300))
            #expect(await failure(request) == .timeout)
        }
    }

    @Test("nobody listening, no such name, no URL: each has its kind")
    func failures() async {
        #expect(await failure(HTTPRequest(url: "http://127.0.0.1:1/")) == .refused)
        #expect(await failure(HTTPRequest(url: "gopher://127.0.0.1/")) == .badRequest)
        let header = [(name: "X", value: "a\r\nInjected: b")]
        #expect(await failure(HTTPRequest(url: "http://127.0.0.1:1/", headers: header)) == .badRequest)
    }
}
