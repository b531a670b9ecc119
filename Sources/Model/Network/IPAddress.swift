/// An IPv4 or IPv6 address.
package struct IPAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    package enum Family: Int, Sendable, Comparable {
        case ipv4 = 4
        case ipv6 = 6

        /// 32 or 128.
        package var bits: Int { self == .ipv4 ? 32 : 128 }

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    package let family: Family
    /// The address as a number, the first byte being the highest.
    let number: UInt128

    init(family: Family, number: UInt128) {
        self.family = family
        self.number = number
    }

    /// Makes an address of 4 or 16 bytes in network order; nil for other counts.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: family = .ipv4
        case 16: family = .ipv6
        default: return nil
        }
        number = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// 4 or 16 bytes in network order.
    package var bytes: [UInt8] {
        stride(from: family.bits - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// Whether it is 127.0.0.0/8 or ::1.
    package var isLoopback: Bool { family == .ipv4 ? number >> 24 == 127 : number == 1 }

    /// IPv4 before IPv6, then by number.
    package static func < (left: Self, right: Self) -> Bool {
        (left.family, left.number) < (right.family, right.number)
    }

    /// The canonical text; for IPv6 by RFC 5952, with the dotted form for ::ffff:0:0/96.
    package var description: String { family == .ipv4 ? Self.dotted(bytes) : ipv6Text }

    private static func dotted(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { String($0) }.joined(separator: ".")
    }

    private var ipv6Text: String {
        if number >> 32 == 0xFFFF { return "::ffff:" + Self.dotted(bytes.suffix(4)) }
        let groups = stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: number >> $0) }
        let texts = groups.map { String($0, radix: 16) }
        guard let zeros = Self.longestZeros(in: groups) else { return texts.joined(separator: ":") }
        let head = texts[..<zeros.lowerBound].joined(separator: ":")
        return head + "::" + texts[zeros.upperBound...].joined(separator: ":")
    }

    /// The first longest run of at least two zero groups.
    private static func longestZeros(in groups: [UInt16]) -> Range<Int>? {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best.count > 1 ? best : nil
    }
}
