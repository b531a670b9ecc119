import CommandLine
import JSON

/// JSON values as text for people and for CSV.
enum ValueText {
    /// As a person would write it for ppadm: `on`, `a, b`, `key=value`; a dash for nothing.
    static func shown(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: "-"
        case .bool(let bool): bool ? "on" : "off"
        case .array(let values): values.isEmpty ? "-" : values.map { plain($0) }.joined(separator: ", ")
        case .object(let members): members.isEmpty ? "-" : pairs(members, separator: ", ")
        case .string(let text): text.isEmpty ? "-" : text
        case .some(let value): plain(value)
        }
    }

    /// For a CSV field: empty for null, `a,b` for a list, `key=value,...` for a map, JSON for what is deeper.
    static func plain(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: return ""
        case .bool(let bool): return bool ? "true" : "false"
        case .integer(let integer): return String(integer)
        case .number(let number): return decimal(number)
        case .string(let text): return text
        case .array(let values):
            let isFlat = values.allSatisfy { $0.asArray == nil && $0.asObject == nil }
            return isFlat ? values.map { plain($0) }.joined(separator: ",") : JSONValue.array(values).text()
        case .object(let members):
            let isFlat = members.allSatisfy { $0.value.asArray == nil && $0.value.asObject == nil }
            return isFlat ? pairs(members, separator: ",") : JSONValue.object(members).text()
        }
    }

    /// Without a fraction of zero.
    static func decimal(_ number: Double) -> String {
        let text = "\(number)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    /// With at most three figures behind the point.
    static func rounded(_ number: Double) -> String {
        guard number.magnitude < 1e12 else { return decimal(number) }
        return decimal((number * 1000).rounded() / 1000)
    }

    private static func pairs(_ members: [JSONMember], separator: String) -> String {
        members.map { "\($0.name)=\(plain($0.value))" }.joined(separator: separator)
    }

    /// A state with its colour.
    static func state(_ state: String) -> Table.Cell {
        let style: Style =
            switch state {
            case "ok": .green
            case "warning": .yellow
            case "critical", "error", "dead", "failed": .boldRed
            case "unknown": .magenta
            case "pending": .cyan
            default: .plain
            }
        return Table.Cell(state, style)
    }
}
