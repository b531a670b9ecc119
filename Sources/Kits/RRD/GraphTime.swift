import Glibc

/// Says times as the axis of a graph shows them.
package enum GraphTime {
    /// As "2026-11-21 06:30 - 07:30 UTC+01:00", in the machine's time zone; times in seconds since 1970.
    package static func range(from: Int64, to: Int64) -> String {
        let day = text(from, "%Y-%m-%d")
        let isOneDay = day == text(to, "%Y-%m-%d")
        let end = text(to, isOneDay ? "%H:%M" : "%Y-%m-%d %H:%M")
        return "\(day) \(text(from, "%H:%M")) – \(end) UTC\(zone(to))"
    }

    private static func zone(_ time: Int64) -> String {
        let digits = text(time, "%z")
        guard digits.count == 5, digits != "+0000" else { return "" }
        return "\(digits.prefix(3)):\(digits.suffix(2))"
    }

    private static func text(_ time: Int64, _ format: String) -> String {
        var seconds = time_t(time)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil else { return "" }
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
