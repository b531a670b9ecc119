extension JSONValue {
    /// Levels of arrays and objects that a parser follows at most, so that hostile nesting cannot use up the
    /// stack.
    package static let defaultDepth = 32

    /// Parses one JSON text (RFC 8259), strictly.
    ///
    /// Refused beyond the grammar: two members of one name, invalid UTF-8, lone surrogates, numbers that no
    /// double can hold, nesting deeper than `depth`. The caller limits the size.
    package init(parsing bytes: [UInt8], depth: Int = defaultDepth) throws(JSONError) {
        var parser = JSONParser(bytes: bytes, depth: depth)
        self = try parser.document()
    }

    /// Parses a JSON text held as a string.
    package init(parsing text: String, depth: Int = defaultDepth) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), depth: depth)
    }
}

/// Walks over the bytes once, from the left.
struct JSONParser {
    let bytes: [UInt8]
    let depth: Int
    var position = 0

    init(bytes: [UInt8], depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    mutating func document() throws(JSONError) -> JSONValue {
        skipSpace()
        guard position < bytes.count else { throw error("the text is empty") }
        let value = try value(level: 0)
        skipSpace()
        guard position == bytes.count else { throw error("text after the end of the value") }
        return value
    }

    private mutating func value(level: Int) throws(JSONError) -> JSONValue {
        switch peek {
        case UInt8(ascii: "{"): return try object(level: level + 1)
        case UInt8(ascii: "["): return try array(level: level + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        case nil: throw error("the text ends where a value should be")
        default: throw error("a value should be here")
        }
    }

    private mutating func object(level: Int) throws(JSONError) -> JSONValue {
        guard level <= depth else { throw error("nested deeper than \(depth) levels") }
        position += 1
        var members: [JSONMember] = []
        var names: Set<String> = []
        skipSpace()
        if take("}") { return .object([]) }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("a name in double quotes should be here") }
            let start = position
            let name = try string()
            guard isNew(name, among: members, &names) else {
                position = start
                throw error("the name \"\(name)\" is there twice")
            }
            skipSpace()
            guard take(":") else { throw error("a colon is missing") }
            skipSpace()
            members.append(JSONMember(name, try value(level: level)))
            skipSpace()
            if take("}") { return .object(members) }
            guard take(",") else { throw error("a comma or } is missing") }
        }
    }

    /// Few names are compared one by one; many go into a set, so that a hostile object stays linear.
    private func isNew(_ name: String, among members: [JSONMember], _ names: inout Set<String>) -> Bool {
        if members.count < 16 { return !members.contains { $0.name == name } }
        if names.isEmpty { names = Set(members.map(\.name)) }
        return names.insert(name).inserted
    }

    private mutating func array(level: Int) throws(JSONError) -> JSONValue {
        guard level <= depth else { throw error("nested deeper than \(depth) levels") }
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if take("]") { return .array([]) }
        while true {
            skipSpace()
            values.append(try value(level: level))
            skipSpace()
            if take("]") { return .array(values) }
            guard take(",") else { throw error("a comma or ] is missing") }
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position + offset < bytes.count, bytes[position + offset] == word.utf8Start[offset] else {
                throw error("a value should be here")
            }
        }
        position += word.utf8CodeUnitCount
        return value
    }

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 32 || byte == 9 || byte == 10 || byte == 13 { position += 1 }
    }

    /// An error at the present position.
    func error(_ reason: String) -> JSONError {
        let before = bytes[..<min(position, bytes.count)]
        let line = before.count { $0 == 10 } + 1
        let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        return JSONError(line: line, column: before.count - lineStart + 1, reason: reason)
    }
}
