import CSQLite

/// Texts of one row, laid side by side, that several statements use without a copy each.
///
/// Put in all texts of a row, bind them, run the statements, and clear it for the next row. What was bound may be read
/// by the library as long as the statement runs: neither clear nor let go of the buffer before that.
package final class TextBuffer {
    /// Where a text lies.
    package struct Place: Sendable {
        fileprivate let start: Int
        fileprivate let count: Int
    }

    private var bytes: UnsafeMutablePointer<UInt8>
    private var capacity = 4096
    private var count = 0

    package init() { bytes = .allocate(capacity: capacity) }

    deinit { bytes.deallocate() }

    /// Forgets all texts and keeps the memory, unless one large row made it grow.
    package func clear() {
        count = 0
        if capacity > Self.keptCapacity { grow(to: 4096) }
    }

    package func put(_ text: String) -> Place {
        var text = text
        return text.withUTF8 { source in
            if count + source.count > capacity { grow(to: 2 * (count + source.count)) }
            if let start = source.baseAddress { (bytes + count).update(from: start, count: source.count) }
            defer { count += source.count }
            return Place(start: count, count: source.count)
        }
    }

    private func grow(to size: Int) {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        larger.update(from: bytes, count: count)
        bytes.deallocate()
        bytes = larger
        capacity = size
    }

    fileprivate func address(of place: Place) -> UnsafeRawPointer { UnsafeRawPointer(bytes + place.start) }

    private static let keptCapacity = 1 << 20
}

extension Statement {
    /// Fills one question mark with a text that stays in `buffer`.
    package func bind(_ index: Int, _ place: TextBuffer.Place, in buffer: TextBuffer) throws(SQLError) {
        let start = buffer.address(of: place).assumingMemoryBound(to: CChar.self)
        try check(
            sqlite3_bind_text64(
                handle, Int32(index + 1), start, UInt64(place.count), nil, UInt8(SQLITE_UTF8)))
    }
}
