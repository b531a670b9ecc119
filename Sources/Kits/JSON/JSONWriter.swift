/// Writes JSON into bytes as it goes, for lists too long to build as values first.
///
/// The caller keeps to the grammar: ``name(_:)`` before each member, every begin with its end.
package struct JSONWriter {
    package internal(set) var bytes: [UInt8] = []
    /// Spaces a level; nil for everything on one line.
    private let indentation: Int?
    private var level = 0
    var needsComma = false
    private var isAfterName = false

    /// A writer with room for `capacity` bytes; with `indentation` it writes lines for people.
    package init(capacity: Int = 256, indentation: Int? = nil) {
        self.indentation = indentation
        bytes.reserveCapacity(capacity)
    }

    package mutating func beginObject() { begin(UInt8(ascii: "{")) }
    package mutating func endObject() { end(UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(UInt8(ascii: "[")) }
    package mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The name of the next member.
    package mutating func name(_ name: String) {
        separate()
        quoted(name)
        bytes.append(UInt8(ascii: ":"))
        if indentation != nil { bytes.append(32) }
        isAfterName = true
    }

    /// The same for a name that needs no escape.
    mutating func name(quotedAlready name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        if indentation != nil { bytes.append(32) }
        isAfterName = true
    }

    package mutating func null() { word("null") }
    package mutating func value(_ value: Bool) { word(value ? "true" : "false") }

    package mutating func value(_ value: some BinaryInteger) {
        separate()
        if let number = Int64(exactly: value) {
            append(number)
        } else {
            bytes.append(contentsOf: String(value).utf8)
        }
        needsComma = true
    }

    /// The shortest text that reads back as the same number, a whole one without fraction; null when it is
    /// not finite.
    package mutating func value(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        needsComma = true
        // Below this every whole number is written without an exponent; a negative zero keeps its sign.
        if value.magnitude < 1e15, value != 0 || value.sign == .plus {
            let whole = Int64(value)
            guard Double(whole) != value else { return append(whole) }
        }
        let text = value.description
        bytes.append(contentsOf: text.hasSuffix(".0") ? text.dropLast(2).utf8 : Substring(text).utf8)
    }

    package mutating func value(_ value: String) {
        separate()
        quoted(value)
        needsComma = true
    }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let bool): self.value(bool)
        case .integer(let integer): self.value(integer)
        case .number(let number): self.value(number)
        case .string(let string): self.value(string)
        case .array(let values):
            beginArray()
            for value in values { self.value(value) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members { self.member(member.name, member.value) }
            endObject()
        }
    }

    package mutating func member(_ name: String, _ value: JSONValue) {
        self.name(name)
        self.value(value)
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
        level += 1
    }

    private mutating func end(_ bracket: UInt8) {
        level -= 1
        if needsComma { breakLine() }
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func word(_ word: StaticString) {
        separate()
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        needsComma = true
    }

    mutating func separate() {
        if isAfterName {
            isAfterName = false
            return
        }
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        if level > 0 { breakLine() }
        needsComma = false
    }

    private mutating func breakLine() {
        guard let indentation else { return }
        bytes.append(10)
        bytes.append(contentsOf: repeatElement(32, count: indentation * level))
    }
}

extension JSONWriter {
    /// Writes a string; control characters, C1 controls and line separators are escaped, so that no terminal
    /// acts on them.
    private mutating func quoted(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            var start = 0
            var index = 0
            while index < utf8.count {
                let length = escapedLength(utf8, at: index)
                guard length > 0 else {
                    index += 1
                    continue
                }
                append(utf8, start, index)
                escape(utf8[index..<index + length])
                index += length
                start = index
            }
            append(utf8, start, utf8.count)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    @inline(__always)
    private mutating func append(_ utf8: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) {
        guard end > start else { return }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<end]))
    }

    /// How many bytes from here make a scalar that is escaped; 0 when none.
    @inline(__always)
    private func escapedLength(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let byte = utf8[index]
        if byte >= 32 && byte < 127 {
            return byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
        }
        if byte < 32 || byte == 127 { return 1 }
        if byte == 0xc2 { return utf8[index + 1] < 0xa0 ? 2 : 0 }
        if byte == 0xe2, utf8[index + 1] == 0x80 { return utf8[index + 2] & 0xfe == 0xa8 ? 3 : 0 }
        return 0
    }

    private mutating func escape(_ scalar: Slice<UnsafeBufferPointer<UInt8>>) {
        let first = scalar[scalar.startIndex]
        bytes.append(UInt8(ascii: "\\"))
        switch first {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(first)
        case 10: bytes.append(UInt8(ascii: "n"))
        case 13: bytes.append(UInt8(ascii: "r"))
        case 9: bytes.append(UInt8(ascii: "t"))
        case 0xc2: hexadecimal(UInt16(scalar[scalar.startIndex + 1]))
        case 0xe2: hexadecimal(0x2000 | UInt16(scalar[scalar.startIndex + 2] & 0x3f))
        default: hexadecimal(UInt16(first))
        }
    }

    private mutating func hexadecimal(_ code: UInt16) {
        bytes.append(UInt8(ascii: "u"))
        for shift: UInt16 in [12, 8, 4, 0] {
            let digit = UInt8(code >> shift & 15)
            bytes.append(digit < 10 ? 48 + digit : 87 + digit)
        }
    }
}
