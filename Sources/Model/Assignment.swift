/// What a worker was given a run with; it hands it back with the result.
package struct Assignment: Sendable, Equatable {
    /// Proves that this run was given out; nil where no distant worker is trusted with less than the whole.
    package var ticket: Ticket?
    /// The zone that is asked for its opinion; nil when one result decides. The main zone has the empty name.
    package var observer: String?

    package init(ticket: Ticket? = nil, observer: String? = nil) {
        self.ticket = ticket
        self.observer = observer
    }
}

/// A signature of 16 bytes over one run, which only those who know the key can make.
package struct Ticket: Sendable, Equatable {
    private let high: UInt64
    private let low: UInt64

    /// Of the first 16 bytes; nil when there are fewer.
    package init?(bytes: [UInt8]) {
        guard bytes.count >= 16 else { return nil }
        high = Self.number(bytes[0..<8])
        low = Self.number(bytes[8..<16])
    }

    /// Of 32 hexadecimal digits, as ``text`` has them.
    package init?(text: String) {
        let digits = text.utf8
        guard digits.count == 32,
            let middle = digits.index(digits.startIndex, offsetBy: 16, limitedBy: digits.endIndex),
            digits.allSatisfy({ Self.digits.contains($0) }),
            let high = UInt64(text[..<middle], radix: 16), let low = UInt64(text[middle...], radix: 16)
        else { return nil }
        (self.high, self.low) = (high, low)
    }

    package var text: String { Self.hexadecimal(high) + Self.hexadecimal(low) }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
