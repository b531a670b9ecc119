/// Reads the length-prefixed fields of SSH's binary formats (RFC 4251, section 5); nil past the end.
package struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { rest = Array(bytes)[...] }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func number() -> Int? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func string() -> [UInt8]? {
        guard let count = number(), count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// The first string of a public key: its type, as "ssh-ed25519".
    static func keyType(of blob: some Collection<UInt8>) -> String? {
        var reader = WireReader(blob)
        return reader.string().map { String(decoding: $0, as: UTF8.self) }
    }

    /// A number as it goes over the wire.
    static func bytes(of number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// A string as it goes over the wire.
    package static func field(_ string: [UInt8]) -> [UInt8] { bytes(of: string.count) + string }
}
