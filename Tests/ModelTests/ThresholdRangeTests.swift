import Model
import Testing

@Suite struct ThresholdRangeTests {
    static let rows = ((try? CaseTable("range_cases.tsv").rows) ?? []).filter { $0["kind"] == "check" }
        .filter { $0["source"] == "ppalette proposed rule" }

    @Test("the case table is there") func tableIsThere() { #expect(Self.rows.count > 50) }

    @Test("every row of the case table gives its alert", arguments: rows)
    func caseTable(_ row: [String: String]) throws {
        let text = try #require(row["range"])
        let value = try #require(Double(row["value"] ?? ""))
        let range = try? ThresholdRange(text)
        let outcome = range.map { $0.alerts(on: value) ? "alert" : "ok" } ?? "invalid"
        #expect(outcome == row["expected"])
    }

    @Test("what the test suites of other implementations expect of states holds here too")
    func statesOfPeers() throws {
        let rows = try CaseTable("range_cases.tsv").rows.filter { $0["kind"] == "state" }
        for row in rows {
            let parts = (row["range"] ?? "").split(separator: " ").map {
                $0.drop(while: { $0 != "=" }).dropFirst()
            }
            let ranges = try parts.map { $0.isEmpty ? nil : try ThresholdRange(String($0)) }
            let thresholds = Thresholds(warning: ranges[0], critical: ranges[1])
            let value = try #require(Double(row["value"] ?? ""))
            #expect(thresholds.state(of: value).name.uppercased() == row["expected"], "\(row)")
        }
    }

    @Test(
        "a range that is none says why",
        arguments: [
            ("", "it names no limit"), (":", "it names no limit"), ("@", "it names no limit"),
            ("@:", "it names no limit"), ("1:2:3", "it has more than one colon"),
            ("20:10", "its start is above its end"),
            ("-5", "its start is above its end"), ("1:x", "x is not a number"), ("~", "~ is not a number"),
            ("10 ", "10  is not a number"), ("1e999", "1e999 is not a number"),
        ])
    func reasons(_ text: String, _ reason: String) {
        #expect(throws: ThresholdRangeError(text: text, reason: reason)) { try ThresholdRange(text) }
    }

    @Test("the error names the text, the reason and what to write")
    func sentence() {
        let error = #expect(throws: ThresholdRangeError.self) { try ThresholdRange("5:1") }
        #expect(
            error?.description == "5:1 is not a range: its start is above its end; "
                + "write [@]start:end, as 10, 5:10, ~:10 or @5:10")
    }

    @Test("not a number is in no range")
    func notANumber() throws {
        #expect(try ThresholdRange("~:").alerts(on: .nan))
        #expect(try !ThresholdRange("@~:").alerts(on: .nan))
    }

    @Test("any text is a range or an error, and a range contains its ends")
    func anyText() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<20_000 {
            let text = generator.mutated("@10:20.5e1", with: "0123456789.:@~+-e ").text
            guard let range = try? ThresholdRange(text) else { continue }
            #expect(range.text == text)
            #expect(range.start <= range.end)
            #expect(range.contains(range.end))
        }
    }
}
