/// A message between the engine and a helper: a letter, then fields with their lengths before them.
///
/// Lengths are four bytes, the lowest first. Both sides refuse what does not fit.
package struct WarmFrame: Equatable, Sendable {
    /// What a message says; the helpers in share/warm use the same letters.
    package enum Kind: UInt8, Sendable {
        /// To the helper: who we are, what it is to run, what earlier runs used.
        case begin = 0x49  // I
        /// To the helper: run it, with these arguments.
        case run = 0x51  // Q
        /// The helper can take runs.
        case ready = 0x52  // R
        /// The plugin cannot be kept warm, and why.
        case refusal = 0x4E  // N
        /// A module may not be loaded before the run, and why.
        case module = 0x58  // X
        /// A child waits for our word to run.
        case started = 0x53  // S
        /// A run could not be forked; an error number.
        case failed = 0x46  // F
        /// A file has changed, so that the helper must be replaced.
        case changed = 0x43  // C
        /// What the first run used.
        case lessons = 0x4C  // L
    }

    /// Bytes of a request; a run with more arguments goes cold.
    package static let longestRequest = 65_536

    package var kind: Kind
    package var fields: [[UInt8]]

    package init(_ kind: Kind, _ fields: [[UInt8]]) {
        self.kind = kind
        self.fields = fields
    }

    /// Reads a message; nil when it is none of ours.
    package init?(_ bytes: [UInt8]) {
        guard let letter = bytes.first, let kind = Kind(rawValue: letter) else { return nil }
        self.init(kind, [])
        var rest = bytes.dropFirst()
        while !rest.isEmpty {
            guard rest.count >= 4 else { return nil }
            let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard length <= rest.count else { return nil }
            fields.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
    }

    package var bytes: [UInt8] {
        var bytes = [kind.rawValue]
        for field in fields {
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: field.count >> shift))
            }
            bytes += field
        }
        return bytes
    }

    /// A field as text, with what is not UTF-8 replaced; empty when there is none.
    func text(_ index: Int) -> String {
        index < fields.count ? String(decoding: fields[index], as: UTF8.self) : ""
    }

    /// A field as a number.
    func number<Number: FixedWidthInteger>(_ index: Int) -> Number? { Number(text(index)) }
}
