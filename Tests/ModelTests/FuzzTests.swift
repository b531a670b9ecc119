import Model
import Testing

/// Bounded rounds of random input; the seeds are fixed, so that what fails once fails again.
@Suite struct FuzzTests {
    private static let printed = "OK - x | 'a b'=1.5ms;~:2;@3;0;10 c=U\nlong ä\r\n line | d=1e3%\0"
    private static let signs = "|='; \n\r\t.,:@~+-eEU_0189%\"a"

    @Test("plugin output of any bytes is read, is valid and keeps every letter")
    func output() {
        var generator = SeededGenerator(seed: 29)
        for round in 0..<8_000 {
            let bytes =
                round.isMultiple(of: 2)
                ? generator.bytes(upTo: 80, favouring: Self.signs)
                : generator.mutated(Self.printed, with: Self.signs)
            let output = PluginOutput.parse(standardOutput: bytes, standardError: bytes)
            guard output.hasOutput else { continue }
            let kept = output.text + output.longText + output.performanceText
            #expect(!kept.utf8.contains(0))
            #expect(letters(kept) == letters(String(decoding: bytes, as: UTF8.self)))
        }
    }

    /// What no parser may lose or reorder when there is at most one pipe a part: everything but white space,
    /// pipes and NUL. Sorted, since performance data of the first line comes after the long text.
    private func letters(_ text: String) -> [UInt8] {
        let ignored: Set<UInt8> = [0, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x7C]
        let replaced = text.utf8.map { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] }.joined()
        return replaced.filter { !ignored.contains($0) }.sorted()
    }

    @Test("every byte of performance data is in an item or in a refused token, in order")
    func performanceData() {
        var generator = SeededGenerator(seed: 31)
        for round in 0..<10_000 {
            let text =
                round.isMultiple(of: 2)
                ? generator.bytes(upTo: 60, favouring: Self.signs).text
                : generator.mutated("'a b'=1.5ms;~:2;@3;0;10 c=U 'it''s'=3 | x = 4 junk", with: Self.signs)
                    .text
            let data = PerformanceData(parsing: text)
            #expect(accountsForAll(of: text, data), "\(text)")
            for item in data.items { expectSound(item) }
        }
    }

    /// Walks the text from the front; between the pieces there may be white space and lone pipes only.
    private func accountsForAll(of text: String, _ data: PerformanceData) -> Bool {
        var rest = Array(text.utf8)[...]
        var items = data.items[...]
        var refused = data.refused[...]
        /// Takes `piece` when it stands at the front as a whole word.
        func take(_ piece: String?) -> Bool {
            guard let piece = piece?.utf8, rest.starts(with: piece) else { return false }
            let after = rest.dropFirst(piece.count)
            guard after.first.map(isWhiteSpace) ?? true else { return false }
            rest = after
            return true
        }
        while true {
            rest = rest.drop(while: isWhiteSpace)
            if take(items.first?.text) {
                items = items.dropFirst()
            } else if take(refused.first) {
                refused = refused.dropFirst()
            } else if !take("|") {
                return rest.isEmpty && items.isEmpty && refused.isEmpty
            }
        }
    }

    private func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func expectSound(_ item: PerformanceData.Item) {
        #expect(item.value?.isFinite ?? (item.valueText == "U"))
        #expect(!item.label.isEmpty && item.label.utf8.count <= 255)
        #expect(item.warning == nil || item.warningRange != nil)
        #expect(item.critical == nil || item.criticalRange != nil)
        if let integer = item.integer { #expect(item.value == Double(integer)) }
        #expect(
            item.text.hasPrefix("'") || item.text.hasPrefix(item.label + "=" + item.valueText + item.unit))
    }

    @Test("64 KiB of the worst is read in good time")
    func large() {
        for piece in ["'", "''", "a", "a ", "a=", "= ", "| ", "'a ", "a=1;", "\u{FF}\0\r", "'a'b "] {
            let text = String(repeating: piece, count: 65_536 / piece.utf8.count)
            let data = PerformanceData(parsing: text)
            #expect(accountsForAll(of: text, data) || data.omitted > 0)
            _ = PluginOutput.parse(standardOutput: Array(text.utf8), standardError: Array(text.utf8))
        }
    }

    @Test("networks and times of any text are read or refused")
    func networksAndTimes() {
        var generator = SeededGenerator(seed: 37)
        for _ in 0..<8_000 {
            if let network = try? IPNetwork(generator.mutated("192.0.2.0/24", with: "0123456789./:f").text) {
                #expect((try? IPNetwork(network.description)) == network)
            }
            let text = generator.mutated("2026-02-28T23:59:59.999+01:30", with: "0123456789-:.TZ+").text
            if let time = Timestamp(rfc3339: text) {
                #expect(Timestamp(rfc3339: time.rfc3339)?.seconds == time.seconds)
            }
        }
    }
}
