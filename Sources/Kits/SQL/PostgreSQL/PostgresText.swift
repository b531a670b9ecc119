/// Texts between us and the library.
enum PostgresText {
    /// The statement with `$1`, `$2` in place of question marks; `?3` is the third value, wherever it stands.
    ///
    /// Question marks in quotes stay.
    static func numbered(_ sql: String) -> String {
        guard sql.utf8.contains(UInt8(ascii: "?")) else { return sql }
        var result: [UInt8] = []
        result.reserveCapacity(sql.utf8.count + 16)
        var count = 0
        var isQuoted = false
        var isMark = false
        for byte in sql.utf8 {
            if isMark, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                if result.last == UInt8(ascii: "$") {
                    count += 1
                    result += String(count).utf8
                }
                isMark = false
            }
            if byte == UInt8(ascii: "'") { isQuoted.toggle() }
            if byte == UInt8(ascii: "?"), !isQuoted {
                result.append(UInt8(ascii: "$"))
                isMark = true
            } else {
                result.append(byte)
            }
        }
        if isMark, result.last == UInt8(ascii: "$") { result += String(count + 1).utf8 }
        return String(decoding: result, as: UTF8.self)
    }

    /// The library's words in one line.
    static func sentence(_ text: UnsafePointer<CChar>?) -> String {
        guard let text else { return "" }
        return String(cString: text).split(whereSeparator: \.isNewline).map { line in
            var line = line.drop { $0 == " " || $0 == "\t" }
            if line.hasPrefix("ERROR:") || line.hasPrefix("FATAL:") {
                line = line.dropFirst(6).drop { $0 == " " }
            }
            return String(line)
        }.joined(separator: "; ")
    }
}
