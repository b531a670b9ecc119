import JSON

/// The schemas of the document (JSON Schema 2020-12).
enum Schemas {
    static func reference(_ name: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(name)")] }

    /// Every schema by name.
    static var all: JSONValue {
        var members = Resource.all.map { JSONMember($0.name, object($0.fields, $0.summary, mode: .answer)) }
        var names = Set(members.map(\.name))
        for endpoint in Endpoint.all {
            if let name = bodyName(endpoint.body), names.insert(name).inserted {
                members.append(JSONMember(name, body(endpoint.body)))
            }
            if let (name, schema) = page(endpoint.response), names.insert(name).inserted {
                members.append(JSONMember(name, schema))
            }
        }
        return .object(members + [JSONMember("Problem", problem)])
    }

    static func bodyName(_ body: Endpoint.Body) -> String? {
        switch body {
        case .none: nil
        case .create(let resource): resource.name + "Create"
        case .edit(let resource): resource.name + "Edit"
        case .fields(let name, _): name
        }
    }

    /// The media type and schema of a success; nil when it carries nothing.
    static func content(_ response: Endpoint.Response) -> (String, JSONValue)? {
        switch response {
        case .none: return nil
        case .object(let resource): return ("application/json", reference(resource.name))
        case .document: return ("application/json", ["type": "object"])
        case .content("image/png"): return ("image/png", ["type": "string", "format": "binary"])
        case .content(let type): return (type, ["type": "string"])
        case .page, .cursorPage, .list: return page(response).map { ("application/json", reference($0.0)) }
        }
    }

    private static func page(_ response: Endpoint.Response) -> (String, JSONValue)? {
        func items(_ resource: Resource) -> JSONMember {
            JSONMember("items", ["type": "array", "items": reference(resource.name)])
        }
        func schema(_ members: [JSONMember]) -> JSONValue {
            [
                "type": "object", "required": JSONValue(members.map(\.name)),
                "properties": .object(members),
            ]
        }
        let integer: JSONValue = ["type": "integer"]
        switch response {
        case .page(let resource):
            let numbers = ["total", "page", "per_page"].map { JSONMember($0, integer) }
            return (resource.name + "Page", schema([items(resource)] + numbers))
        case .cursorPage(let resource):
            let cursor = JSONMember("cursor", ["type": ["string", "null"]])
            return (resource.name + "CursorPage", schema([items(resource), cursor]))
        case .list(let resource): return (resource.name + "List", schema([items(resource)]))
        case .none, .object, .document, .content: return nil
        }
    }

    private enum Mode {
        case create
        case edit
        case answer
    }

    private static func body(_ body: Endpoint.Body) -> JSONValue {
        switch body {
        case .none: .object([])
        case .create(let resource): object(resource.writableFields, resource.summary, mode: .create)
        case .edit(let resource): object(resource.writableFields, resource.summary, mode: .edit)
        case .fields(_, let fields): object(fields, "What is asked for", mode: .create)
        }
    }

    private static func object(_ fields: [Field], _ summary: String, mode: Mode) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("type", "object"), JSONMember("description", .string(summary)),
        ]
        let required = mode == .answer ? fields : mode == .create ? fields.filter(\.isRequired) : []
        if !required.isEmpty { members.append(JSONMember("required", JSONValue(required.map(\.name)))) }
        let properties = fields.map { field -> JSONMember in
            var property = schema(field)
            property.append(JSONMember("description", .string(field.help)))
            if mode == .create, let value = field.defaultValue {
                property.append(JSONMember("default", value))
            }
            return JSONMember(field.name, .object(property))
        }
        members.append(JSONMember("properties", .object(properties)))
        members.append(JSONMember("additionalProperties", false))
        return .object(members)
    }

    /// The schema of a parameter: times are text of several forms there.
    static func parameter(_ field: Field) -> JSONValue {
        var members = schema(field)
        if field.kind == .time { members = [JSONMember("type", "string")] }
        if members.first?.value == "string" { members.append(JSONMember("minLength", 1)) }
        if field.kind == .strings { members.append(JSONMember("minItems", 1)) }
        if let value = field.defaultValue { members.append(JSONMember("default", value)) }
        return .object(members)
    }

    private static func schema(_ field: Field) -> [JSONMember] {
        if case .object(let name) = field.kind, case .object(let members) = reference(name) { return members }
        var members = base(field.kind)
        if field.isNullable, let type = members.first?.value {
            members[0] = JSONMember("type", [type, "null"])
        }
        if let range = field.range {
            members.append(JSONMember("minimum", .integer(Int64(range.lowerBound))))
            members.append(JSONMember("maximum", .integer(Int64(range.upperBound))))
        }
        if let lengths = field.lengths {
            members.append(JSONMember("minLength", .integer(Int64(lengths.lowerBound))))
            members.append(JSONMember("maxLength", .integer(Int64(lengths.upperBound))))
        }
        if !field.choices.isEmpty {
            let choices = field.choices.map(JSONValue.string) + (field.isNullable ? [.null] : [])
            if field.kind == .strings {
                members[1] = JSONMember("items", ["type": "string", "enum": .array(choices)])
            } else {
                members.append(JSONMember("enum", .array(choices)))
            }
        }
        return members
    }

    private static func base(_ kind: Field.Kind) -> [JSONMember] {
        func type(_ name: JSONValue, _ more: JSONMember...) -> [JSONMember] {
            [JSONMember("type", name)] + more
        }
        let point: JSONValue = [
            "type": "array", "items": ["type": ["number", "null"]], "minItems": 2, "maxItems": 2,
        ]
        return switch kind {
        case .string: type("string")
        case .integer: type("integer")
        case .number: type("number")
        case .boolean: type("boolean")
        case .strings: type("array", JSONMember("items", ["type": "string"]))
        case .map: type("object", JSONMember("additionalProperties", ["type": "string"]))
        case .time: type("string", JSONMember("format", "date-time"))
        case .object: type("object")
        case .objects(let name): type("array", JSONMember("items", reference(name)))
        case .series:
            type("object", JSONMember("additionalProperties", ["type": "array", "items": point]))
        }
    }

    private static let problem: JSONValue = [
        "type": "object", "description": "RFC 9457 problem details",
        "required": ["type", "title", "status", "detail"],
        "properties": [
            "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
            "detail": ["type": "string", "description": "what is wrong and what to do"],
            "errors": [
                "type": "array",
                "items": [
                    "type": "object", "required": ["field", "reason"],
                    "properties": [
                        "field": ["type": "string"], "reason": ["type": "string"],
                        "value": ["description": "what was given"],
                    ],
                ],
            ],
        ],
    ]
}
