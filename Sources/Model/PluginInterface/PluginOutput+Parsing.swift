extension PluginOutput {
    /// The text of a result whose standard output held nothing but white space.
    package static let noOutput = "(no output)"

    /// Bytes of standard output that are kept; a reader drops and counts what comes after.
    package static let maximumOutputBytes = 65_536
    /// Bytes of standard error that are kept.
    package static let maximumErrorBytes = 4096

    /// Whether the plugin printed anything but white space on standard output.
    package var hasOutput: Bool { text != Self.noOutput || !longText.isEmpty || !performanceText.isEmpty }

    /// Takes apart what a plugin printed.
    ///
    /// The first line up to `|` is the text, the further lines are the long text; performance data is what
    /// follows the first `|` of the first line and everything after the first `|` of the further lines, with
    /// one blank in place of each line end. NUL and invalid UTF-8 become U+FFFD, `\r` before `\n` is dropped,
    /// white space at the ends of the parts is dropped, and nothing else is rewritten. `droppedBytes` are
    /// those that the reader did not keep; a character that the limit cut in two is dropped with them.
    package static func parse(
        standardOutput: [UInt8], standardError: [UInt8] = [], droppedBytes: Int = 0
    ) -> PluginOutput {
        let output = CleanText(standardOutput, isCut: droppedBytes > 0)
        let isErrorCut = standardError.count >= maximumErrorBytes
        let error = CleanText(standardError.prefix(maximumErrorBytes), isCut: isErrorCut)
        var result = PluginOutput(
            text: noOutput, errorText: error.bytes.trimmedAtEnd.text, isTruncated: droppedBytes > 0,
            isSanitised: output.isRepaired || error.isRepaired,
            droppedBytes: droppedBytes + output.cutBytes)
        let printed = output.bytes.trimmedAtEnd
        if !printed.isEmpty { result.fill(from: printed) }
        return result
    }

    /// Fills the three texts from cleaned bytes that hold more than white space.
    private mutating func fill(from bytes: ArraySlice<UInt8>) {
        let firstEnd = bytes.firstIndex(of: Byte.newline) ?? bytes.endIndex
        let (head, headData) = Self.splitAtPipe(bytes[..<firstEnd])
        let (rest, restData) = Self.splitAtPipe(bytes[firstEnd...].dropFirst())
        text = head.trimmedAtEnd.text
        longText = rest.trimmedAtEnd.text
        performanceText = Self.joinedLines(headData, restData)
    }

    private static func splitAtPipe(_ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        guard let pipe = bytes.firstIndex(of: Byte.pipe) else { return (bytes, []) }
        return (bytes[..<pipe], bytes[(pipe + 1)...])
    }

    private static func joinedLines(_ parts: ArraySlice<UInt8>...) -> String {
        let lines = parts.flatMap { $0.split(separator: Byte.newline) }.map(\.trimmed).filter { !$0.isEmpty }
        return lines.map(\.text).joined(separator: " ")
    }
}

/// Bytes of a plugin made into valid UTF-8 without NUL and without `\r` before `\n`.
private struct CleanText {
    private(set) var bytes: [UInt8]
    /// Whether anything had to be replaced by U+FFFD.
    private(set) var isRepaired = false
    /// Bytes of a character that was cut in two at the end.
    private(set) var cutBytes = 0

    init(_ raw: some Collection<UInt8>, isCut: Bool) {
        bytes = Array(raw)
        if bytes.allSatisfy({ $0 < 0x80 && $0 != 0 && $0 != Byte.carriageReturn }) { return }
        if isCut { dropBrokenEnd() }
        repair()
        bytes = Self.withoutCarriageReturns(bytes)
    }

    /// Drops the beginning of a multi-byte character at the very end.
    private mutating func dropBrokenEnd() {
        guard let lead = bytes.suffix(3).lastIndex(where: { $0 >= 0xC0 }) else { return }
        let length = bytes[lead] >= 0xF0 ? 4 : bytes[lead] >= 0xE0 ? 3 : 2
        guard bytes.count - lead < length, bytes[(lead + 1)...].allSatisfy({ $0 & 0xC0 == 0x80 }) else {
            return
        }
        cutBytes = bytes.count - lead
        bytes.removeLast(cutBytes)
    }

    private mutating func repair() {
        let replacement = Array("\u{FFFD}".utf8)
        if bytes.contains(0) {
            bytes = Array(
                bytes.split(separator: 0, omittingEmptySubsequences: false).joined(separator: replacement))
            isRepaired = true
        }
        if String(validating: bytes, as: UTF8.self) == nil {
            bytes = Array(bytes.text.utf8)
            isRepaired = true
        }
    }

    private static func withoutCarriageReturns(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(Byte.carriageReturn) else { return bytes }
        var kept: [UInt8] = []
        kept.reserveCapacity(bytes.count)
        for byte in bytes {
            if byte == Byte.newline, kept.last == Byte.carriageReturn { kept.removeLast() }
            kept.append(byte)
        }
        return kept
    }
}
