/// A request as it came, its path and query percent-decoded.
package struct Request: Sendable {
    /// As "GET", letter case as sent.
    package let method: String
    /// The parts between the slashes of the path, each decoded: a slash in a part was written as %2F.
    package let path: [String]
    /// Pairs of the query in their order, decoded; a plus sign is a space.
    package let query: [(name: String, value: String)]
    /// Names in lower case.
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package init(
        method: String, path: [String], query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header with this name, given in lower case.
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// An answer; length and date are added when it is sent, and its body is left out for HEAD.
package struct Response: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// A body that other answers send too; it goes in the place of ``body``.
    package var sharedBody: SharedBytes?

    package init(_ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why a server cannot serve: a sentence with what was tried, on what, why it failed and what to do.
package struct HTTPServerError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
