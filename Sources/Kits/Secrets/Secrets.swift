import CSodium

/// Random bytes, digests and comparisons by libsodium.
package enum Secrets {
    /// libsodium is initialised once; without it nothing here is safe.
    private static let isReady: Bool = {
        precondition(sodium_init() >= 0, "libsodium cannot be initialised")
        return true
    }()

    /// Bytes from the system's random generator.
    package static func random(_ count: Int) -> [UInt8] {
        _ = isReady
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            if let base = buffer.baseAddress { randombytes_buf(base, count) }
            filled = count
        }
    }

    /// The SHA-256 digest, 32 bytes.
    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        _ = isReady
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return digest
    }

    /// What only those who know the key can make of a message: BLAKE2b of 16 bytes. The key has 16 to 64 bytes.
    package static func signature(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        _ = isReady
        var signature = [UInt8](repeating: 0, count: 16)
        precondition(
            crypto_generichash(
                &signature, signature.count, message, UInt64(message.count), key, key.count) == 0,
            "a key has 16 to 64 bytes")
        return signature
    }

    /// Whether both are the same, in a time that depends on their length only.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count, !left.isEmpty else { return left.count == right.count }
        return sodium_memcmp(left, right, left.count) == 0
    }

    /// Base64 for addresses and headers (RFC 4648, section 5), without padding.
    package static func base64URL(_ bytes: [UInt8]) -> String {
        _ = isReady
        let variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
