/// What a received message says, taken apart without trusting a byte of it.
package enum ICMPMessage: Equatable, Sendable {
    case reply(EchoPacket)
    /// A router or host says that our request came to nothing; senders quote at least eight bytes of it.
    case error(type: UInt8, code: UInt8, identifier: UInt16, sequence: UInt16, target: ICMPAddress)
    /// Nothing of ours, cut short or damaged.
    case other

    /// Reads a message; raw IPv4 sockets show the IP header too.
    ///
    /// The checksum is looked at on raw IPv4 sockets, where the kernel does not, unless the message was cut.
    package init(
        _ bytes: UnsafeRawBufferPointer, family: ICMPAddress.Family, hasHeader: Bool, isCut: Bool = false
    ) {
        let start = hasHeader ? Self.headerLength(bytes, at: 0) : 0
        guard let start, bytes.count >= start + 8 else {
            self = .other
            return
        }
        let message = UnsafeRawBufferPointer(rebasing: bytes[start...])
        if hasHeader, !isCut, !InternetChecksum.isRight(message) {
            self = .other
            return
        }
        switch (family, message[0]) {
        case (.ipv4, 0), (.ipv6, 129): self = Self.reply(message)
        case (.ipv4, 3), (.ipv4, 11), (.ipv4, 12): self = Self.errorIPv4(message)
        case (.ipv6, 1...4): self = Self.errorIPv6(message)
        default: self = .other
        }
    }

    private static func reply(_ message: UnsafeRawBufferPointer) -> ICMPMessage {
        guard message.count >= 24, message[1] == 0 else { return .other }
        return .reply(
            EchoPacket(
                identifier: number(message, at: 4), sequence: number(message, at: 6),
                nonce: message.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
                place: message.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
    }

    private static func errorIPv4(_ message: UnsafeRawBufferPointer) -> ICMPMessage {
        guard let length = headerLength(message, at: 8), message.count >= 8 + length + 8,
            message[8 + 9] == 1, message[8 + length] == 8
        else { return .other }
        let target = message.loadUnaligned(fromByteOffset: 8 + 16, as: UInt32.self)
        return .error(
            type: message[0], code: message[1], identifier: number(message, at: 8 + length + 4),
            sequence: number(message, at: 8 + length + 6),
            target: ICMPAddress(ipv4: UInt32(bigEndian: target)))
    }

    private static func errorIPv6(_ message: UnsafeRawBufferPointer) -> ICMPMessage {
        guard message.count >= 56, message[14] == 58, message[48] == 128 else { return .other }
        let words = (
            message.loadUnaligned(fromByteOffset: 32, as: UInt64.self),
            message.loadUnaligned(fromByteOffset: 40, as: UInt64.self)
        )
        return .error(
            type: message[0], code: message[1], identifier: number(message, at: 52),
            sequence: number(message, at: 54), target: ICMPAddress(family: .ipv6, words: words))
    }

    /// The length of the IPv4 header at `offset`; nil when it cannot be one.
    private static func headerLength(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard bytes.count >= offset + 20, bytes[offset] >> 4 == 4 else { return nil }
        let length = Int(bytes[offset] & 15) * 4
        return length >= 20 ? length : nil
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt16 {
        UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
}
