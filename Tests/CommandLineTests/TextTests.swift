import CommandLine
import Testing

@Test(
    "control characters and marks of direction are written out",
    arguments: [
        ("plain ü 漢 👍", "plain ü 漢 👍"), ("\u{1B}[31mred", #"\x1B[31mred"#),
        ("a\tb\nc\r", #"a\x09b\x0Ac\x0D"#),
        ("\u{9B}31m\u{7F}", #"\x9B31m\x7F"#), ("\u{202E}txt", #"\u{202E}txt"#), ("e\u{301}", "e\u{301}"),
    ])
func escaping(text: String, expected: String) {
    #expect(Escaping.forTerminal(text) == expected)
}

@Test("line ends stay where lines are wanted")
func linesStay() {
    #expect(Escaping.forTerminal("a\nb\u{7}", keepsLines: true) == "a\nb\\x07")
}

@Test("what a terminal obeys is written as \\u in JSON")
func jsonEscaping() {
    #expect(Escaping.json("{\n\"a\u{202E}\u{9B}\u{7F}\"}") == "{\n\"a\\u202E\\u009B\\u007F\"}")
}

@Test(
    "width counts columns, not characters",
    arguments: [
        ("abc", 3), ("漢字", 4), ("e\u{301}", 1), ("👍", 2), ("ｱ", 1), ("한", 2), ("", 0), ("\u{301}", 0),
        ("…", 1),
    ])
func width(text: String, columns: Int) {
    #expect(DisplayWidth.of(text) == columns)
}

@Test(
    "elided text fits and says that it is cut",
    arguments: [
        ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢字", 5, "漢字…"), ("漢字漢字", 4, "漢…"),
        ("abc", 0, ""),
    ])
func elision(text: String, columns: Int, expected: String) {
    #expect(DisplayWidth.elided(text, to: columns) == expected)
}

@Test(
    "ages show their two largest units",
    arguments: [
        (0, "0s"), (-5, "0s"), (59, "59s"), (60, "1m"), (192, "3m 12s"), (3600, "1h"), (3661, "1h 1m"),
        (187_200, "2d 4h"), (86_400 * 400, "400d"),
    ])
func ages(seconds: Int, expected: String) {
    #expect(Age.text(seconds: Int64(seconds)) == expected)
}

@Test(
    "CSV quotes what must be quoted and disarms formulas",
    arguments: [
        ("a", "a"), ("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("a\nb", "\"a\nb\""),
        ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("@x", "'@x"), ("-5", "-5"),
        ("-5.25", "-5.25"),
        ("-5+cmd", "'-5+cmd"), ("\t=1", "'\t=1"), ("＝1", "'＝1"), ("\r\n=1", "\"'\r\n=1\""),
        ("\u{1B}[m", "\\x1B[m"), ("", ""),
    ])
func csv(field: String, expected: String) {
    #expect(CSV.record([field]) == expected + "\r\n")
}

@Test("columns line up by width, numbers on the right, and lines end without spaces")
func tableAlignment() {
    let table = Table(
        [.init("NAME"), .init("COUNT", isRightAligned: true), .init("NOTE")],
        rows: [["漢字", "1", "x"], ["a", "100", ""]])
    #expect(table.lines() == ["NAME  COUNT  NOTE", "漢字      1  x", "a       100"])
}

@Test("elastic columns shrink from the widest, rigid ones stay")
func tableShrinks() {
    let table = Table(
        [.init("ID"), .init("A", isElastic: true), .init("B", isElastic: true)],
        rows: [["12345", "aaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb"]])
    #expect(table.lines(for: Terminal(width: 33))[1] == "12345  aaaaaaaaaaaa  bbbbbbbbbbb…")
    #expect(table.lines(for: Terminal(width: 25))[1] == "12345  aaaaaaa…  bbbbbbb…")
    #expect(table.lines(for: Terminal(width: 5))[1] == "12345  aaaaaaa…  bbbbbbb…")
}

@Test("colours surround the text and not the space")
func tableColours() {
    let table = Table([.init("A"), .init("B")], rows: [[.init("x", .red), "y"], ["long", "y"]])
    #expect(table.lines(for: Terminal(usesColour: true))[1] == "\u{1B}[31mx\u{1B}[0m     y")
}

@Test("colours are for terminals, unless somebody says otherwise")
func colourChoice() {
    func isUsed(_ choice: Terminal.ColourChoice, _ isTerminal: Bool, _ environment: [String: String]) -> Bool
    {
        Terminal.usesColour(choice, isTerminal: isTerminal, environment: environment)
    }
    #expect(isUsed(.auto, true, [:]))
    #expect(isUsed(.auto, true, ["NO_COLOR": ""]))
    #expect(!isUsed(.auto, true, ["NO_COLOR": "1"]))
    #expect(!isUsed(.auto, true, ["TERM": "dumb"]))
    #expect(!isUsed(.auto, false, [:]))
    #expect(isUsed(.always, false, ["NO_COLOR": "1"]))
    #expect(!isUsed(.never, true, [:]))
}
