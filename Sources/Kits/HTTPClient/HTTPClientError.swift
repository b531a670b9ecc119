import CCurl

/// Why no answer came.
package struct HTTPClientError: Error, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// Nobody listens there, or no way leads there.
        case refused
        case timeout
        /// The name has no address.
        case resolve
        case tls
        /// The answer is larger than the request's limit.
        case tooLarge
        /// The URL or a header cannot be used.
        case badRequest
        case other
    }

    package let kind: Kind
    /// libcurl's number (libcurl-errors(3)); 0 when it comes from here.
    package let code: Int
    package let url: String
    /// What libcurl says of it.
    package let detail: String

    package init(kind: Kind, code: Int = 0, url: String, detail: String) {
        self.kind = kind
        self.code = code
        self.url = url
        self.detail = detail
    }

    /// One sentence: what was tried, on what, and why it failed.
    package var description: String {
        switch kind {
        case .refused: "cannot connect to \(url): \(detail)"
        case .timeout: "\(url) did not answer in time: \(detail)"
        case .resolve: "cannot find the address of \(url): \(detail)"
        case .tls: "cannot set up an encrypted connection to \(url): \(detail)"
        case .tooLarge: "the answer of \(url) is too large: \(detail)"
        case .badRequest: "cannot ask \(url): \(detail)"
        case .other: "asking \(url) failed: \(detail)"
        }
    }

    /// The only place where a libcurl code becomes a Swift error.
    init(code: CURLcode, url: String, detail: String) {
        let said = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
        self.init(kind: Self.kind(of: code), code: Int(code.rawValue), url: url, detail: said)
    }

    private static func kind(of code: CURLcode) -> Kind {
        switch code {
        case CURLE_COULDNT_CONNECT: .refused
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_USE_SSL_FAILED:
            .tls
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT: .badRequest
        default: .other
        }
    }
}
