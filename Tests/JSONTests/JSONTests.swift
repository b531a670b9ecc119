import JSON
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(
        "valid texts are read as they are meant",
        arguments: [
            ("null", JSONValue.null), (" true ", true), ("-12", -12), ("1.5e3", 1500.0), ("-0", -0.0),
            ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9.223372036854775808e18)),
            (#""a\u0041\ud83d\ude00\n\/""#, "aA😀\n/"), ("[]", .array([])), ("{}", .object([])),
            (#"{"a":[1,{"b":null}]}"#, ["a": .array([1, ["b": nil]])] as JSONValue),
        ])
    func validTexts(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(
        "everything else is refused with its place",
        arguments: [
            ("", 1, 1, "the text is empty"), ("{\n \"a\" 1}", 2, 6, "a colon is missing"),
            ("[1,]", 1, 4, "a value should be here"), ("01", 1, 2, "a number does not start with 0"),
            ("1.", 1, 3, "a digit should be here"), ("+1", 1, 1, "a value should be here"),
            ("nul", 1, 1, "a value should be here"), ("1 2", 1, 3, "text after the end of the value"),
            (#"{"a":1,"a":2}"#, 1, 8, #"the name "a" is there twice"#),
            (#""\ud800""#, 1, 2, "half of a surrogate pair"), (#""\x""#, 1, 2, "no such escape"),
            ("\"a", 1, 1, "the string has no end"), ("1e999", 1, 1, "the number is too large"),
            ("\"\u{1}\"", 1, 2, "a control character in a string is written \\u00XX"),
            ("{\"a\":1", 1, 7, "a comma or } is missing"), ("NaN", 1, 1, "a value should be here"),
        ])
    func invalidTexts(text: String, line: Int, column: Int, reason: String) {
        #expect(throws: JSONError(line: line, column: column, reason: reason)) {
            try JSONValue(parsing: text)
        }
    }

    @Test("bytes that are not UTF-8 are refused")
    func invalidBytes() {
        for bytes in [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]]
            as [[UInt8]]
        {
            #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        }
    }

    @Test("nesting is followed down to its limit and no further")
    func nesting() throws {
        let limit = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        _ = try JSONValue(parsing: limit)
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[" + limit + "]") }
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "[", count: 1_000_000)) }
    }

    @Test("a name twice is found among many, too")
    func duplicateAmongMany() {
        let members = (0..<40).map { "\"\($0)\":1" }.joined(separator: ",")
        #expect(throws: JSONError.self) { try JSONValue(parsing: "{\(members),\"39\":2}") }
        #expect(throws: JSONError.self) { try JSONValue(parsing: "{\(members),\"3\":2}") }
    }

    @Test("control characters and line separators are written escaped, everything else as it is")
    func escapes() {
        let text = "\u{0}\u{1b}[31m\"\\\n\r\t\u{7f}\u{9b}\u{a0}é\u{2028}\u{2029}\u{2026}<script>😀"
        let written =
            #""\u0000\u001b[31m\"\\\n\r\t\u007f\u009b"# + "\u{a0}é" + #"\u2028\u2029"# + "…<script>😀\""
        #expect(JSONValue.string(text).text() == written)
    }

    @Test(
        "numbers are written in their shortest form",
        arguments: [
            (0.1, "0.1"), (95.0, "95"), (-0.0, "-0"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
            (0.30000000000000004, "0.30000000000000004"),
            (.infinity, "null"), (.nan, "null"),
        ])
    func numbers(number: Double, text: String) {
        #expect(JSONValue.number(number).text() == text)
    }

    @Test("lines for people are indented")
    func indentation() {
        let value: JSONValue = ["a": [1, "b"], "c": .array([]), "d": .object([])]
        #expect(
            value.text(indentation: 2)
                == "{\n  \"a\": [\n    1,\n    \"b\"\n  ],\n  \"c\": [],\n  \"d\": {}\n}")
    }

    @Test("numbers are written as the shortest text that reads back as the same")
    func numbersOnTheFly() throws {
        var writer = JSONWriter()
        writer.beginArray()
        let wholes: [Int64] = [0, -1, 9, 10, -10, 1_234_567_890, .max, .min]
        for number in wholes { writer.value(number) }
        let reals: [Double] = [
            0, -0.0, 1, -3, 100, 0.5, -2.25, 1e14, 999_999_999_999_999, 1e15, 1e300, .leastNonzeroMagnitude,
            0.1 + 0.2,
            .infinity, .nan,
        ]
        for number in reals { writer.value(number) }
        writer.value(UInt64.max)
        writer.endArray()
        let text =
            "[0,-1,9,10,-10,1234567890,9223372036854775807,-9223372036854775808,"
            + "0,-0,1,-3,100,0.5,-2.25,100000000000000,999999999999999,1000000000000000,1e+300,5e-324,"
            + "0.30000000000000004,null,null,18446744073709551615]"
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }

    @Test("fields with fixed names and values that were written before are the same as members")
    func fields() throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("text", "a\"\u{7f}")
        writer.field("none", nil as String?)
        writer.field("whole", 7 as Int?)
        writer.field("real", 1.5 as Double?)
        writer.field("flag", true)
        writer.field("list")
        writer.beginArray()
        writer.taken { $0 += Array("{\"a\":1}".utf8) }
        writer.taken { $0 += Array("2".utf8) }
        writer.endArray()
        writer.endObject()
        let value: JSONValue = [
            "text": "a\"\u{7f}", "none": nil, "whole": 7, "real": 1.5, "flag": true, "list": [["a": 1], 2],
        ]
        #expect(try JSONValue(parsing: writer.bytes) == value)
        #expect(writer.bytes == value.bytes())
    }
}
