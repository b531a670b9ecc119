extension PerformanceData.Item {
    /// Reads one item; nil when its label, value or unit is bad. A bad field only gets a remark.
    init?(_ candidate: PerformanceCandidate) {
        let fields = candidate.rest.split(separator: Byte.semicolon, omittingEmptySubsequences: false)
        guard let label = Self.label(candidate.label), let first = fields.first,
            let measured = MeasuredValue(first)
        else { return nil }
        var reader = FieldReader(fields: fields.dropFirst(), unit: measured.unit)
        text = candidate.token.text
        self.label = label
        valueText = measured.text.text
        value = measured.value
        unsigned = UInt64(exactly: measured.text)
        integer = Int64(exactly: measured.text)
        unit = measured.unit.text
        warning = reader.range(orRemark: .warningIgnored)
        critical = reader.range(orRemark: .criticalIgnored)
        (minimumText, minimum) = reader.number(orRemark: .minimumIgnored)
        (maximumText, maximum) = reader.number(orRemark: .maximumIgnored)
        reader.finish()
        remarks = reader.remarks
    }

    private static func label(_ bytes: [UInt8]) -> String? {
        guard (1...PerformanceData.maximumLabelBytes).contains(bytes.count) else { return nil }
        let label = bytes.text
        return label.unicodeScalars.contains(where: \.isControl) ? nil : label
    }
}

/// A number or `U` with its unit.
private struct MeasuredValue {
    let text: ArraySlice<UInt8>
    /// Nil when undetermined.
    let value: Double?
    let unit: ArraySlice<UInt8>

    init?(_ bytes: ArraySlice<UInt8>) {
        if bytes.elementsEqual([UInt8(ascii: "U")]) {
            (text, value, unit) = (bytes, nil, [])
            return
        }
        text = bytes.prefix(DecimalNumber.prefixLength(of: bytes))
        unit = bytes[text.endIndex...]
        guard let number = DecimalNumber.value(of: text), Self.isUnit(unit) else { return nil }
        guard !Self.isHexadecimal(text, unit) else { return nil }
        value = number
    }

    private static func isUnit(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.first != Byte.underscore else { return false }
        let scalars = bytes.text.unicodeScalars
        return scalars.count <= PerformanceData.maximumUnitLength
            && !scalars.contains { $0.isControl || forbidden.contains($0) }
    }

    private static let forbidden = Set("0123456789.,:;='\"<>|".unicodeScalars)

    /// Whether this is `0xFF` and the like, which must not be read as 0 with a unit.
    private static func isHexadecimal(_ text: ArraySlice<UInt8>, _ unit: ArraySlice<UInt8>) -> Bool {
        guard text.last == UInt8(ascii: "0"), text.count(where: \.isDigit) == 1 else { return false }
        guard let mark = unit.first, mark | 0x20 == UInt8(ascii: "x") else { return false }
        return unit.count > 1 && unit.dropFirst().allSatisfy(\.isHexDigit)
    }
}

/// Reads the fields after the value one by one.
private struct FieldReader {
    private var fields: ArraySlice<ArraySlice<UInt8>>
    private let unit: ArraySlice<UInt8>
    private(set) var remarks: PerformanceData.Remarks = []

    init(fields: ArraySlice<ArraySlice<UInt8>>, unit: ArraySlice<UInt8>) {
        self.fields = fields
        self.unit = unit
    }

    mutating func range(orRemark remark: PerformanceData.Remarks) -> String? {
        guard let bytes = next() else { return nil }
        // Why the range is bad is not kept; the remark says that it is.
        if let range = try? ThresholdRange(bytes.text) { return range.text }
        remarks.insert(remark)
        return nil
    }

    /// The text and value of a number; `U` counts as absent.
    mutating func number(orRemark remark: PerformanceData.Remarks) -> (String?, Double?) {
        guard let bytes = next(), !bytes.elementsEqual([UInt8(ascii: "U")]) else { return (nil, nil) }
        if let number = DecimalNumber.value(of: bytes) { return (bytes.text, number) }
        remarks.insert(remark)
        return (nil, nil)
    }

    /// Looks at what is left after the fourth field.
    mutating func finish() {
        if fields.contains(where: { !$0.isEmpty }) { remarks.insert(.extraFields) }
    }

    /// The next field without a trailing copy of the unit; nil when it is empty or not there.
    private mutating func next() -> ArraySlice<UInt8>? {
        guard let field = fields.popFirst(), !field.isEmpty else { return nil }
        guard !unit.isEmpty, field.count > unit.count, field.suffix(unit.count) == unit else { return field }
        return field.dropLast(unit.count)
    }
}

extension FixedWidthInteger {
    /// Reads a whole number with an optional sign; nil for anything else and when it does not fit.
    fileprivate init?(exactly bytes: ArraySlice<UInt8>) {
        guard bytes.allSatisfy({ $0.isDigit || $0 == Byte.plus || $0 == Byte.minus }) else { return nil }
        self.init(bytes.text)
    }
}
