import JSON
import YAML

extension JSONValue {
    /// The JSON value that a YAML node stands for: plain scalars are numbers, true, false, null or text (YAML 1.2 core).
    init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let text, isPlain: false): self = .string(text)
        case .scalar(let text, isPlain: true): self = Self.plain(text)
        case .sequence(let items): self = .array(items.map { JSONValue($0) })
        case .mapping(let members):
            self = .object(members.map { JSONMember($0.key, JSONValue($0.value)) })
        }
    }

    private static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": .bool(true)
        case "false", "False", "FALSE": .bool(false)
        default: number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        guard let first = text.utf8.first, (48...57).contains(first) || first == 45 || first == 43 else {
            return nil
        }
        if let integer = Int64(text) { return .integer(integer) }
        guard text.utf8.allSatisfy({ (48...57).contains($0) || [43, 45, 46, 69, 101].contains($0) }) else {
            return nil
        }
        // What no double can hold stays text, which a field for numbers refuses.
        return Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    }
}
