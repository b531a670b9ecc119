import Model
import Testing

@Suite struct PerformanceDataTests {
    /// One input of the table with its rows.
    struct Case: CustomTestStringConvertible, Sendable {
        let input: String
        let rows: [[String: String]]

        var testDescription: String { input }
    }

    static let cases: [Case] = {
        let rows = (try? CaseTable("perfdata_cases.tsv").rows) ?? []
        let ours = Dictionary(grouping: rows.filter { $0["peer"] == "ppalette" }) { $0["input"] ?? "" }
        return ours.map { Case(input: $0.key, rows: $0.value) }.sorted { $0.input < $1.input }
    }()

    @Test("the case table is there") func tableIsThere() { #expect(Self.cases.count > 80) }

    @Test("every input of the case table gives its items and refused tokens", arguments: cases)
    func caseTable(_ testCase: Case) throws {
        let data = PerformanceData(parsing: testCase.input)
        let valid = testCase.rows.filter { $0["verdict"] == "valid" }
        let mark = "refused token kept verbatim in the raw output and counted: "
        let refused = testCase.rows.compactMap { $0["note"] }.filter { $0.hasPrefix(mark) }

        try #require(data.items.count == valid.count)
        #expect(data.refused.sorted() == refused.map { String($0.dropFirst(mark.count)) }.sorted())
        for (item, row) in zip(data.items, valid) { expect(item, row) }
    }

    private func expect(_ item: PerformanceData.Item, _ row: [String: String]) {
        #expect(item.label == row["label"])
        #expect((item.value.map(shortest) ?? "U") == row["value"])
        #expect(item.unit == row["uom"])
        #expect(item.warning ?? "" == row["warn"])
        #expect(item.critical ?? "" == row["crit"])
        #expect(item.minimum.map(shortest) ?? "" == row["min"])
        #expect(item.maximum.map(shortest) ?? "" == row["max"])
        #expect(remarks(item.remarks) == row["note"])
    }

    private func shortest(_ value: Double) -> String {
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private func remarks(_ remarks: PerformanceData.Remarks) -> String {
        let names: [(PerformanceData.Remarks, String)] = [
            (.warningIgnored, "warn-ignored"), (.criticalIgnored, "crit-ignored"),
            (.minimumIgnored, "min-ignored"), (.maximumIgnored, "max-ignored"),
            (.extraFields, "extra-fields"),
        ]
        return names.filter { remarks.contains($0.0) }.map(\.1).joined(separator: ",")
    }

    @Test("the items of a plugin with bad items among them are kept, the others counted")
    func badItemsCostNoOthers() {
        let data = PerformanceData(
            parsing: "a=1 garbage b=abc c= d=1,5 e=nan f=inf g=U h=1e3 i=0x10 =5 j=1;2;3;4;5;6")

        #expect(data.items.map(\.label) == ["a", "g", "h", "j"])
        #expect(data.refused == ["garbage", "b=abc", "c=", "d=1,5", "e=nan", "f=inf", "i=0x10", "=5"])
    }

    @Test("prose without any equals sign is one refused piece")
    func proseIsOnePiece() {
        #expect(PerformanceData(parsing: "not perfdata").refused == ["not perfdata"])
    }

    @Test("a lone pipe between items is skipped")
    func lonePipe() {
        let data = PerformanceData(parsing: "a=1 | b=2 |")
        #expect(data.items.map(\.label) == ["a", "b"])
        #expect(data.refused.isEmpty)
    }

    @Test(
        "a quote that is not closed costs no other item",
        arguments: [
            ("'open=3 'c d'=4", ["c d"]), ("'open=3 b=2", ["b"]), ("'a'b=1 c=2", ["c"]), ("'a' b=1", ["b"]),
            ("' b='1' c=3", ["b", "c"]), ("''=1 c=2", ["c"]), ("'=1 c=2", ["c"]),
        ])
    func brokenQuotes(_ text: String, _ labels: [String]) {
        #expect(PerformanceData(parsing: text).items.map(\.label).suffix(1) == labels.suffix(1))
    }

    @Test(
        "units are taken as written and bad ones refuse the item",
        arguments: [
            ("1.5GiB/s", "GiB/s"), ("1x", "x"), ("0x", "x"), ("1e", "e"), ("1EWh", "EWh"), ("5.e3", ""),
            ("1°C", "°C"),
            ("12345abcdefghijklmnop", "abcdefghijklmnop"), ("5%", "%"), ("-.5e-3m", "m"),
        ])
    func units(_ value: String, _ unit: String) {
        #expect(PerformanceData(parsing: "a=\(value)").items.map(\.unit) == [unit])
    }

    @Test(
        "what is no number with a unit is refused",
        arguments: [
            "0xff", "0XAB", "-0xA", "1_000", "1.2.3", "--1", "+", ".", "e5", "-", "1e999", "u", "UU", "Us",
            "1|2",
            "1abcdefghijklmnopq", "1a\"b", "1<2", "1\u{1}", "١", "infinity", "NaN", "",
        ])
    func refusedValues(_ value: String) {
        let data = PerformanceData(parsing: "a=\(value) b=2")
        #expect(data.items.map(\.label) == ["b"])
        #expect(data.refused == ["a=\(value)"])
    }

    @Test("labels of 255 bytes are kept, longer ones and control characters refused")
    func labels() {
        let longest = String(repeating: "l", count: 255)
        #expect(PerformanceData(parsing: "\(longest)=1").items.first?.label == longest)
        #expect(PerformanceData(parsing: "\(longest)l=1").items.isEmpty)
        #expect(PerformanceData(parsing: "a\u{1}=1 'b\tc'=1 d\u{7F}=1 e\u{85}=1").items.isEmpty)
    }

    @Test("a trailing copy of the unit is removed from every field")
    func copiesOfTheUnit() {
        let item = PerformanceData(parsing: "a=1%;80%;5:90%;0%;100%").items.first
        #expect(item?.warning == "80")
        #expect(item?.critical == "5:90")
        #expect(item?.minimum == 0)
        #expect(item?.maximumText == "100")
        #expect(PerformanceData(parsing: "a=1s;5ms").items.first?.remarks == .warningIgnored)
    }

    @Test("the double of a value is the nearest one to its text")
    func nearestDouble() {
        var generator = SeededGenerator(seed: 41)
        for _ in 0..<8_000 {
            func digits(_ count: ClosedRange<Int>) -> String {
                let count = Int.random(in: count, using: &generator)
                return (0..<count).map { _ in "\(Int.random(in: 0...9, using: &generator))" }.joined()
            }
            let exponent = Bool.random(using: &generator) ? "" : "e-\(digits(1...2))"
            let text = digits(1...20) + "." + digits(1...25) + exponent
            #expect(PerformanceData(parsing: "a=-\(text)").items.first?.value == Double("-\(text)"))
        }
    }

    @Test("whole numbers are kept exactly beside the double")
    func exactIntegers() {
        func item(_ text: String) -> PerformanceData.Item? {
            PerformanceData(parsing: "a=\(text)B").items.first
        }

        #expect(item("9007199254740993")?.integer == 9_007_199_254_740_993)
        #expect(item("18446744073709551615")?.unsigned == .max)
        #expect(item("18446744073709551615")?.integer == nil)
        #expect(item("-9223372036854775808")?.integer == .min)
        #expect(item("-1")?.unsigned == nil)
        #expect(item("+5")?.integer == 5)
        #expect(item("1.5")?.integer == nil)
        #expect(item("1.50")?.valueText == "1.50")
    }

    @Test("items beyond 1,024 are counted and not kept")
    func cap() {
        let data = PerformanceData(parsing: (1...1030).map { "a\($0)=\($0)" }.joined(separator: " "))
        #expect(data.items.count == 1024)
        #expect(data.omitted == 6)
    }
}
