/// Bytes that many answers send without a copy of their own.
// `@unchecked`: written once, before anybody else has it.
package final class SharedBytes: @unchecked Sendable {
    private let buffer: UnsafeMutableRawBufferPointer

    package var count: Int { buffer.count }

    /// Copies `bytes` once.
    package init(_ bytes: [UInt8]) {
        buffer = .allocate(byteCount: bytes.count, alignment: 1)
        buffer.copyBytes(from: bytes)
    }

    deinit { buffer.deallocate() }

    /// What is in `range`.
    package func append(_ range: Range<Int>, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[range]))
    }

    /// Where they lie, for as long as the object lives.
    var address: UnsafeMutableRawPointer? { buffer.baseAddress }
}
