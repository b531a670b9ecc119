/// Collects one answer while libcurl receives it.
final class Transfer {
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    private(set) var isOverLimit = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Returns whether more is wanted.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        isOverLimit = body.count + bytes.count > limit
        if !isOverLimit { body.append(contentsOf: bytes) }
        return !isOverLimit
    }

    /// Takes one line of the head; a status line begins a new head, as after `100 Continue`.
    func appendHeader(_ line: String) {
        if line.hasPrefix("HTTP/") { return headers.removeAll() }
        guard headers.count < 200, let colon = line.firstIndex(of: ":") else { return }
        headers.append((Self.trimmed(line[..<colon]), Self.trimmed(line[line.index(after: colon)...])))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

/// libcurl's write callback; `target` is the ``Transfer`` that its caller keeps alive.
func receiveBody(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ target: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let target else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(target).takeUnretainedValue()
    return transfer.append(UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
}

/// libcurl's header callback; gets one whole line each time.
func receiveHeader(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ target: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let target else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
    let line = String(decoding: bytes, as: UTF8.self)
    Unmanaged<Transfer>.fromOpaque(target).takeUnretainedValue().appendHeader(line)
    return size * count
}
