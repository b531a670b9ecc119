import Model
import Testing

@Suite struct IPAddressTests {
    @Test(
        "an address is written in its canonical form",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
            ("2001:0DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
            ("::ffff:c000:201", "::ffff:192.0.2.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("fe80::a", "fe80::a"),
        ])
    func canonical(_ text: String, _ expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(expected) == address)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test(
        "what is no address is nil",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.04", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4",
            "1.2.3.-4",
            "1.2.3.+4", "0x1.2.3.4", "1..2.3", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
            "12345::",
            "g::", "::1%eth0", "[::1]", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1.2.3.4::", "::1.2.3",
            "1:", ":1",
            "example.org", "::ffff:1.2.3.4:5", "１.2.3.4",
        ])
    func refused(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test("addresses are ordered by family and number")
    func order() {
        let texts = ["9.9.9.9", "10.0.0.1", "10.0.0.10", "::1", "2001:db8::1"]
        #expect(texts.compactMap(IPAddress.init).shuffled().sorted().map(\.description) == texts)
    }

    @Test("random bytes survive the way over text")
    func roundTrip() {
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<10_000 {
            let count = Bool.random(using: &generator) ? 4 : 16
            let bytes = (0..<count).map { _ in
                Bool.random(using: &generator) ? 0 : UInt8.random(in: 0...255, using: &generator)
            }
            let address = IPAddress(bytes: bytes)
            #expect(address.flatMap { IPAddress($0.description) } == address)
            #expect(address?.bytes == bytes)
        }
        for _ in 0..<8_000 {
            let text = generator.mutated("2001:db8::192.0.2.1", with: "0123456789abcf:.").text
            guard let address = IPAddress(text) else { continue }
            #expect(IPAddress(address.description) == address)
        }
    }
}

@Suite struct IPNetworkTests {
    @Test(
        "PP-B22: network and broadcast are left out, in small networks nothing is",
        arguments: [
            ("192.0.2.0/24", 254, "192.0.2.1", "192.0.2.254"), ("192.0.2.0/30", 2, "192.0.2.1", "192.0.2.2"),
            ("192.0.2.0/31", 2, "192.0.2.0", "192.0.2.1"), ("192.0.2.1/32", 1, "192.0.2.1", "192.0.2.1"),
            ("127.0.0.0/16", 65_534, "127.0.0.1", "127.0.255.254"),
            ("2001:db8::/126", 4, "2001:db8::", "2001:db8::3"),
            ("255.255.255.255/32", 1, "255.255.255.255", "255.255.255.255"), ("::1/128", 1, "::1", "::1"),
        ])
    func usable(_ text: String, _ count: Int, _ first: String, _ last: String) throws {
        let usable = try IPNetwork(text).usableAddresses
        let all = Array(usable)
        #expect(usable.count == count)
        #expect(all.count == count)
        #expect(all.first?.description == first)
        #expect(all.last?.description == last)
        #expect(all == all.sorted())
    }

    @Test("the count of the largest network does not overflow")
    func largest() throws {
        #expect(try IPNetwork("::/0").usableAddresses.count == .max)
        #expect(try IPNetwork("0.0.0.0/0").usableAddresses.count == 4_294_967_294)
    }

    @Test(
        "what is no network gets a sentence",
        arguments: [
            ("192.0.2.1/24", "192.0.2.1/24 has host bits set; the network is 192.0.2.0/24"),
            ("2001:db8::1/64", "2001:db8::1/64 has host bits set; the network is 2001:db8::/64"),
            ("192.0.2.0", "192.0.2.0 has no prefix length; write 192.0.2.0/32 for this one address"),
            ("192.0.2.0/33", "192.0.2.0/33 has a bad prefix length; it must be a whole number from 0 to 32"),
            ("192.0.2.0/", "192.0.2.0/ has a bad prefix length; it must be a whole number from 0 to 32"),
            ("::/129", "::/129 has a bad prefix length; it must be a whole number from 0 to 128"),
            ("192.0.2.0/-1", "192.0.2.0/-1 has a bad prefix length; it must be a whole number from 0 to 32"),
            (
                "lan/24",
                "lan/24 is not a network: write an IPv4 or IPv6 address and a prefix length, as 192.0.2.0/24"
            ),
        ])
    func sentences(_ text: String, _ sentence: String) {
        let error = #expect(throws: IPNetworkError.self) { try IPNetwork(text) }
        #expect(error?.sentence == sentence)
    }

    @Test(
        "PP-B22: IPv6 and large networks cannot be swept",
        arguments: [
            ("10.0.0.0/16", nil), ("192.0.2.0/24", nil),
            (
                "10.0.0.0/8",
                "10.0.0.0/8 has more than 65536 addresses; split it into networks of /16 at most"
            ),
            (
                "2001:db8::/64",
                "2001:db8::/64 is an IPv6 network, too large to try address by address; add its hosts by hand"
            ),
        ] as [(String, String?)])
    func sweep(_ text: String, _ refusal: String?) throws {
        #expect(try IPNetwork(text).sweepRefusal == refusal)
    }

    @Test("a network contains its addresses and no others")
    func contains() throws {
        let network = try IPNetwork("192.0.2.128/25")
        let outside = ["192.0.2.127", "192.0.3.128", "::192.0.2.128"].compactMap(IPAddress.init)
        #expect(network.usableAddresses.allSatisfy(network.contains))
        #expect(outside.count == 3)
        #expect(!outside.contains(where: network.contains))
    }
}
