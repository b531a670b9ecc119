import Foundation

/// The inputs in `Corpus/<parser>.txt`: one a line, with C escapes; lines that begin with `#` are notes.
enum Corpus {
    /// The parser's own inputs and, where there is a table of cases, those of the table.
    static func inputs(of parser: String) throws -> [[UInt8]] {
        try lines(folder.appending(path: "Corpus/\(parser).txt")).map(unescaped) + cases(of: parser)
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    /// Parsers with a table in `Tests/Cases`, and the column that holds their input.
    private static let tables = [
        "performance-data": ("perfdata_cases.tsv", 1), "ranges": ("range_cases.tsv", 2),
        "plugin-output": ("plugin_cases.tsv", 7),
    ]

    private static func cases(of parser: String) throws -> [[UInt8]] {
        guard let (table, column) = tables[parser] else { return [] }
        let file = folder.deletingLastPathComponent().appending(path: "Cases/\(table)")
        return try lines(file).dropFirst().compactMap { line in
            let fields = line.split(separator: 0x09, omittingEmptySubsequences: false)
            return fields.indices.contains(column) ? unescaped(Array(fields[column])) : nil
        }
    }

    private static func lines(_ file: URL) throws -> [[UInt8]] {
        try Data(contentsOf: file).split(separator: 0x0A).filter { $0.first != 0x23 }.map { Array($0) }
    }

    private static let letters: [UInt8: UInt8] = [
        UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "0"): 0,
        UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    ]

    /// Replaces `\n \r \t \0 \\ \xNN`.
    private static func unescaped(_ line: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = line[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let letter = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            if letter == UInt8(ascii: "x"), let value = UInt8(rest.prefix(2).text, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(letters[letter] ?? letter)
            }
        }
        return bytes
    }

    /// A line for a corpus file that gives these bytes.
    static func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            switch byte {
            case UInt8(ascii: "\\"): "\\\\"
            case 10: "\\n"
            case 13: "\\r"
            case 9: "\\t"
            case 0x20..<0x7F: String(UnicodeScalar(byte))
            default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}
