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
        unsigned = measured.isWhole ? UInt64(valueText) : nil
        integer = measured.isWhole ? Int64(valueText) : nil
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
        return bytes[...].containsControl ? nil : bytes.text
    }
}

/// A number or `U` with its unit.
private struct MeasuredValue {
    let text: ArraySlice<UInt8>
    /// Nil when undetermined.
    let value: Double?
    let isWhole: Bool
    let unit: ArraySlice<UInt8>

    init?(_ bytes: ArraySlice<UInt8>) {
        if bytes.elementsEqual([UInt8(ascii: "U")]) {
            (text, value, isWhole, unit) = (bytes, nil, false, [])
            return
        }
        guard let number = DecimalNumber(prefixOf: bytes), let value = number.value else { return nil }
        text = number.bytes
        unit = bytes[text.endIndex...]
        isWhole = number.isWhole
        self.value = value
        if !Self.isUnit(unit) || Self.isHexadecimal(text, unit) { return nil }
    }

    private static func isUnit(_ bytes: ArraySlice<UInt8>) -> Bool {
        if bytes.isEmpty { return true }
        let characters = bytes.count { $0 & 0xC0 != 0x80 }
        return bytes.first != Byte.underscore && characters <= PerformanceData.maximumUnitLength
            && !bytes.containsControl && !bytes.contains { $0.isDigit || forbidden.contains($0) }
    }

    private static let forbidden = Array(".,:;='\"<>|".utf8)

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
        if let range = try? ThresholdRange(bytes) { return range.text }
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
