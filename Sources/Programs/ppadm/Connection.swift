import CommandLine
import HTTPClient
import JSON

/// The way to the API: builds requests, turns refusals and silence into failures.
final class Connection {
    let settings: Settings
    private let client: HTTPClient

    init(_ settings: Settings) throws(Failure) {
        self.settings = settings
        do throws(HTTPClientError) {
            client = try HTTPClient(userAgent: "ppadm")
        } catch {
            throw .local(error.description)
        }
    }

    /// Sends a request below `/api/v1` and returns the JSON of a successful answer; null when it has no body.
    func ask(
        _ method: String, _ path: [String], query: [(String, String)] = [], body: JSONValue? = nil,
        timeout: Duration = .seconds(30)
    ) throws(Failure) -> JSONValue {
        let response = try send(method, path, query: query, body: body, timeout: timeout)
        return response.body.isEmpty ? .null : try json(of: response)
    }

    /// The bytes of a successful answer, as of a picture.
    func bytes(_ path: [String], query: [(String, String)]) throws(Failure) -> [UInt8] {
        try send("GET", path, query: query, body: nil, timeout: .seconds(30)).body
    }

    private func send(
        _ method: String, _ path: [String], query: [(String, String)], body: JSONValue?, timeout: Duration
    ) throws(Failure) -> HTTPResponse {
        var headers = [(name: "Accept", value: "application/json, image/png")]
        if let token = settings.token { headers.append(("Authorization", "Bearer " + token)) }
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let request = HTTPRequest(
            method: method, url: url(path, query), headers: headers, body: body?.bytes(), timeout: timeout)
        let response: HTTPResponse
        do {
            response = try client.send(request)
        } catch {
            throw silence(error)
        }
        guard (200..<300).contains(response.status) else { throw try refusal(response) }
        return response
    }

    private func url(_ path: [String], _ query: [(String, String)]) -> String {
        let base = ([settings.url, "api", "v1"] + path.map(Self.encoded)).joined(separator: "/")
        let pairs = query.map { Self.encoded($0.0) + "=" + Self.encoded($0.1) }
        return pairs.isEmpty ? base : base + "?" + pairs.joined(separator: "&")
    }

    /// Percent-encodes all but the unreserved characters of RFC 3986; a dot alone too, so that no path is climbed.
    static func encoded(_ text: String) -> String {
        let dots = text.allSatisfy { $0 == "." }
        var result = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            let isPlain = byte < 0x80 && (scalar.properties.isAlphabetic || (0x30...0x39).contains(byte))
            if isPlain || ("-_~".unicodeScalars.contains(scalar)) || (scalar == "." && !dots) {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }

    private func silence(_ error: HTTPClientError) -> Failure {
        let url = settings.url
        let sentence =
            switch error.kind {
            case .refused:
                "no connection to \(url): nothing listens there; start the engine with 'ppalette run' "
                    + "(systemctl start ppalette) or name another address with --url"
            case .timeout: "no answer from \(url) in time; see whether the engine there is well, or try again"
            case .resolve: "no connection to \(url): the name has no address; check --url"
            case .tls: "no encrypted connection to \(url): \(error.detail); check the certificate or --url"
            default: error.description
            }
        return .noConnection(sentence)
    }

    private func json(of response: HTTPResponse) throws(Failure) -> JSONValue {
        do {
            return try JSONValue(parsing: response.body)
        } catch {
            throw stranger("its answer is not JSON (\(error))")
        }
    }

    /// What an answer of status 300 and above means.
    private func refusal(_ response: HTTPResponse) throws(Failure) -> Failure {
        let type = response.header("Content-Type") ?? "nothing"
        guard type.hasPrefix("application/problem+json") else {
            let target = response.header("Location").map { " to \($0)" } ?? ""
            return stranger("status \(response.status)\(target) with \(type)")
        }
        let problem = Problem(try json(of: response), status: response.status)
        guard response.status == 401 else { return .refused(sentence: problem.sentence, fields: problem.fields) }
        let hint = settings.token == nil ? settings.tokenOrigin : "the token came from \(settings.tokenOrigin)"
        let advice = "name the right one with --token-file or PPADM_TOKEN"
        return .refused(sentence: "\(problem.sentence) (\(hint); \(advice))", fields: [])
    }

    private func stranger(_ what: String) -> Failure {
        .noConnection("\(settings.url) does not answer as a ppalette API does: \(what); check --url")
    }
}
