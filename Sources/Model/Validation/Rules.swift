/// Collects what is wrong with the fields of one object.
struct Rules {
    private(set) var errors: [ValidationError] = []

    /// Characters of a name.
    static let nameLengths = 1...100
    /// Bytes of a label's value and of a variable's value.
    static let maximumValueBytes = 4096
    static let maximumDescriptionBytes = 4096
    static let maximumArgumentBytes = 16_384

    mutating func refuse(_ field: String, _ value: String, _ reason: String) {
        errors.append(ValidationError(field: field, value: value, reason: reason))
    }

    /// Names stand in paths and tables: short, on one line, without a slash.
    mutating func name(_ name: String, field: String = "name") {
        let scalars = name.unicodeScalars
        if !Self.nameLengths.contains(scalars.count) {
            refuse(field, name, "must have 1 to \(Self.nameLengths.upperBound) characters")
        } else if scalars.contains(where: { $0 == "/" || $0.isControl }) {
            refuse(field, name, "must not contain slashes or control characters")
        } else if scalars.contains(where: \.isUnseen) {
            refuse(
                field, name, "must not contain line separators or marks that change the direction of writing")
        } else if name == "." || name == ".." {
            refuse(field, name, "must be more than dots, which mean folders in a path")
        } else if name != name.trimmed {
            refuse(field, "\"\(name)\"", "must not begin or end with white space")
        }
    }

    /// Zones stand in names of queues.
    mutating func zone(_ zone: String) {
        guard !zone.isEmpty, !Self.isZone(zone) else { return }
        refuse("zone", zone, "must be empty or a name of 1 to 63 letters, digits and . _ -")
    }

    /// Whether a text can be the name of a zone.
    static func isZone(_ text: String) -> Bool { isWord(text, signs: ".-", lengths: 1...63) }

    mutating func whole(_ number: Int, in range: ClosedRange<Int>, field: String, of unit: String = "") {
        guard !range.contains(number) else { return }
        let kind = unit.isEmpty ? "a whole number" : "a whole number of \(unit)"
        refuse(field, "\(number)", "must be \(kind) from \(range.lowerBound) to \(range.upperBound)")
    }

    mutating func text(_ text: String, field: String, maximumBytes: Int, mayHaveLines: Bool = false) {
        let isBad = text.unicodeScalars.contains {
            $0.isControl && !(mayHaveLines && "\n\t\r".unicodeScalars.contains($0))
        }
        if text.utf8.count > maximumBytes {
            refuse(field, "\(text.utf8.count)", "must have at most \(maximumBytes) bytes")
        } else if isBad {
            refuse(field, text, "must not contain control characters")
        }
    }

    /// Letters, digits and some signs; `signs` may not come first.
    static func isWord(_ text: String, signs: String, lengths: ClosedRange<Int>) -> Bool {
        let bytes = text.utf8
        guard lengths.contains(bytes.count), let first = bytes.first else { return false }
        let isPlain = { (byte: UInt8) in byte.isLetter || byte.isDigit || byte == Byte.underscore }
        return isPlain(first) && bytes.allSatisfy { isPlain($0) || signs.utf8.contains($0) }
    }
}
