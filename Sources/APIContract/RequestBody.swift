package import JSON

/// The members of a request's object, checked against the declaration.
package struct RequestBody: Sendable {
    private let values: [String: JSONValue]

    /// Checks names, kinds, ranges and choices; throws everything that is wrong at once.
    ///
    /// Null is accepted for nullable fields only. Fields left out are simply not there: defaults are the
    /// maker's part.
    package init(_ value: JSONValue, for body: Endpoint.Body) throws(InvalidValues) {
        guard case .object(let members) = value else {
            throw InvalidValues(field: "", reason: "the body must be an object, not \(value.kind)")
        }
        let fields = body.fields
        var errors = members.compactMap { Self.error($0, fields) }
        if body.needsRequired {
            let missing = fields.filter { field in
                field.isRequired && !members.contains { $0.name == field.name }
            }
            errors += missing.map {
                FieldError(field: $0.name, reason: "is missing; it must be \($0.accepts)")
            }
        }
        guard errors.isEmpty else { throw InvalidValues(errors) }
        values = Dictionary(members.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// A body without members.
    package init() { values = [:] }

    package var isEmpty: Bool { values.isEmpty }
    package func has(_ name: String) -> Bool { values[name] != nil }
    package func value(_ name: String) -> JSONValue? { values[name] }
    package func string(_ name: String) -> String? { values[name]?.asString }
    package func integer(_ name: String) -> Int? { values[name]?.asInteger.map(Int.init) }
    package func number(_ name: String) -> Double? { values[name]?.asNumber }
    package func boolean(_ name: String) -> Bool? { values[name]?.asBool }
    package func strings(_ name: String) -> [String]? { values[name]?.asArray?.compactMap(\.asString) }

    package func map(_ name: String) -> [String: String]? {
        guard let members = values[name]?.asObject else { return nil }
        return Dictionary(
            members.map { ($0.name, $0.value.asString ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    /// For nullable strings: nil when it is not there, `.some(nil)` for null.
    package func nullableString(_ name: String) -> String?? {
        guard let value = values[name] else { return .none }
        return .some(value.asString)
    }

    private static func error(_ member: JSONMember, _ fields: [Field]) -> FieldError? {
        guard let field = fields.first(where: { $0.name == member.name }) else {
            let reason = Nearest.sentence(unknown: "field", member.name, among: fields.map(\.name))
            return FieldError(field: String(member.name.prefix(200)), reason: reason)
        }
        if field.isReadOnly {
            return FieldError(field: field.name, reason: "is set by the server only", value: member.value)
        }
        guard !field.isAcceptable(member.value) else { return nil }
        return FieldError(field: field.name, reason: "must be \(field.accepts)", value: member.value)
    }
}

extension Endpoint.Body {
    /// The fields that a request may or must give.
    package var fields: [Field] {
        switch self {
        case .none: []
        case .create(let resource), .edit(let resource): resource.fields
        case .fields(_, let fields): fields
        }
    }

    var needsRequired: Bool {
        if case .edit = self { return false }
        return true
    }
}

extension Field {
    /// Whether a JSON value is of the declared kind and within range and choices.
    package func isAcceptable(_ value: JSONValue) -> Bool {
        if value.isNull { return isNullable }
        switch kind {
        case .string, .time:
            guard let text = value.asString else { return false }
            return choices.isEmpty || choices.contains(text)
        case .integer:
            guard let integer = value.asInteger else { return false }
            return range.map { $0.contains(Int(integer)) } ?? true
        case .number:
            guard let number = value.asNumber else { return false }
            return range.map { number >= Double($0.lowerBound) && number <= Double($0.upperBound) } ?? true
        case .boolean: return value.asBool != nil
        case .strings:
            guard let values = value.asArray else { return false }
            return values.allSatisfy { $0.asString.map { choices.isEmpty || choices.contains($0) } ?? false }
        case .map: return value.asObject?.allSatisfy { $0.value.asString != nil } ?? false
        case .object, .series: return value.asObject != nil
        case .objects: return value.asArray != nil
        }
    }
}
