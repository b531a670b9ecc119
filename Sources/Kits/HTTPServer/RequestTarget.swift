/// Takes the target of a request line apart, strictly.
package struct RequestTarget {
    package let path: [String]
    package let query: [(name: String, value: String)]

    /// The sentence for a target that cannot be read.
    package struct Refusal: Error, Equatable {
        package let sentence: String
    }

    /// Reads `/path?query`, or the absolute form with scheme and host.
    ///
    /// Refused: a path without its first slash, percent signs without two digits, what decodes to NUL or to invalid UTF-8, bytes that must be
    /// encoded.
    package init(_ target: some StringProtocol) throws(Refusal) {
        var rest = Array(target.utf8)[...]
        if rest.starts(with: "http://".utf8) || rest.starts(with: "https://".utf8) {
            rest = rest.drop { $0 != 58 }.dropFirst(3)
            rest = rest.drop { $0 != 47 && $0 != 63 }
        }
        let question = rest.firstIndex(of: 63)
        let pathBytes = rest[..<(question ?? rest.endIndex)]
        guard pathBytes.first ?? 47 == 47 else {
            throw Refusal(sentence: "the path does not begin with a slash")
        }
        var parts: [String] = []
        for part in pathBytes.split(separator: 47, omittingEmptySubsequences: false).dropFirst() {
            parts.append(try Self.decode(part, "path"))
        }
        path = parts
        var pairs: [(name: String, value: String)] = []
        if let question {
            for pair in rest[(question + 1)...].split(separator: 38) {
                let equals = pair.firstIndex(of: 61)
                let name = try Self.decode(pair[..<(equals ?? pair.endIndex)], "query", plusIsSpace: true)
                let value = try Self.decode(
                    equals.map { pair[($0 + 1)...] } ?? [], "query", plusIsSpace: true)
                pairs.append((name, value))
            }
        }
        query = pairs
    }

    private static func decode(
        _ bytes: ArraySlice<UInt8>, _ place: String, plusIsSpace: Bool = false
    ) throws(Refusal) -> String {
        var decoded: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var byte = bytes[index]
            index += 1
            if byte == 37 {
                guard index + 1 < bytes.endIndex, let high = digit(bytes[index]),
                    let low = digit(bytes[index + 1])
                else {
                    throw Refusal(sentence: "the \(place) has a percent sign without two hexadecimal digits")
                }
                byte = high << 4 | low
                index += 2
                guard byte != 0 else { throw Refusal(sentence: "the \(place) has a NUL byte") }
            } else if byte == 43, plusIsSpace {
                byte = 32
            } else if byte <= 32 || byte == 127 {
                throw Refusal(sentence: "the \(place) has a control character or blank that is not encoded")
            }
            decoded.append(byte)
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw Refusal(sentence: "the \(place) is not UTF-8")
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
