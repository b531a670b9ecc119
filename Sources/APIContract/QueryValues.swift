import JSON
package import Model

/// The parameters of a query, checked against the declaration.
package struct QueryValues: Sendable {
    private var strings: [String: [String]] = [:]
    private var integers: [String: Int] = [:]
    private var times: [String: Timestamp] = [:]

    /// Checks names, kinds, ranges and choices; throws everything that is wrong at once.
    ///
    /// Relative times count from `now`. Only lists may be repeated.
    package init(
        _ pairs: [(name: String, value: String)], for fields: [Field], now: Timestamp
    ) throws(InvalidValues) {
        var errors: [FieldError] = []
        for pair in pairs {
            if let error = take(pair, fields, now) { errors.append(error) }
        }
        for field in fields { takeDefault(of: field, now) }
        guard errors.isEmpty else { throw InvalidValues(errors) }
    }

    /// The text as given, or the default.
    package func string(_ name: String) -> String? { strings[name]?.first }
    package func list(_ name: String) -> [String]? { strings[name] }
    package func integer(_ name: String) -> Int? { integers[name] }
    package func boolean(_ name: String) -> Bool? { strings[name]?.first.map { $0 == "true" } }
    package func time(_ name: String) -> Timestamp? { times[name] }

    private mutating func take(
        _ pair: (name: String, value: String), _ fields: [Field], _ now: Timestamp
    ) -> FieldError? {
        guard let field = fields.first(where: { $0.name == pair.name }) else {
            let reason = Nearest.sentence(unknown: "parameter", pair.name, among: fields.map(\.name))
            return FieldError(field: String(pair.name.prefix(200)), reason: reason)
        }
        if strings[field.name] != nil, field.kind != .strings {
            return FieldError(field: field.name, reason: "is there twice")
        }
        guard store(pair.value, field, now) else {
            let reason = pair.value.isEmpty ? "is empty; give \(field.accepts)" : "must be \(field.accepts)"
            return FieldError(field: field.name, reason: reason, value: .string(pair.value))
        }
        return nil
    }

    /// Keeps a value; false when it is not acceptable.
    private mutating func store(_ value: String, _ field: Field, _ now: Timestamp) -> Bool {
        var kept = [value]
        switch field.kind {
        case .integer:
            guard let integer = Int(value), !value.hasPrefix("+"), field.range?.contains(integer) ?? true
            else {
                return false
            }
            integers[field.name] = integer
        case .boolean:
            guard value == "true" || value == "false" else { return false }
        case .time:
            guard let time = TimeExpression.parse(value, now: now) else { return false }
            times[field.name] = time
        case .strings:
            let parts = value.split(separator: ",").map(String.init)
            guard !parts.isEmpty, field.choices.isEmpty || parts.allSatisfy(field.choices.contains) else {
                return false
            }
            kept = (strings[field.name] ?? []) + parts
        default:
            guard !value.isEmpty, field.choices.isEmpty || field.choices.contains(value) else { return false }
        }
        strings[field.name] = kept
        return true
    }

    private mutating func takeDefault(of field: Field, _ now: Timestamp) {
        guard strings[field.name] == nil, let value = field.defaultValue else { return }
        if let text = value.asString { _ = store(text, field, now) }
        if let integer = value.asInteger { integers[field.name] = Int(integer) }
    }
}
