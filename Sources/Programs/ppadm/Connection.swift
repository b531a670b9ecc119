import APIContract
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

    /// Makes a call of the API and returns the JSON of its success; null when it has no body.
    func call(
        _ id: EndpointID, _ values: [String: String] = [:], query: [(name: String, value: String)] = [],
        body: JSONValue? = nil, timeout: Duration = .seconds(30)
    ) throws(Failure) -> JSONValue {
        let response = try send(id, values, query: query, body: body, timeout: timeout)
        return response.body.isEmpty ? .null : try json(of: response)
    }

    /// The bytes of a success, as of a picture.
    func bytes(
        _ id: EndpointID, _ values: [String: String], query: [(name: String, value: String)]
    ) throws(Failure) -> [UInt8] {
        try send(id, values, query: query, body: nil, timeout: .seconds(30)).body
    }

    private func send(
        _ id: EndpointID, _ values: [String: String], query: [(name: String, value: String)],
        body: JSONValue?, timeout: Duration
    ) throws(Failure) -> HTTPResponse {
        let endpoint = Endpoint.named(id)
        guard let path = endpoint.path(values) else { preconditionFailure("\(id) lacks a part of its path") }
        var headers = [(name: "Accept", value: "application/json, application/problem+json, */*")]
        if let token = settings.token { headers.append(("Authorization", "Bearer " + token)) }
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let parameters = query.isEmpty ? "" : "?" + PercentEncoding.query(query)
        let request = HTTPRequest(
            method: endpoint.method.rawValue, url: settings.url + path + parameters, headers: headers,
            body: body?.bytes(), timeout: timeout)
        let response: HTTPResponse
        do {
            response = try client.send(request)
        } catch {
            throw silence(error)
        }
        guard endpoint.success.contains(response.status) else { throw try refusal(response) }
        return response
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
        guard response.status == 401 else {
            return .refused(sentence: problem.sentence, fields: problem.fields)
        }
        let hint =
            settings.token == nil ? settings.tokenOrigin : "the token came from \(settings.tokenOrigin)"
        let advice = "name the right one with --token-file or PPADM_TOKEN"
        return .refused(sentence: "\(problem.sentence) (\(hint); \(advice))", fields: [])
    }

    private func stranger(_ what: String) -> Failure {
        .noConnection("\(settings.url) does not answer as a ppalette API does: \(what); check --url")
    }
}
