/// A number as plugins write it: optional sign, digits with an optional point, optional exponent.
///
/// No blanks, no decimal comma, no hexadecimal, no `inf` or `nan`.
struct DecimalNumber {
    /// The bytes that are the number.
    let bytes: ArraySlice<UInt8>
    /// All digits before the exponent as one whole number; nil when it does not fit.
    private let digits: UInt64?
    /// How many of the digits stand after the point.
    private let decimals: Int
    private let hasExponent: Bool

    /// Reads the longest number at the beginning of `bytes`; nil when there is none.
    ///
    /// An `e` without digits after it does not belong to the number: `1EWh` is 1 with the unit `EWh`.
    init?(prefixOf bytes: ArraySlice<UInt8>) {
        var reader = DigitReader(bytes)
        reader.skipSign()
        let whole = reader.skipDigits()
        let decimals = reader.skip(Byte.point) ? reader.skipDigits() : 0
        guard whole + decimals > 0 else { return nil }
        digits = reader.overflowed ? nil : reader.value
        let mantissaEnd = reader.index
        hasExponent = reader.skipExponent()
        self.bytes = bytes[..<(hasExponent ? reader.index : mantissaEnd)]
        self.decimals = decimals
    }

    /// Whether nothing but digits and a sign is in it.
    var isWhole: Bool { bytes.allSatisfy { $0.isDigit || $0 == Byte.plus || $0 == Byte.minus } }

    /// The nearest double; nil when it is not finite. A negative zero becomes zero.
    var value: Double? {
        guard let number = exact ?? Double(normalised.text), number.isFinite else { return nil }
        return number == 0 ? 0 : number
    }

    /// Up to 2^53 and 10^22 both sides are exact doubles, so that their quotient is the nearest one.
    private var exact: Double? {
        guard !hasExponent, let digits, digits <= 1 << 53, decimals < Self.powers.count else { return nil }
        let magnitude = Double(digits) / Self.powers[decimals]
        return bytes.first == Byte.minus ? -magnitude : magnitude
    }

    private static let powers: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
        1e19,
        1e20, 1e21, 1e22,
    ]

    /// With a digit on both sides of the point, as every reader of numbers takes it.
    private var normalised: [UInt8] {
        var result = Array(bytes)
        guard let point = result.firstIndex(of: Byte.point) else { return result }
        if point + 1 == result.count || !result[point + 1].isDigit { result.insert(0x30, at: point + 1) }
        if point == 0 || !result[point - 1].isDigit { result.insert(0x30, at: point) }
        return result
    }

    /// The value of a text that is a number as a whole.
    static func value(of bytes: ArraySlice<UInt8>) -> Double? {
        guard let number = DecimalNumber(prefixOf: bytes), number.bytes.endIndex == bytes.endIndex else {
            return nil
        }
        return number.value
    }
}

/// Steps over the parts of a number and adds its digits up.
private struct DigitReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var index: Int
    private(set) var value: UInt64 = 0
    private(set) var overflowed = false

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    private var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        index += 1
        return true
    }

    mutating func skipSign() { _ = skip(Byte.plus) || skip(Byte.minus) }

    mutating func skipDigits() -> Int {
        let start = index
        while let byte = current, byte.isDigit {
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeNow) = tens.addingReportingOverflow(UInt64(byte - 0x30))
            value = sum
            overflowed = overflowed || isTooLarge || isTooLargeNow
            index += 1
        }
        return index - start
    }

    mutating func skipExponent() -> Bool {
        guard skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) else { return false }
        skipSign()
        return skipDigits() > 0
    }
}
