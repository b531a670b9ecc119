package import JSON

/// A field or parameter with a value that is not accepted.
package struct FieldError: Error, Equatable, Sendable {
    package let field: String
    /// A sentence without full stop that says what is accepted.
    package let reason: String
    /// What was given; nil when nothing was.
    package let value: JSONValue?

    package init(field: String, reason: String, value: JSONValue? = nil) {
        self.field = field
        self.reason = reason
        self.value = value.map { Self.short($0) }
    }

    /// Long values are cut, so that an answer never grows with its request.
    private static func short(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text) where text.count > 200: return .string(text.prefix(200) + "...")
        case .array, .object: return .string(value.kind)
        default: return value
        }
    }
}

/// Everything wrong with the values of a request; never empty.
package struct InvalidValues: Error, Equatable, Sendable {
    package let errors: [FieldError]

    package init(_ errors: [FieldError]) { self.errors = errors }

    package init(field: String, reason: String, value: JSONValue? = nil) {
        errors = [FieldError(field: field, reason: reason, value: value)]
    }
}
