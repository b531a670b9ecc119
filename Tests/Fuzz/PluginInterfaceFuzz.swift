import Model
import Testing

/// What plugins print.
@Suite("Fuzz: the plugin interface")
struct PluginInterfaceFuzz {
    @Test("plugin output of any bytes is read, is valid text and keeps every letter")
    func output() async throws {
        try await Fuzzer("plugin-output", signs: "|='; \n\r\t.,:@~+-eEU_0189%\"a").run { input, random in
            let dropped = random.oneIn(3) ? Int.random(in: 1...99, using: &random) : 0
            let output = PluginOutput.parse(
                standardOutput: input, standardError: input, droppedBytes: dropped)
            try hold(output.isTruncated == (dropped > 0), "isTruncated tells whether bytes were dropped")
            try hold(output.droppedBytes >= dropped, "dropped bytes are counted")
            guard output.hasOutput else { return }
            let kept = output.text + output.longText + output.performanceText
            try hold(!kept.utf8.contains(0), "no NUL is left")
            try hold(!output.text.utf8.contains(10), "the text is one line")
            let cut = output.droppedBytes - dropped
            try hold(
                letters(kept) == letters(input.dropLast(cut).text), "nothing is lost and nothing is added")
        }
    }

    /// Everything but white space, pipes and NUL; sorted, since performance data of the first line comes last.
    private func letters(_ text: String) -> [UInt8] {
        let ignored: Set<UInt8> = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x7C]
        let replaced = text.utf8.map { $0 == 0 ? Array("\u{FFFD}".utf8) : [$0] }.joined()
        return replaced.filter { !ignored.contains($0) }.sorted()
    }

    @Test("every byte of performance data is in an item or in a refused token, in order")
    func performanceData() async throws {
        try await Fuzzer("performance-data", signs: "|='; \n\r\t.,:@~+-eEU_0189%\"a").run { input, _ in
            let text = input.text
            let data = PerformanceData(parsing: text)
            try hold(
                PerformanceAccount.isComplete(text, data) || data.omitted > 0, "every byte is accounted for")
            let pieces = data.items.count + data.refused.count + data.omitted
            try hold(2 * pieces <= text.utf8.count + 1, "pieces do not outnumber the words")
            for item in data.items { try holdSound(item) }
            let again = PerformanceData(parsing: data.items.map(\.text).joined(separator: " "))
            try hold(again.items == data.items && again.refused.isEmpty, "items read back as they are")
        }
    }

    private func holdSound(_ item: PerformanceData.Item) throws {
        try hold(item.value?.isFinite ?? (item.valueText == "U"), "a value is finite or U")
        try hold(!item.label.isEmpty && item.label.utf8.count <= 255, "a label has 1 to 255 bytes")
        try hold(item.warning == nil || item.warningRange != nil, "a warning field is a range")
        try hold(item.critical == nil || item.criticalRange != nil, "a critical field is a range")
        if let integer = item.integer { try hold(item.value == Double(integer), "both values agree") }
        // As bytes: a quote with a combining mark behind it is another character.
        let (text, start) = (item.text.utf8, item.label + "=" + item.valueText + item.unit)
        try hold(
            text.starts(with: "'".utf8) || text.starts(with: start.utf8), "the text begins with its parts")
    }

    @Test("a range that is read holds its ends and reads back; any other is refused in a sentence")
    func ranges() async throws {
        try await Fuzzer("ranges", signs: "@~:+-.eE0123456789 ,").run { input, _ in
            do {
                let range = try ThresholdRange(input.text)
                try hold(range.start <= range.end, "the start is not above the end")
                try hold(range.contains(range.start) && range.contains(range.end), "the ends belong to it")
                try hold(!range.contains(.nan), "NaN is in no range")
                try hold(range.alerts(on: range.start) == range.alertsInside, "@ turns the range round")
                try hold(try ThresholdRange(range.text) == range, "it reads back as it is")
            } catch let error as ThresholdRangeError {
                try hold(!error.reason.isEmpty && error.text == input.text, "the refusal says what and why")
            }
        }
    }
}

/// Tells whether items and refused tokens make up all of a text, with white space and lone pipes between them.
enum PerformanceAccount {
    static func isComplete(_ text: String, _ data: PerformanceData) -> Bool {
        var rest = Array(text.utf8)[...]
        var items = data.items[...]
        var refused = data.refused[...]
        while true {
            rest = rest.drop(while: isWhiteSpace)
            if take(items.first?.text, from: &rest) {
                items = items.dropFirst()
            } else if take(refused.first, from: &rest) {
                refused = refused.dropFirst()
            } else if !take("|", from: &rest) {
                return rest.isEmpty && items.isEmpty && refused.isEmpty
            }
        }
    }

    /// Takes `piece` when it stands at the front as a whole word.
    private static func take(_ piece: String?, from rest: inout ArraySlice<UInt8>) -> Bool {
        guard let piece = piece?.utf8, rest.starts(with: piece) else { return false }
        let after = rest.dropFirst(piece.count)
        guard after.first.map(isWhiteSpace) ?? true else { return false }
        rest = after
        return true
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
