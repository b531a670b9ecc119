/// The first 24 bytes of an echo request: header, nonce and the number of its place in our table.
///
/// All further payload is zero and so leaves the checksum alone. The place only says where to look; what
/// proves a reply is the nonce, eight random bytes that nobody off the path can know.
package struct EchoPacket: Equatable, Sendable {
    package var identifier: UInt16
    package var sequence: UInt16
    package var nonce: UInt64
    package var place: UInt32

    package init(identifier: UInt16, sequence: UInt16, nonce: UInt64, place: UInt32) {
        self.identifier = identifier
        self.sequence = sequence
        self.nonce = nonce
        self.place = place
    }

    /// Bytes of payload that every request has at least.
    package static let smallestPayload = 16

    /// The 24 bytes as they lie in memory; the checksum is filled in for IPv4 (the kernel does it for IPv6).
    package func words(for family: ICMPAddress.Family) -> (UInt64, UInt64, UInt64) {
        let type: UInt64 = family == .ipv4 ? 8 : 128
        var header = type | UInt64(identifier.bigEndian) << 32 | UInt64(sequence.bigEndian) << 48
        let tail = UInt64(place)
        if family == .ipv4 {
            header |= UInt64(InternetChecksum.of(header, nonce, tail)) << 16
        }
        return (header, nonce, tail)
    }
}

/// The checksum of RFC 1071: the complement of the sum of 16-bit words in one's complement.
enum InternetChecksum {
    static func of(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> UInt16 {
        ~fold(half(first) + half(second) + half(third))
    }

    /// Whether bytes that hold their own checksum are whole.
    static func isRight(_ bytes: UnsafeRawBufferPointer) -> Bool {
        // Two halves of eight bytes at a time: sums of 32-bit words fold to the same as those of 16-bit ones.
        var sum: UInt64 = 0
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            sum += (word & 0xffff_ffff) + (word >> 32)
            index += 8
        }
        while index + 2 <= bytes.count {
            sum += UInt64(bytes.loadUnaligned(fromByteOffset: index, as: UInt16.self))
            index += 2
        }
        if index < bytes.count { sum += UInt64(UInt16(bytes[index]).littleEndian) }
        return fold(sum) == 0xffff
    }

    private static func half(_ word: UInt64) -> UInt64 { (word & 0xffff_ffff) + (word >> 32) }

    private static func fold(_ sum: UInt64) -> UInt16 {
        var sum = sum
        while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
        return UInt16(sum)
    }
}
