/// A network in CIDR notation, without host bits.
package struct IPNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The lowest address.
    package let address: IPAddress
    package let prefixLength: Int

    /// A sweep of more addresses than this (an IPv4 /16) is refused.
    package static let maximumSweep = 65_536

    /// Reads `address/prefix`; throws a sentence when it is none or has host bits.
    package init(_ text: String) throws(IPNetworkError) {
        func refuse(_ reason: String) -> IPNetworkError {
            IPNetworkError(sentence: "\(ValidationError.shown(text)) \(reason)")
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard let address = IPAddress(parts[0]) else {
            throw refuse(
                "is not a network: write an IPv4 or IPv6 address and a prefix length, as 192.0.2.0/24")
        }
        let bits = address.family.bits
        guard parts.count == 2 else {
            throw refuse("has no prefix length; write \(address)/\(bits) for this one address")
        }
        guard parts[1].utf8.allSatisfy(\.isDigit), let length = Int(parts[1]), (0...bits).contains(length)
        else {
            throw refuse("has a bad prefix length; it must be a whole number from 0 to \(bits)")
        }
        let network = IPAddress(
            family: address.family, number: address.number & ~Self.hostMask(bits - length))
        guard network == address else {
            throw refuse("has host bits set; the network is \(network)/\(length)")
        }
        self.address = address
        prefixLength = length
    }

    package var description: String { "\(address)/\(prefixLength)" }

    package func contains(_ other: IPAddress) -> Bool {
        other.family == address.family && other.number & ~mask == address.number
    }

    /// The addresses that hosts can have, in order.
    ///
    /// IPv4 leaves the network and the broadcast address out; /31 (RFC 3021) and /32 have none to leave out.
    /// IPv6 has no broadcast and gives all.
    package var usableAddresses: UsableAddresses {
        let last = address.number | mask
        let leavesEndsOut = address.family == .ipv4 && prefixLength <= 30
        return UsableAddresses(
            family: address.family, first: address.number + (leavesEndsOut ? 1 : 0),
            last: last - (leavesEndsOut ? 1 : 0))
    }

    /// Why this network cannot be swept, as a sentence; nil when it can.
    package var sweepRefusal: String? {
        if address.family == .ipv6 {
            return "\(self) is an IPv6 network, too large to try address by address; add its hosts by hand"
        }
        if prefixLength < 16 {
            return
                "\(self) has more than \(Self.maximumSweep) addresses; split it into networks of /16 at most"
        }
        return nil
    }

    private var mask: UInt128 { Self.hostMask(address.family.bits - prefixLength) }

    /// Ones in the lowest `bits`.
    private static func hostMask(_ bits: Int) -> UInt128 { bits == 128 ? .max : (1 << UInt128(bits)) - 1 }
}

/// The addresses of a network from the first to the last.
package struct UsableAddresses: Sequence, IteratorProtocol, Sendable {
    private let family: IPAddress.Family
    private var first: UInt128
    private let last: UInt128
    private var isFinished = false

    init(family: IPAddress.Family, first: UInt128, last: UInt128) {
        self.family = family
        self.first = first
        self.last = last
    }

    /// How many are left; the largest `Int` when there are more.
    package var count: Int {
        guard !isFinished else { return 0 }
        return last - first < UInt128(Int.max) ? Int(last - first) + 1 : .max
    }

    package mutating func next() -> IPAddress? {
        guard !isFinished else { return nil }
        defer { if first == last { isFinished = true } else { first += 1 } }
        return IPAddress(family: family, number: first)
    }
}

/// Why a text is not a network.
package struct IPNetworkError: Error, Hashable, Sendable, CustomStringConvertible {
    package let sentence: String

    package var description: String { sentence }
}
