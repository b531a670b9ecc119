/// One value of an object that is not accepted.
package struct ValidationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field as the API names it, as `interval` or `labels.site`.
    package let field: String
    /// The value, as a person can read it.
    package let value: String
    /// What is accepted, as "must be a whole number of seconds from 1 to 3600", or what is wrong, as "cannot
    /// be used: the quote ' at character 5 is not closed".
    package let reason: String

    /// `reason` follows the field's name in the sentence.
    package init(field: String, value: String, reason: String) {
        self.field = field
        self.value = Self.shown(value)
        self.reason = reason
    }

    /// The whole sentence: "interval must be a whole number of seconds from 1 to 3600, not 0".
    package var description: String {
        reason.hasPrefix("must ") ? "\(field) \(reason), not \(value)" : "\(field) \(reason)"
    }

    /// At most this many characters of a value are shown.
    private static let shownCharacters = 80

    /// A value fit for a sentence: short, on one line, and visible when it is empty.
    package static func shown(_ value: String) -> String {
        guard !value.isEmpty else { return "an empty text" }
        var text = ""
        for (index, scalar) in value.unicodeScalars.enumerated() {
            guard index < shownCharacters else { return text + "..." }
            if scalar.isControl {
                text += "\\x" + hex(scalar.value)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return digits.count < 2 ? "0" + digits : digits
    }
}
