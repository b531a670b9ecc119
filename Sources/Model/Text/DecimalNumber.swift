/// Numbers as plugins write them: optional sign, digits with an optional point, optional exponent.
///
/// No blanks, no decimal comma, no hexadecimal, no `inf` or `nan`.
enum DecimalNumber {
    /// How many bytes at the beginning of `bytes` are a number; 0 when there is none.
    ///
    /// An `e` without digits after it does not belong to the number: `1EWh` is 1 with the unit `EWh`.
    static func prefixLength(of bytes: some RandomAccessCollection<UInt8>) -> Int {
        var scanner = Scanner(bytes)
        scanner.skip { $0 == Byte.plus || $0 == Byte.minus }
        var digits = scanner.skipDigits()
        if scanner.skip({ $0 == Byte.point }) { digits += scanner.skipDigits() }
        guard digits > 0 else { return 0 }
        let mantissa = scanner.offset
        if scanner.skip({ $0 | 0x20 == UInt8(ascii: "e") }) {
            scanner.skip { $0 == Byte.plus || $0 == Byte.minus }
            if scanner.skipDigits() == 0 { return mantissa }
        }
        return scanner.offset
    }

    /// The value of a whole text that is a number; nil when it is not, or is not finite.
    ///
    /// A negative zero becomes zero.
    static func value(of bytes: some RandomAccessCollection<UInt8>) -> Double? {
        guard !bytes.isEmpty, prefixLength(of: bytes) == bytes.count else { return nil }
        guard let number = Double(normalised(bytes).text), number.isFinite else { return nil }
        return number == 0 ? 0 : number
    }

    /// With a digit on both sides of the point, as every reader of numbers takes it.
    private static func normalised(_ bytes: some RandomAccessCollection<UInt8>) -> [UInt8] {
        var result = Array(bytes)
        guard let point = result.firstIndex(of: Byte.point) else { return result }
        if point + 1 == result.count || !result[point + 1].isDigit { result.insert(0x30, at: point + 1) }
        if point == 0 || !result[point - 1].isDigit { result.insert(0x30, at: point) }
        return result
    }

    /// Steps over bytes from the front.
    private struct Scanner<Bytes: RandomAccessCollection<UInt8>> {
        private var rest: Bytes.SubSequence
        private(set) var offset = 0

        init(_ bytes: Bytes) { rest = bytes[...] }

        @discardableResult
        mutating func skip(_ isWanted: (UInt8) -> Bool) -> Bool {
            guard let byte = rest.first, isWanted(byte) else { return false }
            rest = rest.dropFirst()
            offset += 1
            return true
        }

        mutating func skipDigits() -> Int {
            var count = 0
            while skip(\.isDigit) { count += 1 }
            return count
        }
    }
}
