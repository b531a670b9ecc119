// Links libm, which Int64(exactly:) calls.
import Glibc

extension JSONValue {
    /// The first member of an object with this name; nil for everything else.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// An element of an array; nil when there is none.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    package var asString: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    package var asBool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    /// An integer, or a number without fraction that fits.
    package var asInteger: Int64? {
        switch self {
        case .integer(let integer): integer
        case .number(let number): Int64(exactly: number)
        default: nil
        }
    }

    package var asNumber: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number
        default: nil
        }
    }

    package var asArray: [JSONValue]? {
        guard case .array(let values) = self else { return nil }
        return values
    }

    package var asObject: [JSONMember]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    package var isNull: Bool { self == .null }

    /// What it is, in words for people: "a string", "null".
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// JSON as UTF-8, on one line, or in lines for people with `indentation`.
    package func bytes(indentation: Int? = nil) -> [UInt8] {
        var writer = JSONWriter(indentation: indentation)
        writer.value(self)
        return writer.bytes
    }

    /// JSON as a string, on one line, or in lines for people with `indentation`.
    package func text(indentation: Int? = nil) -> String {
        String(decoding: bytes(indentation: indentation), as: UTF8.self)
    }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { JSONMember($0.0, $0.1) })
    }
}

extension JSONValue {
    /// A string, or null for nil.
    package init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
    package init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
    package init(_ value: Bool) { self = .bool(value) }
    /// A number, or null for nil and for what is not finite.
    package init(_ value: Double?) {
        self = value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
    }
    package init(_ values: [String]) { self = .array(values.map(JSONValue.string)) }

    /// An object with the names sorted, so that the text is always the same.
    package init(_ map: [String: String]) {
        self = .object(map.sorted { $0.key < $1.key }.map { JSONMember($0.key, .string($0.value)) })
    }
}
