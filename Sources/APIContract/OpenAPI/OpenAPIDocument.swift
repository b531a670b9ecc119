package import JSON

/// The OpenAPI 3.1 description of the whole API, made from the declarations.
package enum OpenAPIDocument {
    /// Makes the document; `version` is the engine's.
    package static func make(version: String) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "ppalette", "version": .string(version),
                "description":
                    "Runs nagios-style checks. Errors are RFC 9457 problems; times are RFC 3339, UTC.",
                "license": ["name": "LGPL-2.1-or-later", "identifier": "LGPL-2.1-or-later"],
            ],
            "servers": [["url": "/"]],
            "security": [["token": .array([])]],
            "paths": paths,
            "components": [
                "securitySchemes": [
                    "token": [
                        "type": "http", "scheme": "bearer",
                        "description":
                            "The token of <state-dir>/admin.token; the scheme Token is accepted too.",
                    ]
                ],
                "responses": responses,
                "schemas": Schemas.all,
            ],
        ]
    }

    private static var paths: JSONValue {
        var names: [String] = []
        var items: [String: [JSONMember]] = [:]
        for endpoint in Endpoint.all {
            if items[endpoint.path] == nil { names.append(endpoint.path) }
            let member = JSONMember(endpoint.method.rawValue.lowercased(), operation(endpoint))
            items[endpoint.path, default: []].append(member)
        }
        return .object(names.map { JSONMember($0, .object(items[$0] ?? [])) })
    }

    private static func operation(_ endpoint: Endpoint) -> JSONValue {
        var members = [
            JSONMember("operationId", .string(endpoint.id.rawValue)),
            JSONMember("summary", .string(endpoint.summary)),
        ]
        if !endpoint.needsToken {
            members.append(JSONMember("security", [["token": .array([])], .object([])]))
        }
        let parameters =
            endpoint.pathParameters.map { pathParameter($0) } + endpoint.query.map { parameter($0) }
        if !parameters.isEmpty { members.append(JSONMember("parameters", .array(parameters))) }
        if let name = Schemas.bodyName(endpoint.body) {
            let content: JSONValue = ["application/json": ["schema": Schemas.reference(name)]]
            members.append(JSONMember("requestBody", ["required": true, "content": content]))
        }
        members.append(JSONMember("responses", responses(of: endpoint)))
        return .object(members)
    }

    private static func pathParameter(_ name: String) -> JSONValue {
        [
            "name": .string(name), "in": "path", "required": true,
            "schema": ["type": "string", "minLength": 1],
        ]
    }

    private static func parameter(_ field: Field) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("name", .string(field.name)), JSONMember("in", "query"),
            JSONMember("description", .string(field.help)),
            JSONMember("schema", Schemas.parameter(field)),
        ]
        if field.kind == .strings {
            members += [JSONMember("style", "form"), JSONMember("explode", false)]
        }
        return .object(members)
    }

    /// What a call answers, refusals included.
    private static func responses(of endpoint: Endpoint) -> JSONValue {
        var members = endpoint.success.map { code -> JSONMember in
            JSONMember(String(code), success(code, endpoint))
        }
        for code in endpoint.problems where !endpoint.success.contains(code) {
            members.append(JSONMember(String(code), ["$ref": .string("#/components/responses/\(code)")]))
        }
        return .object(members)
    }

    private static func success(_ code: Int, _ endpoint: Endpoint) -> JSONValue {
        var members = [JSONMember("description", .string(Problem.titles[code] ?? "Done"))]
        if code == 201 || code == 202 {
            let header: JSONValue = ["description": "path of the object", "schema": ["type": "string"]]
            members.append(JSONMember("headers", ["Location": header]))
        }
        if let (type, schema) = Schemas.content(endpoint.response) {
            members.append(JSONMember("content", .object([JSONMember(type, ["schema": schema])])))
        }
        return .object(members)
    }

    private static var responses: JSONValue {
        let codes = Set(Endpoint.all.flatMap(\.problems)).sorted()
        return .object(
            codes.map { code in
                let content: JSONValue = [
                    "application/problem+json": ["schema": Schemas.reference("Problem")]
                ]
                return JSONMember(
                    String(code),
                    ["description": .string(Problem.titles[code] ?? "Problem"), "content": content])
            })
    }
}

extension Endpoint {
    /// The status codes with which the call can be refused.
    package var problems: [Int] {
        var codes = Set(refusals + [400, 422, 500, 503])
        if needsToken { codes.formUnion([401]) }
        if case .none = body {} else { codes.formUnion([413, 415]) }
        return codes.sorted()
    }
}
