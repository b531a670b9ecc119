/// A request to one URL.
package struct HTTPRequest: Sendable {
    package var method: String
    package var url: String
    /// Name and value each; neither may hold a line break.
    package var headers: [(name: String, value: String)]
    /// Nothing is sent when nil.
    package var body: [UInt8]?
    /// Until the connection stands.
    package var connectTimeout: Duration
    /// Until the whole answer is there.
    package var timeout: Duration
    /// Bytes of body beyond which the answer is given up.
    package var responseLimit: Int

    package init(
        method: String = "GET", url: String, headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil, connectTimeout: Duration = .seconds(5), timeout: Duration = .seconds(30),
        responseLimit: Int = 64 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.timeout = timeout
        self.responseLimit = responseLimit
    }
}

/// An answer, whatever its status.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// In the order received, of the final answer only.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of this name, letter case ignored.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text; what is not UTF-8 is replaced.
    package var text: String { String(decoding: body, as: UTF8.self) }
}
