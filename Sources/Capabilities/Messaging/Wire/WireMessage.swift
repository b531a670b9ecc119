/// What can be carried by a broker: its form is JSON with a version, at most ``WireFormat/sizeLimit`` bytes.
package protocol WireMessage: Sendable {
    /// The message as bytes; what may be cut is cut to the limit, anything else throws when it is too large.
    func wireBytes() throws(WireError) -> [UInt8]

    /// Reads what ``wireBytes()`` wrote; throws a sentence when it cannot be trusted.
    init(wireBytes: [UInt8]) throws(WireError)
}

/// Why a message can not be carried or read.
package struct WireError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A sentence for people, without the content of the message.
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Limits of all messages.
package enum WireFormat {
    /// Bytes of one message.
    package static let sizeLimit = 256 << 10
    /// Messages of another version are refused.
    package static let version = 1
}
