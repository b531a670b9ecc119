extension JSONParser {
    /// Reads a number; whole ones that fit become integers.
    mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        let isNegative = peek == UInt8(ascii: "-")
        if isNegative { position += 1 }
        guard let first = peek, isDigit(first) else { throw error("a digit should be here") }
        if first == UInt8(ascii: "0") {
            position += 1
            if let next = peek, isDigit(next) { throw error("a number does not start with 0") }
        } else {
            skipDigits()
        }
        let isWhole = try !fractionOrExponent()
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, text != "-0", let integer = Int64(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else {
            position = start
            throw error("the number is too large")
        }
        return .number(double)
    }

    private mutating func fractionOrExponent() throws(JSONError) -> Bool {
        var isThere = false
        if peek == UInt8(ascii: ".") {
            position += 1
            isThere = true
            guard let next = peek, isDigit(next) else { throw error("a digit should be here") }
            skipDigits()
        }
        if let letter = peek, letter | 0x20 == UInt8(ascii: "e") {
            position += 1
            isThere = true
            if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            guard let next = peek, isDigit(next) else { throw error("a digit should be here") }
            skipDigits()
        }
        return isThere
    }

    private mutating func skipDigits() {
        while let byte = peek, isDigit(byte) { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// Reads a string whose opening quote is at the present position.
    mutating func string() throws(JSONError) -> String {
        let opening = position
        position += 1
        var text: [UInt8] = []
        var start = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                let piece = bytes[start..<position]
                position += 1
                return try text.isEmpty ? valid(piece, from: opening) : valid(text + piece, from: opening)
            case UInt8(ascii: "\\"):
                text += bytes[start..<position]
                try escape(into: &text)
                start = position
            case 0..<32: throw error("a control character in a string is written \\u00XX")
            default: position += 1
            }
        }
        position = opening
        throw error("the string has no end")
    }

    private mutating func valid(_ piece: some Sequence<UInt8>, from opening: Int) throws(JSONError) -> String
    {
        guard let text = String(validating: piece, as: UTF8.self) else {
            position = opening
            throw error("the string is not UTF-8")
        }
        return text
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        let start = position
        position += 1
        guard let letter = peek else { throw error("the string has no end") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"): text += Array(String(try scalar(from: start)).utf8)
        default:
            position = start
            throw error("no such escape")
        }
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair.
    private mutating func scalar(from start: Int) throws(JSONError) -> Unicode.Scalar {
        var code = try hexadecimal()
        if (0xd800..<0xdc00).contains(code), peek == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try hexadecimal()
            code = (0xdc00..<0xe000).contains(low) ? 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00) : code
        }
        guard let scalar = Unicode.Scalar(code) else {
            position = start
            throw error("half of a surrogate pair")
        }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("four hexadecimal digits should be here")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }
}
