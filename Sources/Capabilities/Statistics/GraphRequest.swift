/// A picture that somebody asks for.
package struct GraphRequest: Sendable, Equatable {
    /// Pixels of the whole picture.
    package static let widths = 100...4000
    package static let heights = 50...2000
    /// Days between `from` and `to` at most; no archive reaches back as far.
    package static let longestDays = 4000

    /// Seconds since 1970.
    package var from: Int64
    package var to: Int64
    package var width: Int
    package var height: Int
    /// Names of sources in the order of drawing; empty is the usual choice.
    package var series: [String]

    package init(from: Int64, to: Int64, width: Int = 900, height: Int = 320, series: [String] = []) {
        self.from = from
        self.to = to
        self.width = width
        self.height = height
        self.series = series
    }

    /// Throws what is wrong with the request for an archive with these sources.
    func validate(names: [String]) throws(StatisticsError) {
        guard from >= 315_532_800 else {
            throw .invalid(field: "from", reason: "\(from) is before the year 1980")
        }
        guard from < to else {
            throw .invalid(field: "from", reason: "\(from) is not a time before to, which is \(to)")
        }
        guard to <= 32_503_680_000 else {
            throw .invalid(field: "to", reason: "\(to) is beyond the year 2999")
        }
        guard to - from <= Int64(Self.longestDays) * 86_400 else {
            throw .invalid(field: "from", reason: "it is more than \(Self.longestDays) days before to")
        }
        guard Self.widths.contains(width) else {
            throw .invalid(field: "width", reason: Self.refusal(width, Self.widths))
        }
        guard Self.heights.contains(height) else {
            throw .invalid(field: "height", reason: Self.refusal(height, Self.heights))
        }
        for name in series where !names.contains(name) {
            throw .invalid(
                field: "series", reason: "\(name) is none; known are \(names.joined(separator: ", "))")
        }
        guard Set(series).count == series.count else {
            throw .invalid(field: "series", reason: "a name is there twice")
        }
    }

    private static func refusal(_ value: Int, _ range: ClosedRange<Int>) -> String {
        "\(value) is not between \(range.lowerBound) and \(range.upperBound) pixels"
    }
}
