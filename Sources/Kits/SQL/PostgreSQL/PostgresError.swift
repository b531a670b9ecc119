import CPQ

extension SQLError {
    /// The only place where a failure of a PostgreSQL server becomes an error.
    init(_ result: OpaquePointer, statement: String) {
        func field(_ code: Character) -> String {
            guard let ascii = code.asciiValue, let text = PQresultErrorField(result, Int32(ascii)) else {
                return ""
            }
            return String(cString: text)
        }
        let state = field("C")
        let detail = field("D")
        let primary = field("M").isEmpty ? PostgresText.sentence(PQresultErrorMessage(result)) : field("M")
        let words = primary + (detail.isEmpty ? "" : " (\(detail))")
        self.init(
            kind: Self.kind(ofState: state), code: 0, message: "\(words) [\(state)]", statement: statement)
    }

    /// Codes of appendix A of the manual.
    private static func kind(ofState state: String) -> Kind {
        switch state {
        case "23505": return .constraint(.unique)
        case "23503": return .constraint(.foreignKey)
        case "53100": return .full
        case "40001", "40P01", "55P03", "57014", "25P03": return .busy
        case "42501", "3D000", "25006": return .access
        case "57P01", "57P02", "57P03", "57P05": return .lost
        case "XX001", "XX002": return .damaged
        default: break
        }
        switch state.prefix(2) {
        case "08": return .lost
        case "22": return .value
        case "23": return .constraint(.other)
        case "28": return .access
        case "53": return .busy
        case "58": return .io
        default: return .other
        }
    }
}
