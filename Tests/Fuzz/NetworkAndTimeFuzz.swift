import APIContract
import Model
import Testing

/// Addresses, networks and times.
@Suite("Fuzz: networks and times")
struct NetworkAndTimeFuzz {
    @Test("an address or network that is read reads back; a network that is not is refused in a sentence")
    func networks() async throws {
        try await Fuzzer("networks", signs: "0123456789./:abcdefABCDEF%[]").run { input, _ in
            let text = input.text
            if let address = IPAddress(text) {
                try hold(IPAddress(address.description) == address, "an address reads back")
                try hold(IPAddress(bytes: address.bytes) == address, "its bytes give it again")
            }
            do {
                let network = try IPNetwork(text)
                try hold(try IPNetwork(network.description) == network, "a network reads back")
                try hold(network.contains(network.address), "its lowest address is in it")
                let usable = network.usableAddresses
                try hold(usable.count >= 1, "it has a usable address")
                let first = Array(usable.prefix(20))
                try hold(first.count == min(20, usable.count), "as many come as are counted")
                try hold(first.allSatisfy(network.contains), "usable addresses are in it")
                try hold(
                    first == first.sorted() && Set(first).count == first.count, "they come in order, once")
            } catch let error as IPNetworkError {
                try hold(error.sentence.isPrintable, "the refusal is one line: \(error.sentence)")
            }
        }
    }

    @Test("a time that is read is written as RFC 3339 and reads back to the millisecond")
    func times() async throws {
        try await Fuzzer("times", signs: "0123456789-:.TtZz+ nowsmhd").run { input, random in
            let now = Timestamp(seconds: Int64.random(in: 0...4_000_000_000, using: &random))
            let parsed = [Timestamp(rfc3339: input.text), TimeExpression.parse(input.text, now: now)]
            for time in parsed.compactMap(\.self) {
                let again = Timestamp(rfc3339: time.rfc3339)
                try hold(again?.rfc3339 == time.rfc3339, "\(time.rfc3339) reads back")
                let lost = again.map { time - $0 } ?? .seconds(1)
                try hold((.zero..<Duration.milliseconds(1)).contains(lost), "less than a millisecond is lost")
            }
        }
    }
}
