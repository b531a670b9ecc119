/// A range of the plugin interface, `[@]start:end`, both ends included.
///
/// `10` is `0:10`, `10:` has no upper end, `~:10` no lower one; a value outside alerts, with `@` a value
/// inside. See the Monitoring Plugins development guidelines, "Threshold and ranges".
package struct ThresholdRange: Hashable, Sendable {
    package let start: Double
    package let end: Double
    /// Whether values inside alert in place of those outside.
    package let alertsInside: Bool
    /// As it was written.
    package let text: String

    /// Reads a range; numbers are decimal with a point, without units and blanks.
    package init(_ text: String) throws(ThresholdRangeError) {
        try self.init(Array(text.utf8)[...])
    }

    /// Reads a range from a part of a longer text.
    init(_ written: ArraySlice<UInt8>) throws(ThresholdRangeError) {
        let text = written.text
        func refuse(_ reason: String) -> ThresholdRangeError {
            ThresholdRangeError(text: text, reason: reason)
        }
        alertsInside = written.first == Byte.at
        let bytes = alertsInside ? written.dropFirst() : written
        let colon = bytes.firstIndex(of: Byte.colon)
        let first = colon.map { bytes[..<$0] } ?? []
        let last = colon.map { bytes[($0 + 1)...] } ?? bytes
        guard !last.contains(Byte.colon) else { throw refuse("it has more than one colon") }
        guard !first.isEmpty || !last.isEmpty else { throw refuse("it names no limit") }
        guard let start = Self.start(first) else { throw refuse("\(first.text) is not a number") }
        guard let end = Self.end(last) else { throw refuse("\(last.text) is not a number") }
        guard start <= end else { throw refuse("its start is above its end") }
        self.start = start
        self.end = end
        self.text = text
    }

    private static func start(_ bytes: ArraySlice<UInt8>) -> Double? {
        if bytes.isEmpty { return 0 }
        return bytes.elementsEqual([Byte.tilde]) ? -.infinity : DecimalNumber.value(of: bytes)
    }

    private static func end(_ bytes: ArraySlice<UInt8>) -> Double? {
        bytes.isEmpty ? .infinity : DecimalNumber.value(of: bytes)
    }

    /// Whether `value` lies between the ends, which belong to the range; never true for NaN.
    package func contains(_ value: Double) -> Bool { start <= value && value <= end }

    /// Whether `value` raises an alert.
    package func alerts(on value: Double) -> Bool { contains(value) == alertsInside }
}

/// Why a text is not a range.
package struct ThresholdRangeError: Error, Equatable, Sendable, CustomStringConvertible {
    package let text: String
    package let reason: String

    package init(text: String, reason: String) {
        self.text = text
        self.reason = reason
    }

    package var description: String {
        "\(ValidationError.shown(text)) is not a range: \(reason); "
            + "write [@]start:end, as 10, 5:10, ~:10 or @5:10"
    }
}

/// A warning and a critical range for one value.
package struct Thresholds: Hashable, Sendable {
    package var warning: ThresholdRange?
    package var critical: ThresholdRange?

    package init(warning: ThresholdRange? = nil, critical: ThresholdRange? = nil) {
        self.warning = warning
        self.critical = critical
    }

    /// The state that `value` gives; the critical range is looked at first.
    package func state(of value: Double) -> CheckState {
        if critical?.alerts(on: value) == true { return .critical }
        return warning?.alerts(on: value) == true ? .warning : .ok
    }
}
