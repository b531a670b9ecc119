import Foundation
import Model
import Testing

@Suite struct TimestampTests {
    @Test(
        "a moment is written in UTC with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_782_907_200_123_999, "2026-07-01T12:00:00.123Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (-62_167_219_200_000_000, "0000-01-01T00:00:00.000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func writing(_ microseconds: Int64, _ text: String) {
        #expect(Timestamp(microseconds: microseconds).rfc3339 == text)
    }

    @Test(
        "fractions, offsets and small letters are read",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T02:00:00+02:00", 0), ("1969-12-31T18:30:00-05:30", 0),
            ("1970-01-01t00:00:00.5z", 500_000), ("1970-01-01 00:00:00.1234567Z", 123_456),
            ("1970-01-01T00:00:00-00:00", 0), ("2000-02-29T00:00:00Z", 951_782_400_000_000),
            ("1969-12-31T23:59:59.999Z", -1000),
        ] as [(String, Int64)])
    func reading(_ text: String, _ microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(
        "what is no time is nil",
        arguments: [
            "", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z",
            "1970-01-32T00:00:00Z", "2001-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
            "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:60Z", "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00+24:00", "1970-01-01T00:00:00+0200", "1970-01-01T00:00:00Zx",
            "70-01-01T00:00:00Z",
            "+970-01-01T00:00:00Z", "1970-1-01T00:00:00Z", "1970-01-01T00:00:00 Z", "1970-01-01X00:00:00Z",
        ])
    func refused(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test("an offset cannot lead out of the years that can be written")
    func offsetAcrossTheEnds() {
        #expect(Timestamp(rfc3339: "0000-01-01T00:00:00+00:01") == nil)
        #expect(Timestamp(rfc3339: "9999-12-31T23:59:59-00:01") == nil)
        #expect(Timestamp(rfc3339: "0000-01-01T00:00:00Z")?.rfc3339 == "0000-01-01T00:00:00.000Z")
        #expect(Timestamp(rfc3339: "9999-12-31T23:59:59Z")?.rfc3339 == "9999-12-31T23:59:59.000Z")
    }

    @Test("every day from 1896 to 2104 survives the way over text")
    func everyDay() {
        for day in Int64(-27_000)...49_000 {
            let time = Timestamp(microseconds: (day * 86_400 + day.magnitude.secondOfSomeDay) * 1_000_000)
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
    }

    @Test("Foundation reads the same moments")
    func sameAsFoundation() throws {
        var generator = SeededGenerator(seed: 19)
        for _ in 0..<500 {
            let seconds = Int64.random(in: -12_219_292_800...32_503_680_000, using: &generator)
            let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            let date = try Date(Timestamp(seconds: seconds).rfc3339, strategy: style)
            #expect(Int64(date.timeIntervalSince1970) == seconds)
        }
    }
}

extension UInt64 {
    /// A second of the day that differs from day to day.
    fileprivate var secondOfSomeDay: Int64 { Int64(self % 86_400) }
}
