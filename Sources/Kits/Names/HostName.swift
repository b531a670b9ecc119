/// What may be called a host name.
package enum HostName {
    /// The name without its final point; nil when it has other characters than letters, digits, `-`, `_` and points.
    ///
    /// Whoever serves a reverse zone may put anything into it: what is no name must not become one of ours. At most 253
    /// characters, labels of 1 to 63 (RFC 1035).
    package static func clean(_ text: String) -> String? {
        let name = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard (1...253).contains(name.utf8.count) else { return nil }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isSound = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.allSatisfy(isAllowed) && label.first != UInt8(ascii: "-")
        }
        return isSound ? name : nil
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
