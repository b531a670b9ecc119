import Foundation
import Model

/// A table of `Tests/Cases`: rows by column name, C escapes decoded.
struct CaseTable {
    let rows: [[String: String]]

    init(_ name: String) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let bytes = try Data(contentsOf: folder.appending(path: "Cases/\(name)"))
        let lines = bytes.split(separator: 0x0A).filter { $0.first != 0x23 }
        let fields = lines.map { line in
            line.split(separator: 0x09, omittingEmptySubsequences: false).map { Self.decoded(Array($0)) }
        }
        let columns = fields[0]
        rows = fields.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(columns, $0)) }
    }

    /// Replaces `\t \n \r \\ \xNN \uNNNN`.
    static func decoded(_ bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
                result.append(byte)
                continue
            }
            switch letter {
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "x"): result += Array(scalar(&rest, digits: 2).utf8)
            case UInt8(ascii: "u"): result += Array(scalar(&rest, digits: 4).utf8)
            default: result.append(letter)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func scalar(_ rest: inout ArraySlice<UInt8>, digits: Int) -> String {
        let text = String(decoding: rest.prefix(digits), as: UTF8.self)
        rest = rest.dropFirst(digits)
        return UInt32(text, radix: 16).flatMap(Unicode.Scalar.init).map { String($0) } ?? "?"
    }
}

/// A small generator with a seed, so that a failing case comes back.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Bytes, half of them out of `favourites`, which are the ones a parser looks at.
    mutating func bytes(upTo count: Int, favouring favourites: String) -> [UInt8] {
        let likely = Array(favourites.utf8)
        return (0..<Int.random(in: 0...count, using: &self)).map { _ in
            if Bool.random(using: &self), let byte = likely.randomElement(using: &self) { return byte }
            return UInt8.random(in: 0...255, using: &self)
        }
    }

    /// `text` with a few bytes changed, dropped, doubled or put in.
    mutating func mutated(_ text: String, with favourites: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0...Int.random(in: 0...4, using: &self) {
            let index = Int.random(in: 0...bytes.count, using: &self)
            let byte = Array(favourites.utf8).randomElement(using: &self) ?? 0
            switch Int.random(in: 0...3, using: &self) {
            case 0 where index < bytes.count: bytes.remove(at: index)
            case 1 where index < bytes.count: bytes[index] = byte
            case 2 where index < bytes.count: bytes.insert(contentsOf: bytes[index...].prefix(8), at: index)
            default: bytes.insert(byte, at: index)
            }
        }
        return bytes
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}
