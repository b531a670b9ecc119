import APIContract
import HTTPServer
import JSON
import Log
import Model

/// One request, checked against the declaration of its call.
struct Call: Sendable {
    let endpoint: Endpoint
    /// Parameters of the path by name.
    let path: [String: String]
    let query: QueryValues
    /// Empty for calls that take none.
    let body: RequestBody
    /// Whether a valid token came with it.
    let isKnown: Bool
    let now: Timestamp

    /// The name of the object in the path.
    var name: String { path["name"] ?? "" }
}

/// Answers requests: finds the call, checks token, query and body, and hands over to the call's handler.
struct Service: Sendable {
    let parts: APIServer.Parts
    let log: Log
    let router = Router()
    let gate: Gate
    let statusPages = StatusPages()

    init(parts: APIServer.Parts, log: Log) {
        self.parts = parts
        self.log = log
        gate = Gate(token: parts.token)
    }

    func answer(_ request: Request) async -> Response {
        do throws(Problem) {
            return try await handle(try await call(for: request))
        } catch {
            if error.status >= 500 {
                log.error("a request failed", ["method": request.method, "detail": error.detail])
            }
            return Answer.problem(error)
        }
    }

    private func call(for request: Request) async throws(Problem) -> Call {
        let method = request.method == "HEAD" ? "GET" : request.method
        let (endpoint, path) = try router.find(method, request.path)
        let isKnown = try await gate.isKnown(request, needsToken: endpoint.needsToken)
        let now = parts.now()
        let query = try valid { () throws(InvalidValues) in
            try QueryValues(request.query, for: endpoint.query, now: now)
        }
        let body = try body(of: request, endpoint)
        return Call(endpoint: endpoint, path: path, query: query, body: body, isKnown: isKnown, now: now)
    }

    private func body(of request: Request, _ endpoint: Endpoint) throws(Problem) -> RequestBody {
        if case .none = endpoint.body { return RequestBody() }
        if let type = request.header("content-type"), !isJSON(type) {
            throw Problem(
                415, "the body is \(type.prefix(100)); send JSON with Content-Type: application/json")
        }
        guard !request.body.isEmpty else { throw Problem(400, "the body is empty; send a JSON object") }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: request.body)
        } catch {
            throw Problem(400, "the body is not JSON: \(error)")
        }
        return try valid { () throws(InvalidValues) in try RequestBody(value, for: endpoint.body) }
    }

    private func isJSON(_ type: String) -> Bool {
        let name = type.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
        return name == "application/json" || name == "application/merge-patch+json"
    }
}
