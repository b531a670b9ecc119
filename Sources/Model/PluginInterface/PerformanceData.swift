/// Performance data of one plugin run, parsed without loss.
///
/// Every piece of the text is either an item or a refused token; one bad item never costs another. Units are
/// kept as written and nothing is scaled.
package struct PerformanceData: Equatable, Sendable {
    /// One measured value.
    package struct Item: Equatable, Sendable {
        /// All of it, word for word.
        package let text: String
        /// Without its quotes, `''` read as one quote.
        package let label: String
        /// The value as it was written, without the unit; `U` when the plugin could not determine it.
        package let valueText: String
        /// Nil when undetermined.
        package let value: Double?
        /// The exact value when it is written as a whole number that fits.
        package let integer: Int64?
        /// The exact value when it is written as a whole number that fits and is not negative.
        package let unsigned: UInt64?
        /// As written; empty when there is none.
        package let unit: String
        /// Ranges as written, without a trailing copy of the unit.
        package let warning: String?
        package let critical: String?
        package let minimum: Double?
        package let maximum: Double?
        package let minimumText: String?
        package let maximumText: String?
        package let remarks: Remarks

        package var warningRange: ThresholdRange? { Self.range(warning) }
        package var criticalRange: ThresholdRange? { Self.range(critical) }

        private static func range(_ text: String?) -> ThresholdRange? {
            guard let text else { return nil }
            // A text that is no range never becomes a warning or critical field, so no error is dropped here.
            return try? ThresholdRange(text)
        }
    }

    /// Fields of an item that were there and could not be used.
    package struct Remarks: OptionSet, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let warningIgnored = Remarks(rawValue: 1)
        package static let criticalIgnored = Remarks(rawValue: 2)
        package static let minimumIgnored = Remarks(rawValue: 4)
        package static let maximumIgnored = Remarks(rawValue: 8)
        /// There was something after the fourth field.
        package static let extraFields = Remarks(rawValue: 16)
    }

    /// In the order of the text; the same label may come twice.
    package internal(set) var items: [Item] = []
    /// What is no item, word for word.
    package internal(set) var refused: [String] = []
    /// Items beyond ``maximumItems``, which are counted and not kept.
    package internal(set) var omitted = 0

    package var isEmpty: Bool { items.isEmpty && refused.isEmpty }

    package static let maximumItems = 1024
    /// Bytes of a label.
    package static let maximumLabelBytes = 255
    /// Characters of a unit.
    package static let maximumUnitLength = 16
}
