package import JSON

/// What an error answer carries (RFC 9457).
package struct Problem: Error, Sendable {
    package let status: Int
    /// A sentence for people: what was asked, why it is refused, what to do.
    package let detail: String
    package let errors: [FieldError]
    /// Headers that the answer needs, as `Allow`.
    package let headers: [(String, String)]

    package init(
        _ status: Int, _ detail: String, errors: [FieldError] = [], headers: [(String, String)] = []
    ) {
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers
    }

    package static let contentType = "application/problem+json"

    /// The short name of the kind of problem; the same for every problem with that status.
    package var title: String { Self.titles[status] ?? "Problem" }

    package static let titles: [Int: String] = [
        200: "OK", 201: "Created", 202: "Accepted", 204: "No content", 400: "Bad request",
        401: "Unauthorized", 403: "Forbidden", 404: "Not found", 405: "Method not allowed",
        408: "Request timeout", 409: "Conflict", 413: "Content too large", 414: "URI too long",
        415: "Unsupported media type", 422: "Invalid values", 431: "Header fields too large",
        500: "Internal error", 503: "Not available",
    ]

    /// The object that is sent; `errors` is there for invalid values only.
    package var json: JSONValue {
        var members = [
            JSONMember("type", "about:blank"), JSONMember("title", .string(title)),
            JSONMember("status", .integer(Int64(status))), JSONMember("detail", .string(detail)),
        ]
        if !errors.isEmpty { members.append(JSONMember("errors", .array(errors.map(Self.json)))) }
        return .object(members)
    }

    private static func json(_ error: FieldError) -> JSONValue {
        var members = [
            JSONMember("field", .string(error.field)), JSONMember("reason", .string(error.reason)),
        ]
        if let value = error.value { members.append(JSONMember("value", value)) }
        return .object(members)
    }
}
