extension Timestamp {
    /// The moment in UTC with milliseconds, as `2026-07-01T12:00:00.000Z`; finer parts are cut off.
    package var rfc3339: String {
        let secondOfDay = seconds - day * Self.secondsPerDay
        let date = Self.civil(day: day)
        let clock = [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].map { Self.padded($0, 2) }
        let millisecond = (microseconds - seconds * 1_000_000) / 1000
        return "\(Self.padded(date.year, 4))-\(Self.padded(date.month, 2))-\(Self.padded(date.day, 2))"
            + "T\(clock.joined(separator: ":")).\(Self.padded(millisecond, 3))Z"
    }

    /// Reads RFC 3339: `2026-07-01T12:00:00Z`, with a fraction and an offset such as `+02:00`; nil for
    /// anything else.
    ///
    /// Fractions beyond a microsecond are cut off. A small `t` or `z` and a blank for the `T` are taken, as
    /// the RFC allows; second 60 is refused, and so is what lies outside of the years 0 to 9999 in UTC.
    package init?(rfc3339 text: String) {
        var reader = TimestampReader(text)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2, in: 1...12),
            reader.skip("-"), let day = reader.number(2, in: 1...Self.days(in: month, of: year)),
            reader.skip("Tt "), let hour = reader.number(2, in: 0...23), reader.skip(":"),
            let minute = reader.number(2, in: 0...59), reader.skip(":"),
            let second = reader.number(2, in: 0...59), let fraction = reader.fraction(),
            let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        let days = Self.day(year: year, month: month, day: day)
        let seconds = days * Self.secondsPerDay + hour * 3600 + minute * 60 + second - offset * 60
        guard Self.writableSeconds.contains(seconds) else { return nil }
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    private static let secondsPerDay: Int64 = 86_400
    /// From 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z: years of four digits.
    private static let writableSeconds: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// Whole days since 1970-01-01, rounded down.
    private var day: Int64 {
        let quotient = seconds / Self.secondsPerDay
        return seconds < quotient * Self.secondsPerDay ? quotient - 1 : quotient
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Days and dates of the Gregorian calendar, by the algorithms of Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms": years begin in March, so that the leap day is the last of its year, and are
/// counted in eras of 400.
extension Timestamp {
    private static let daysPerEra: Int64 = 146_097
    /// From 0000-03-01 to 1970-01-01.
    private static let daysToEpoch: Int64 = 719_468

    private static func day(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * daysPerEra + dayOfEra - daysToEpoch
    }

    private static func civil(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + daysToEpoch
        let era = (shifted >= 0 ? shifted : shifted - daysPerEra + 1) / daysPerEra
        let dayOfEra = shifted - era * daysPerEra
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}

/// Reads the parts of a time from the front of a text.
private struct TimestampReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    /// Exactly `width` digits.
    mutating func number(_ width: Int, in range: ClosedRange<Int64> = 0...9999) -> Int64? {
        let digits = rest.prefix(width)
        guard digits.count == width, digits.allSatisfy(\.isDigit), let number = Int64(digits.text),
            range.contains(number)
        else { return nil }
        rest = rest.dropFirst(width)
        return number
    }

    /// One byte out of `wanted`.
    mutating func skip(_ wanted: String) -> Bool {
        guard let byte = rest.first, wanted.utf8.contains(byte) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Microseconds; 0 when there is no fraction, nil when it has no digits.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        let digits = rest.prefix(while: \.isDigit)
        guard !digits.isEmpty else { return nil }
        rest = rest[digits.endIndex...]
        let kept = digits.prefix(6).text
        return Int64(kept + String(repeating: "0", count: 6 - kept.utf8.count))
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int64? {
        if skip("Zz") { return 0 }
        let isWest = rest.first == Byte.minus
        guard skip("+-"), let hours = number(2, in: 0...23), skip(":"), let minutes = number(2, in: 0...59)
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}
