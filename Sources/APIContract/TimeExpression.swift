package import Model

/// Times as people write them in a query.
package enum TimeExpression {
    /// Reads RFC 3339, Unix seconds, `now`, or a distance back from `now` as `-90s`, `-15m`, `-24h`, `-7d`,
    /// `-4w`.
    ///
    /// Returns nil for everything else, and for times before 1970 or after 9999.
    package static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        if text == "now" { return now }
        if text.hasPrefix("-") { return relative(text.dropFirst(), now) }
        if let seconds = Int64(text), !text.hasPrefix("+") {
            return latest.contains(seconds) ? Timestamp(seconds: seconds) : nil
        }
        guard let time = Timestamp(rfc3339: text) ?? withPlus(text), latest.contains(time.seconds) else {
            return nil
        }
        return time
    }

    /// 1970 to the end of 9999.
    private static let latest: ClosedRange<Int64> = 0...253_402_300_799

    private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800]

    private static func relative(_ text: Substring, _ now: Timestamp) -> Timestamp? {
        guard let unit = text.last.flatMap({ units[$0] }), let count = UInt32(text.dropLast()),
            text.first != "+"
        else { return nil }
        let seconds = now.seconds - Int64(count) * unit
        return latest.contains(seconds) ? Timestamp(seconds: seconds) : nil
    }

    /// The plus sign of an offset is a blank when a query did not encode it.
    private static func withPlus(_ text: String) -> Timestamp? {
        guard let blank = text.lastIndex(of: " ") else { return nil }
        return Timestamp(rfc3339: text[..<blank] + "+" + text[text.index(after: blank)...])
    }
}
