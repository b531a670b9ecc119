import Glibc

/// Lists of C strings, laid out in memory that is kept from one request to the next.
struct SpawnArguments: ~Copyable {
    private var bytes: [CChar] = []
    private var starts: [Int] = []
    private var pointers: [UnsafeMutablePointer<CChar>?] = []

    /// Lays out `lists` and hands `body` one NULL-ended vector for each; false when a string holds a NUL byte.
    mutating func withVectors(
        _ lists: [[String]], _ body: ([UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>]) -> Void
    ) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        for list in lists {
            for text in list where !append(text) { return false }
            starts.append(-1)
        }
        bytes.withUnsafeMutableBufferPointer { bytes in
            pointers.removeAll(keepingCapacity: true)
            for start in starts { pointers.append(start < 0 ? nil : bytes.baseAddress.map { $0 + start }) }
            pointers.withUnsafeMutableBufferPointer { pointers in
                guard let base = pointers.baseAddress else { return }
                var vectors: [UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>] = []
                var offset = 0
                for list in lists {
                    vectors.append(base + offset)
                    offset += list.count + 1
                }
                body(vectors)
            }
        }
        return true
    }

    private mutating func append(_ text: String) -> Bool {
        var text = text
        let start = bytes.count
        let isClean = text.withUTF8 { utf8 in
            guard let base = utf8.baseAddress, !utf8.isEmpty else { return true }
            guard memchr(base, 0, utf8.count) == nil else { return false }
            bytes.append(contentsOf: UnsafeRawBufferPointer(utf8).bindMemory(to: CChar.self))
            return true
        }
        bytes.append(0)
        starts.append(start)
        return isClean
    }
}
