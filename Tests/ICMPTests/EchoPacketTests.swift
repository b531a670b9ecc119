import Testing

@testable import ICMP

@Suite("Echo packets")
struct EchoPacketTests {
    private func bytes(_ words: (UInt64, UInt64, UInt64)) -> [UInt8] {
        withUnsafeBytes(of: words) { Array($0) }
    }

    private func parse(_ bytes: [UInt8], _ family: ICMPAddress.Family, header: Bool, cut: Bool = false)
        -> ICMPMessage
    {
        bytes.withUnsafeBytes { ICMPMessage($0, family: family, hasHeader: header, isCut: cut) }
    }

    /// An IPv4 header of 20 bytes in front of a message.
    private func ipv4(_ payload: [UInt8], options: Int = 0, target: [UInt8] = [192, 0, 2, 7]) -> [UInt8] {
        [UInt8(0x45 + options), 0, 0, 0, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 1] + target
            + [UInt8](repeating: 1, count: options * 4) + payload
    }

    private let packet = EchoPacket(
        identifier: 0xbeef, sequence: 0x1234, nonce: 0x0102_0304_0506_0708, place: 99)

    /// The reply that a host makes of a request: type 0 and a new checksum.
    private func reply(_ packet: EchoPacket) -> [UInt8] {
        var reply = bytes(packet.words(for: .ipv4))
        reply[0] = 0
        reply[2] = 0
        reply[3] = 0
        return withChecksum(reply)
    }

    private func withChecksum(_ message: [UInt8]) -> [UInt8] {
        var message = message
        var sum = 0
        for index in stride(from: 0, to: message.count, by: 2) {
            sum += Int(message[index]) << 8 + (index + 1 < message.count ? Int(message[index + 1]) : 0)
        }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        message[2] = UInt8(~sum >> 8 & 255)
        message[3] = UInt8(~sum & 255)
        return message
    }

    @Test(
        "a request has type 8, our identifier and sequence, and a checksum that zero padding does not change")
    func requestIPv4() {
        let request = bytes(packet.words(for: .ipv4))

        #expect(request[0] == 8 && request[1] == 0)
        #expect(Array(request[4..<8]) == [0xbe, 0xef, 0x12, 0x34])
        for padding in [0, 1, 52, 1000] {
            let whole = request + [UInt8](repeating: 0, count: padding)
            #expect(whole.withUnsafeBytes { InternetChecksum.isRight($0) })
        }
    }

    @Test("an IPv6 request leaves the checksum to the kernel")
    func requestIPv6() {
        let request = bytes(packet.words(for: .ipv6))

        #expect(request[0] == 128 && request[2] == 0 && request[3] == 0)
    }

    @Test("a reply is read back as what was asked, behind IP headers of every length", arguments: 0...10)
    func readsReply(options: Int) {
        #expect(parse(ipv4(reply(packet), options: options), .ipv4, header: true) == .reply(packet))
    }

    @Test("a damaged reply is refused, unless it was cut and so cannot be judged")
    func damaged() {
        var damaged = ipv4(reply(packet))
        damaged[30] ^= 4

        #expect(parse(damaged, .ipv4, header: true) == .other)
        #expect(parse(damaged, .ipv4, header: true, cut: true) != .other)
    }

    @Test("an unreachable message names the request that it quotes, however little it quotes")
    func unreachable() {
        let quoted = ipv4(Array(bytes(packet.words(for: .ipv4)).prefix(8)), options: 1)
        let message = withChecksum([3, 1, 0, 0, 0, 0, 0, 0] + quoted)

        #expect(
            parse(ipv4(message), .ipv4, header: true)
                == .error(
                    type: 3, code: 1, identifier: 0xbeef, sequence: 0x1234,
                    target: ICMPAddress(ipv4: 0xc000_0207)))
    }

    @Test("an IPv6 unreachable message names the request that it quotes")
    func unreachableIPv6() throws {
        let target = try #require(ICMPAddress("2001:db8::7"))
        let header: [UInt8] = [0x60, 0, 0, 0, 0, 0, 58, 64] + [UInt8](repeating: 0, count: 16)
        let quoted =
            header + withUnsafeBytes(of: target.words) { Array($0) } + bytes(packet.words(for: .ipv6))

        #expect(
            parse([1, 3, 0, 0, 0, 0, 0, 0] + quoted, .ipv6, header: false)
                == .error(type: 1, code: 3, identifier: 0xbeef, sequence: 0x1234, target: target))
    }

    @Test("no bytes, however short or odd, are read past their end")
    func anyBytes() {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<20_000 {
            var bytes = (0..<(round % 120)).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if bytes.count > 20, round % 2 == 0 { bytes.replaceSubrange(0..<1, with: [0x45]) }
            if bytes.count > 21, round % 4 == 0 { bytes[20] = 3 }
            for family in ICMPAddress.Family.allCases {
                _ = parse(bytes, family, header: true, cut: true)
                _ = parse(bytes, family, header: false)
            }
        }
    }

    @Test(
        "addresses are read and written in both notations",
        arguments: ["127.0.0.1", "0.0.0.0", "::1", "2001:db8::ff", "fe80::1%1"])
    func addresses(text: String) {
        #expect(ICMPAddress(text)?.description == text)
    }

    @Test(
        "what is no address is refused",
        arguments: ["", "host", "1.2.3", "1.2.3.4.5", "::1%nosuchinterface", "127.1 "])
    func noAddresses(text: String) { #expect(ICMPAddress(text) == nil) }
}
