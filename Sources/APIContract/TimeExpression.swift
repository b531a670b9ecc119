package import Model

/// Times as people write them in a query.
package enum TimeExpression {
    /// Reads RFC 3339, Unix seconds, `now`, or a distance back from `now` as `-90s`, `-15m`, `-24h`, `-7d`, `-4w`.
    ///
    /// Returns nil for everything else, and for times before 1970 or after 9999.
    package static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        if text == "now" { return now }
        if text.hasPrefix("-") { return relative(text.dropFirst(), now) }
        if let seconds = Int64(text), !text.hasPrefix("+") {
            return latest.contains(seconds) ? Timestamp(seconds: seconds) : nil
        }
        return rfc3339(text)
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

    /// `2026-11-21T06:35:29.123Z` or with an offset as `+01:00`.
    private static func rfc3339(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] | 32 == 116, bytes[13] == 58,
            bytes[16] == 58, let year = digits(bytes[0..<4]), let month = digits(bytes[5..<7]),
            let day = digits(bytes[8..<10]), let hour = digits(bytes[11..<13]),
            let minute = digits(bytes[14..<16]), let second = digits(bytes[17..<19]),
            (1...12).contains(month), day >= 1, day <= length(month, year), hour < 24, minute < 60, second < 60
        else { return nil }
        var rest = bytes[19...]
        var fraction: Int64 = 0
        if rest.first == 46 {
            let places = rest.dropFirst().prefix { $0 >= 48 && $0 <= 57 }
            guard let value = digits(Array(places.prefix(6))) else { return nil }
            fraction = (0..<max(0, 6 - places.count)).reduce(value) { number, _ in number * 10 }
            rest = rest.dropFirst(1 + places.count)
        }
        guard let offset = offset(Array(rest)) else { return nil }
        let seconds = days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
        guard latest.contains(seconds) else { return nil }
        return Timestamp(microseconds: seconds * 1_000_000 + fraction)
    }

    /// Seconds east of UTC; a space is the plus sign of a query that did not encode it.
    private static func offset(_ bytes: [UInt8]) -> Int64? {
        if bytes.count == 1, bytes[0] | 32 == 122 { return 0 }
        guard bytes.count == 6, [32, 43, 45].contains(bytes[0]), bytes[3] == 58,
            let hours = digits(bytes[1..<3]), let minutes = digits(bytes[4..<6]), hours < 24, minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (bytes[0] == 45 ? -1 : 1)
    }

    private static func digits(_ bytes: some RandomAccessCollection<UInt8>) -> Int64? {
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int64($1 - 48) }
    }

    private static func length(_ month: Int64, _ year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
