/// One call of the API: what it takes and what it gives, declared once.
package struct Endpoint: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// What a request carries.
    package enum Body: Sendable {
        case none
        /// A new object: required fields must be there, others have defaults.
        case create(Resource)
        /// The fields that change; null is for nullable fields only.
        case edit(Resource)
        /// These fields and no others.
        case fields(name: String, [Field])
    }

    /// What a success carries.
    package enum Response: Sendable {
        case none
        case object(Resource)
        /// `{"items", "total", "page", "per_page"}`.
        case page(Resource)
        /// `{"items", "cursor"}`.
        case cursorPage(Resource)
        /// `{"items"}`.
        case list(Resource)
        /// The OpenAPI document.
        case document
        /// Something other than JSON.
        case content(type: String)
    }

    package let id: EndpointID
    package let method: Method
    /// As `/api/v1/hosts/{name}`.
    package let path: String
    package let summary: String
    /// Parameters of the query; those of the path are in ``path``.
    package var query: [Field] = []
    package var body = Body.none
    package let response: Response
    /// The status codes of success; the first is the usual one.
    package var success = [200]
    package var needsToken = true
    /// Refusals beyond those that every call knows.
    package var refusals: [Int] = []

    /// Names between braces in the path, in order.
    package var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { part in
            String(part.dropFirst().prefix { $0 != "}" })
        }
    }

    /// The path with these values in the place of its parameters, percent-encoded; nil when one is missing.
    package func path(_ values: [String: String] = [:]) -> String? {
        var parts: [String] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            guard part.hasPrefix("{"), let end = part.firstIndex(of: "}") else {
                parts.append(String(part))
                continue
            }
            guard let value = values[String(part[part.index(after: part.startIndex)..<end])] else {
                return nil
            }
            parts.append(PercentEncoding.encode(value) + part[part.index(after: end)...])
        }
        return parts.joined(separator: "/")
    }

    /// Every call, in the order of the document.
    package static let all: [Endpoint] = collectionCalls + resultCalls + engineCalls

    /// The call with this id.
    package static func named(_ id: EndpointID) -> Endpoint {
        guard let endpoint = all.first(where: { $0.id == id }) else {
            preconditionFailure("no endpoint is declared for \(id)")
        }
        return endpoint
    }
}

/// Names every call; the server's handlers and the client's commands are chosen by it.
package enum EndpointID: String, Sendable, CaseIterable {
    case listHosts, addHost, getHost, editHost, deleteHost
    case listPlugins, addPlugin, getPlugin, editPlugin, deletePlugin
    case listSuites, addSuite, getSuite, editSuite, deleteSuite
    case listSubnets, addSubnet, getSubnet, editSubnet, deleteSubnet
    case listStatus, listHistory, runCheck, getCheck
    case runDiscovery, getDiscovery
    case listSchedule, listWorkers, listQueues
    case globalStatistics, workerStatistics, globalGraph, workerGraph
    case health, openAPI, metrics
}

/// The calls that every configured kind of object has.
package struct Collection: Sendable {
    package let resource: Resource
    package let list: EndpointID
    package let add: EndpointID
    package let get: EndpointID
    package let edit: EndpointID
    package let delete: EndpointID

    package static let all: [Collection] = [
        Collection(
            resource: .host, list: .listHosts, add: .addHost, get: .getHost, edit: .editHost,
            delete: .deleteHost),
        Collection(
            resource: .plugin, list: .listPlugins, add: .addPlugin, get: .getPlugin, edit: .editPlugin,
            delete: .deletePlugin),
        Collection(
            resource: .suite, list: .listSuites, add: .addSuite, get: .getSuite, edit: .editSuite,
            delete: .deleteSuite),
        Collection(
            resource: .subnet, list: .listSubnets, add: .addSubnet, get: .getSubnet, edit: .editSubnet,
            delete: .deleteSubnet),
    ]
}
