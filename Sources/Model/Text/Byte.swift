/// Names of the ASCII bytes that the parsers look for.
enum Byte {
    static let tab: UInt8 = 0x09
    static let newline: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let blank: UInt8 = 0x20
    static let doubleQuote: UInt8 = 0x22
    static let dollar: UInt8 = 0x24
    static let singleQuote: UInt8 = 0x27
    static let plus: UInt8 = 0x2B
    static let minus: UInt8 = 0x2D
    static let point: UInt8 = 0x2E
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let at: UInt8 = 0x40
    static let backslash: UInt8 = 0x5C
    static let underscore: UInt8 = 0x5F
    static let pipe: UInt8 = 0x7C
    static let tilde: UInt8 = 0x7E
}

extension UInt8 {
    /// Blank, tab, line feed, vertical tab, form feed, carriage return.
    var isWhiteSpace: Bool { self == Byte.blank || (0x09...0x0D).contains(self) }

    var isDigit: Bool { (0x30...0x39).contains(self) }

    var isHexDigit: Bool { isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self) }

    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}

extension Unicode.Scalar {
    /// C0, DEL and C1.
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }

    /// What makes a name look like another or breaks a table: line and paragraph separators, the signs that turn the
    /// direction of writing, the byte order mark.
    var isUnseen: Bool {
        (0x2028...0x202E).contains(value) || (0x2066...0x2069).contains(value) || value == 0xFEFF
    }
}

extension ArraySlice<UInt8> {
    /// Whether C0, DEL or (in UTF-8: 0xC2 and 0x80 to 0x9F) C1 is in it.
    var containsControl: Bool {
        indices.contains { index in
            let byte = self[index]
            if byte < 0x20 || byte == 0x7F { return true }
            return byte == 0xC2 && index + 1 < endIndex && self[index + 1] < 0xA0
        }
    }
}

extension Collection<UInt8> {
    /// The bytes as text; they are known to be valid UTF-8 or get replacement characters.
    var text: String { String(decoding: self, as: UTF8.self) }
}

extension BidirectionalCollection<UInt8> where SubSequence: BidirectionalCollection<UInt8> {
    /// Without white space at the end.
    var trimmedAtEnd: SubSequence {
        guard let last = lastIndex(where: { !$0.isWhiteSpace }) else { return self[startIndex..<startIndex] }
        return self[...last]
    }

    /// Without white space on both sides.
    var trimmed: SubSequence {
        let kept = trimmedAtEnd
        let first = kept.firstIndex { !$0.isWhiteSpace } ?? kept.endIndex
        return kept[first..<kept.endIndex]
    }
}

extension String {
    /// Without ASCII white space on both sides.
    package var trimmed: String { utf8.trimmed.text }
}
