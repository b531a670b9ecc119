extension IPAddress {
    /// Reads an address; nil when the text is none.
    ///
    /// IPv4 is four decimal numbers without leading zeros, so that nobody reads them as octal. IPv6 is RFC
    /// 4291, without brackets and without a zone.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)[...]
        if let number = Self.ipv4(bytes) {
            self.init(family: .ipv4, number: UInt128(number))
        } else if let number = Self.ipv6(bytes) {
            self.init(family: .ipv6, number: number)
        } else {
            return nil
        }
    }

    private static func ipv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: Byte.point, omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy(\.isDigit), let value = UInt8(part.text)
            else { return nil }
            if part.count > 1 && part.first == UInt8(ascii: "0") { return nil }
            number = number << 8 | UInt32(value)
        }
        return number
    }

    private static func ipv6(_ bytes: ArraySlice<UInt8>) -> UInt128? {
        guard bytes.count >= 2, bytes.count <= 45 else { return nil }
        guard let gap = gap(in: bytes) else {
            guard let groups = groups(bytes), groups.count == 8 else { return nil }
            return number(groups)
        }
        let tail = bytes[(gap + 2)...]
        guard let head = groups(bytes[..<gap], mayEndInIPv4: false), let last = groups(tail) else {
            return nil
        }
        let missing = 8 - head.count - last.count
        guard missing >= 1 else { return nil }
        return number(head + Array(repeating: 0, count: missing) + last)
    }

    /// Where `::` stands; a second one is then a broken group.
    private static func gap(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.dropLast().first { bytes[$0] == Byte.colon && bytes[$0 + 1] == Byte.colon }
    }

    /// The groups of one side, the last of which may be an IPv4 address.
    private static func groups(_ bytes: ArraySlice<UInt8>, mayEndInIPv4: Bool = true) -> [UInt16]? {
        if bytes.isEmpty { return [] }
        var result: [UInt16] = []
        let parts = bytes.split(separator: Byte.colon, omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, let number = ipv4(part) {
                result += [UInt16(truncatingIfNeeded: number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                guard (1...4).contains(part.count), part.allSatisfy(\.isHexDigit),
                    let group = UInt16(part.text, radix: 16)
                else { return nil }
                result.append(group)
            }
        }
        return result
    }

    private static func number(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }
}
