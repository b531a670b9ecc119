import Model
import Testing

@Suite struct PluginOutputTests {
    private func parse(_ text: String) -> PluginOutput { .parse(standardOutput: Array(text.utf8)) }

    @Test(
        "rows of the case table that are only text",
        arguments: [
            (
                "multiline",
                "DISK OK - free: / 3326 MB | /=2643MB;5948;5958;0;5968\n/ 15272 MB (77%);\n"
                    + "/boot 68 MB (69%); | /boot=68MB;88;93;0;98\n/home=69357MB;253404;253409;0;253414\n"
            ),
            ("perf_only", "|a=1\n"), ("blank_first", "\nSECOND LINE|b=2\n"), ("space_only", "   \n"),
            ("pipe_in_label", "OK text | 'a|b'=1\n"), ("ansi", "\u{1B}[31mRED\u{1B}[0m\n"),
            ("unicode", "ä € ok|ä=1\n"),
            ("perf_quotes", "OK | 'it''s'=1 'a=b'=2 'c d'=3\n"), ("exit1", "WARN\n"),
            ("nul_byte", "A\0B|x=1\n"),
            ("noout2", ""), ("timeout_trapok", "started graceful"),
        ])
    func caseTable(_ name: String, _ printed: String) throws {
        let rows = try CaseTable("plugin_cases.tsv").rows
        let row = try #require(rows.first { $0["case"] == name && $0["peer"] == "ppalette" })
        let output = parse(printed)

        #expect(output.text == row["output"])
        #expect(output.longText == row["long_output"])
        #expect(output.performanceText == row["perfdata"])
    }

    @Test("invalid UTF-8 becomes U+FFFD and sets the flag")
    func invalidUTF8() {
        let bytes = Array("bad ".utf8) + [0xFF, 0xFE] + Array(" end|x=1".utf8)
        let output = PluginOutput.parse(standardOutput: bytes)
        #expect(output.text == "bad \u{FFFD}\u{FFFD} end")
        #expect(output.performanceText == "x=1")
        #expect(output.isSanitised)
    }

    @Test("valid text is not flagged, U+FFFD in it neither")
    func validText() {
        #expect(!parse("ok \u{FFFD} ä\r\nmore").isSanitised)
        #expect(parse("a\0b").isSanitised)
    }

    @Test("a carriage return before a line end is dropped, others stay")
    func carriageReturns() {
        let output = parse("one\r\ntwo\rthree\r\nfour \r\n")
        #expect(output.text == "one")
        #expect(output.longText == "two\rthree\nfour")
    }

    @Test(
        "only white space is no output, anything else is some",
        arguments: [
            ("", false), (" \t\r\n\n", false), ("x", true), ("|a=1", true), ("\n\nx", true), ("\0", true),
            ("|", true),
        ])
    func hasOutput(_ printed: String, _ expected: Bool) {
        let output = parse(printed)
        #expect(output.hasOutput == expected)
        #expect((output.text == "(no output)") == !expected)
    }

    @Test("performance data of all lines is joined by blanks")
    func joined() {
        let output = parse("a | x=1 \nb\nc|y=2\n\n  z=3 | w=4\n")
        #expect(output.longText == "b\nc")
        #expect(output.performanceText == "x=1 y=2 z=3 | w=4")
        #expect(PerformanceData(parsing: output.performanceText).items.map(\.label) == ["x", "y", "z", "w"])
    }

    @Test("a character cut by the limit is dropped and counted, not replaced")
    func cutCharacter() {
        let output = PluginOutput.parse(standardOutput: Array("ab€".utf8.dropLast()), droppedBytes: 10)
        #expect(output.text == "ab")
        #expect(output.droppedBytes == 12)
        #expect(output.isTruncated)
        #expect(!output.isSanitised)
    }

    @Test("standard error is kept apart, without white space at its end, up to 4 KiB")
    func standardError() {
        let error = Array(String(repeating: "e", count: 5000).utf8)
        let output = PluginOutput.parse(standardOutput: [], standardError: error)
        #expect(output.errorText.utf8.count == 4096)
        #expect(!output.hasOutput)
        #expect(PluginOutput.parse(standardOutput: [], standardError: Array("x\n".utf8)).errorText == "x")
    }

    @Test("letters, digits and signs come out as they went in, whatever they are")
    func nothingElseIsRewritten() {
        let text = "<b>&amp;</b>;$(id) `x` \\n \u{1B}[0m \u{7F} \"q\""
        #expect(parse(text).text == text)
    }
}
