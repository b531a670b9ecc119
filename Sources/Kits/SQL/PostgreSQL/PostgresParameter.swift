import CPQ

/// A value on its way to the server, with its type.
package enum PostgresParameter: Sendable {
    /// A single value; null takes the type that its place has.
    case single(SQLValue)
    /// Arrays, for `unnest`: one parameter a column and not one a row.
    case integers([Int64?])
    case texts([String?])

    init(_ value: SQLValue) { self = .single(value) }

    /// The number of the type in every PostgreSQL; 0 leaves it to the place.
    private var type: Oid {
        switch self {
        case .single(.null): 0
        case .single(.integer): 20
        case .single(.boolean): 16
        case .single(.real): 701
        case .single(.text): 25
        case .integers: 1016
        case .texts: 1009
        }
    }

    /// Binary for arrays, text with its final zero for the rest.
    private var isBinary: Bool {
        switch self {
        case .integers, .texts: true
        case .single: false
        }
    }

    private var bytes: [UInt8]? {
        switch self {
        case .single(.null): nil
        case .single(.integer(let number)): Array(String(number).utf8) + [0]
        case .single(.boolean(let isTrue)): [UInt8(ascii: isTrue ? "t" : "f"), 0]
        case .single(.real(let number)): Array(String(number).utf8) + [0]
        // The server has no text with a zero in it.
        case .single(.text(let text)): text.utf8.filter { $0 != 0 } + [0]
        case .integers(let numbers):
            Self.array(of: 20, numbers.count, numbers.contains { $0 == nil }) { array in
                for number in numbers {
                    guard let number else {
                        array.append(-1 as Int32)
                        continue
                    }
                    array.append(8 as Int32)
                    array.append(number)
                }
            }
        case .texts(let texts):
            Self.array(of: 25, texts.count, texts.contains { $0 == nil }) { array in
                for text in texts {
                    if let text { array.append(text) } else { array.append(-1 as Int32) }
                }
            }
        }
    }

    private static func array(
        of type: Int32, _ count: Int, _ hasNull: Bool, _ fill: (inout ArrayBytes) -> Void
    ) -> [UInt8] {
        var array = ArrayBytes(capacity: 32 * count + 20)
        array.append(1 as Int32)
        array.append(hasNull ? 1 : 0 as Int32)
        array.append(type)
        array.append(Int32(count))
        array.append(1 as Int32)
        fill(&array)
        return array.bytes
    }

    /// The arrays that the library wants, valid during `body`.
    static func withAddresses<Result>(
        _ parameters: [PostgresParameter],
        _ body: ([Oid], [UnsafePointer<CChar>?], [Int32], [Int32]) throws(SQLError) -> Result
    ) throws(SQLError) -> Result {
        let copies = parameters.map { parameter -> UnsafeMutableBufferPointer<CChar>? in
            guard let bytes = parameter.bytes else { return nil }
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(1, bytes.count))
            for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
            return copy
        }
        defer { for copy in copies { copy?.deallocate() } }
        return try body(
            parameters.map(\.type), copies.map { UnsafePointer($0?.baseAddress) },
            copies.map { Int32($0?.count ?? 0) }, parameters.map { $0.isBinary ? 1 : 0 })
    }
}

/// Bytes in the order of the network.
private struct ArrayBytes {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The length comes first; a zero, which the server refuses, is left out.
    mutating func append(_ text: String) {
        let place = bytes.count
        append(0 as Int32)
        var text = text
        text.withUTF8 { source in
            if source.contains(0) {
                bytes.append(contentsOf: source.lazy.filter { $0 != 0 })
            } else {
                bytes.append(contentsOf: source)
            }
        }
        let count = Int32(bytes.count - place - 4)
        withUnsafeBytes(of: count.bigEndian) { length in
            for (index, byte) in length.enumerated() { bytes[place + index] = byte }
        }
    }
}
