import APIContract
import HTTPServer
import JSON

/// Makes answers.
enum Answer {
    /// Nothing is to be kept or guessed by whatever lies between: answers hold what only this client may see.
    private static let always = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]

    static func json(_ status: Int, _ value: JSONValue, location: String? = nil) -> Response {
        bytes(status, value.bytes(), "application/json", location.map { [("Location", $0)] } ?? [])
    }

    static func json(_ status: Int, _ writer: JSONWriter, location: String? = nil) -> Response {
        bytes(status, writer.bytes, "application/json", location.map { [("Location", $0)] } ?? [])
    }

    /// JSON that is kept for further answers.
    static func json(_ body: SharedBytes) -> Response {
        var response = bytes(200, [], "application/json", [])
        response.sharedBody = body
        return response
    }

    static func problem(_ problem: Problem) -> Response {
        bytes(problem.status, problem.json.bytes(), Problem.contentType, problem.headers)
    }

    static func content(_ type: String, _ body: [UInt8]) -> Response { bytes(200, body, type, []) }

    static func nothing() -> Response { Response(204, headers: always) }

    private static func bytes(
        _ status: Int, _ body: [UInt8], _ type: String, _ headers: [(String, String)]
    ) -> Response {
        Response(status, headers: [("Content-Type", type)] + always + headers, body: body)
    }
}
