import Glibc
import Posix

/// Escapes values for a log line.
enum LogText {
    /// Control characters as \xNN, so that a value stays on its line.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.reduce(into: "") { line, scalar in
            line += isControl(scalar) ? "\\x" + hexadecimal(scalar.value, digits: 2) : String(scalar)
        }
    }

    /// As it is when it is one plain word, otherwise in double quotes.
    static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 34 && $0 != 92 && $0 != 61 }
        return isPlain ? text : json(text)
    }

    /// A JSON string with its quotes.
    static func json(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "\"") { line, scalar in
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case _ where isControl(scalar): line += "\\u" + hexadecimal(scalar.value, digits: 4)
            default: line.unicodeScalars.append(scalar)
            }
        } + "\""
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 32 || (127..<160).contains(scalar.value)
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}

/// The time of a log line.
enum LogTime {
    /// Now in UTC, RFC 3339 with milliseconds.
    static func now() -> String {
        let nanoseconds = Clock.wallNanoseconds()
        var seconds = time_t(nanoseconds / 1_000_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let numbers = [
            padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2),
            padded(Int(parts.tm_mday), 2),
            padded(Int(parts.tm_hour), 2), padded(Int(parts.tm_min), 2), padded(Int(parts.tm_sec), 2),
            padded(Int(nanoseconds / 1_000_000 % 1000), 3),
        ]
        return
            "\(numbers[0])-\(numbers[1])-\(numbers[2])T\(numbers[3]):\(numbers[4]):\(numbers[5]).\(numbers[6])Z"
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
