import APIContract

/// Finds the call that a method and a path mean.
struct Router: Sendable {
    private enum Part: Sendable {
        case literal(String)
        /// A parameter, with what follows it: `{name}.png`.
        case parameter(String, suffix: String)
    }

    private struct Route: Sendable {
        let parts: [Part]
        let endpoint: Endpoint

        func match(_ path: [String]) -> [String: String]? {
            guard path.count == parts.count else { return nil }
            var values: [String: String] = [:]
            for (text, part) in zip(path, parts) {
                switch part {
                case .literal(let literal):
                    guard text == literal else { return nil }
                case .parameter(let name, let suffix):
                    guard text.hasSuffix(suffix), text.utf8.count > suffix.utf8.count else { return nil }
                    values[name] = String(text.dropLast(suffix.count))
                }
            }
            return values
        }
    }

    private let routes: [Route] = Endpoint.all.map { endpoint in
        Route(parts: Self.parts(endpoint.path), endpoint: endpoint)
    }

    /// The call with the parameters of its path; throws 404 for an unknown path and 405 for another method.
    func find(_ method: String, _ path: [String]) throws(Problem) -> (Endpoint, [String: String]) {
        var methods: [String] = []
        for route in routes {
            guard let values = route.match(path) else { continue }
            if route.endpoint.method.rawValue == method { return (route.endpoint, values) }
            methods.append(route.endpoint.method.rawValue)
        }
        guard !methods.isEmpty else {
            throw Problem(
                404, "there is nothing at this path; \(Endpoint.root)/openapi.json lists every path")
        }
        if methods.contains("GET") { methods.append("HEAD") }
        let list = methods.joined(separator: ", ")
        throw Problem(405, "the method is not allowed here; allowed: \(list)", headers: [("Allow", list)])
    }

    private static func parts(_ path: String) -> [Part] {
        path.split(separator: "/").map { part in
            guard part.hasPrefix("{"), let end = part.firstIndex(of: "}") else {
                return .literal(String(part))
            }
            let name = part[part.index(after: part.startIndex)..<end]
            return .parameter(String(name), suffix: String(part[part.index(after: end)...]))
        }
    }
}
