import JSON
import Model

/// Takes fields out of one JSON object; each miss is a sentence that names the field.
struct WireReader {
    private let members: [JSONMember]

    init(_ value: JSONValue) throws(WireError) {
        guard let members = value.asObject else { throw WireError("it is \(value.kind) and not an object") }
        self.members = members
    }

    /// Reads a whole message and its version.
    static func message(_ bytes: [UInt8]) throws(WireError) -> WireReader {
        guard bytes.count <= WireFormat.sizeLimit else {
            throw WireError("it has \(bytes.count) bytes, more than \(WireFormat.sizeLimit)")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, depth: 6)
        } catch {
            throw WireError("it is no JSON: \(error)")
        }
        let reader = try WireReader(value)
        let version = try reader.whole("v")
        guard version == Int64(WireFormat.version) else {
            throw WireError("its version is \(version), and we know \(WireFormat.version) only")
        }
        return reader
    }

    private func value(_ name: String) throws(WireError) -> JSONValue {
        for member in members where member.name == name { return member.value }
        throw WireError("it has no field \(name)")
    }

    private func wrong(_ name: String, _ wanted: String) -> WireError {
        WireError("its field \(name) is not \(wanted)")
    }

    func text(_ name: String) throws(WireError) -> String {
        guard case .string(let text) = try value(name) else { throw wrong(name, "a text") }
        return text
    }

    func optionalText(_ name: String) throws(WireError) -> String? {
        let value = try value(name)
        guard !value.isNull else { return nil }
        guard case .string(let text) = value else { throw wrong(name, "a text or null") }
        return text
    }

    /// A text that programs of before did not send.
    func newText(_ name: String) throws(WireError) -> String? {
        guard members.contains(where: { $0.name == name }) else { return nil }
        return try optionalText(name)
    }

    func whole(_ name: String) throws(WireError) -> Int64 {
        guard case .integer(let number) = try value(name) else { throw wrong(name, "a whole number") }
        return number
    }

    /// From 0 to what a double holds exactly, so that nobody's sum runs over.
    func count(_ name: String) throws(WireError) -> Int {
        let number = try whole(name)
        guard (0...1 << 53).contains(number) else { throw wrong(name, "a count") }
        return Int(number)
    }

    /// A number of 32 bits, or null.
    func optionalSmall(_ name: String) throws(WireError) -> Int? {
        let value = try value(name)
        guard !value.isNull else { return nil }
        guard case .integer(let number) = value, let small = Int32(exactly: number) else {
            throw wrong(name, "a small whole number or null")
        }
        return Int(small)
    }

    func number(_ name: String) throws(WireError) -> Double {
        guard let number = try value(name).asNumber else { throw wrong(name, "a number") }
        return number
    }

    func flag(_ name: String) throws(WireError) -> Bool {
        guard case .bool(let flag) = try value(name) else { throw wrong(name, "true or false") }
        return flag
    }

    /// Microseconds since 1970, up to the year 9999.
    func time(_ name: String) throws(WireError) -> Timestamp {
        let number = try whole(name)
        guard (0..<253_402_300_800_000_000).contains(number) else { throw wrong(name, "a time") }
        return Timestamp(microseconds: number)
    }

    func object(_ name: String) throws(WireError) -> WireReader { try WireReader(try value(name)) }

    func objects(_ name: String) throws(WireError) -> [WireReader] {
        guard case .array(let values) = try value(name) else { throw wrong(name, "a list") }
        var readers: [WireReader] = []
        for value in values { readers.append(try WireReader(value)) }
        return readers
    }

    func map(_ name: String) throws(WireError) -> [String: String] {
        guard case .object(let members) = try value(name) else { throw wrong(name, "an object") }
        var map: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else { throw wrong(name, "an object of texts") }
            map[member.name] = text
        }
        return map
    }
}
