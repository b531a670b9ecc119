import Glibc

/// An IPv4 or IPv6 address in the form that sockets compare quickly: 16 bytes as they lie in memory.
package struct ICMPAddress: Hashable, Sendable {
    package enum Family: Int, Sendable, CaseIterable {
        case ipv4
        case ipv6
    }

    package let family: Family
    /// The address in memory order; IPv4 is in the first four bytes.
    let words: (UInt64, UInt64)
    /// The interface's number for link-local IPv6 addresses, otherwise 0.
    package let scope: UInt32

    init(family: Family, words: (UInt64, UInt64), scope: UInt32 = 0) {
        self.family = family
        self.words = words
        self.scope = scope
    }

    /// Reads dotted or colon notation, with `%interface` after a link-local address; nil for anything else.
    package init?(_ text: String) {
        var words: (UInt64, UInt64) = (0, 0)
        if inet_pton(AF_INET, text, &words) == 1 {
            self.init(family: .ipv4, words: words)
            return
        }
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let plain = parts.first, inet_pton(AF_INET6, String(plain), &words) == 1 else { return nil }
        var scope: UInt32 = 0
        if parts.count == 2 {
            scope = UInt32(parts[1]) ?? if_nametoindex(String(parts[1]))
            guard scope != 0 else { return nil }
        }
        self.init(family: .ipv6, words: words, scope: scope)
    }

    /// An address of 4 or 16 bytes in network order; nil for other counts.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        self.init(family: bytes.count == 4 ? .ipv4 : .ipv6, words: words)
    }

    /// An IPv4 address by its number, as 0x7f000001 for 127.0.0.1.
    package init(ipv4 number: UInt32) {
        self.init(family: .ipv4, words: (UInt64(number.bigEndian), 0))
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.words == right.words && left.family == right.family && left.scope == right.scope
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }

    /// Whether a message from `other` may come from this address; a scope that nobody named matches all.
    func matches(_ other: ICMPAddress) -> Bool {
        words == other.words && family == other.family
            && (scope == 0 || other.scope == 0 || scope == other.scope)
    }
}

extension ICMPAddress: CustomStringConvertible {
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        var copy = words
        inet_ntop(family.number, &copy, &text, socklen_t(text.count))
        let plain = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return scope == 0 ? plain : "\(plain)%\(scope)"
    }
}

extension ICMPAddress.Family {
    /// AF_INET or AF_INET6.
    var number: Int32 { self == .ipv4 ? AF_INET : AF_INET6 }

    /// "IPv4" or "IPv6".
    package var name: String { self == .ipv4 ? "IPv4" : "IPv6" }
}
