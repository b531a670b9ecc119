import APIContract
import Model

/// Times as people give them and as tables show them.
enum Moment {
    /// Seconds since 1970 of a time that the API wrote.
    static func seconds(_ text: String) -> Int64? {
        TimeExpression.parse(text, now: Timestamp(seconds: 0))?.seconds
    }

    /// What is sent for a time that a person gave, also for a date or an age as `2h`; nil for all else.
    static func given(_ text: String) -> String? {
        let candidates = [text, text + "T00:00:00Z", "-" + text]
        let isAge = text.last?.isLetter == true
        return candidates.first { candidate in
            let seconds = TimeExpression.parse(candidate, now: Timestamp(seconds: 253_402_300_000))
            return seconds != nil && (isAge || !candidate.hasPrefix("-"))
        }
    }

    /// `2025-01-31T12:00:00.250Z` as `2025-01-31 12:00:00`.
    static func shown(_ text: String?) -> String {
        guard let text, text.utf8.count >= 19 else { return text ?? "-" }
        return String(text.prefix(10)) + " " + text.dropFirst(11).prefix(8)
    }
}
