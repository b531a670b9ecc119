import RRD

/// Curves of an archive, ready for a chart.
package struct Series: Sendable, Equatable {
    package struct Point: Sendable, Equatable {
        /// Seconds since 1970; the value holds for the step that ends here.
        package var time: Int64
        /// Nil where nothing is known.
        package var value: Double?

        package init(time: Int64, value: Double?) {
            self.time = time
            self.value = value
        }
    }

    package struct Line: Sendable, Equatable {
        package var name: String
        package var points: [Point]

        package init(name: String, points: [Point]) {
            self.name = name
            self.points = points
        }
    }

    /// Seconds between two points.
    package var step: Int
    /// In the order of the archive.
    package var lines: [Line]

    package init(step: Int, lines: [Line]) {
        self.step = step
        self.lines = lines
    }
}

/// Which part of an archive a chart needs, and on which grid.
struct SeriesGrid: Equatable {
    /// Points that a chart may have.
    static let limits = 2...5000
    /// The last second that is taken for a time: the end of the year 2999.
    private static let latest: Int64 = 32_503_680_000

    /// Rows to read: after `from` up to `to`, both multiples of `rowStep`.
    let from: Int64
    let to: Int64
    let rowStep: Int
    /// Points are after `begin` up to `end`, both multiples of `step`.
    let begin: Int64
    let end: Int64
    /// Rows that make one point.
    let rowsPerPoint: Int

    var step: Int { rowStep * rowsPerPoint }

    /// Takes the finest ring that reaches back to `from`, and as few rows a point as `points` allow.
    ///
    /// What no ring covers is left out, so that a range of years costs no more than the longest ring.
    init?(from: Int64, to: Int64, points: Int, layout: Layout, last: Int64) {
        let rings = layout.archives.filter { $0.function == .average }
            .map { (step: layout.step * $0.steps, length: Int64(layout.step * $0.steps * $0.rows)) }
            .sorted { $0.step < $1.step }
        guard let coarsest = rings.last, from < to else { return nil }
        let begin = min(max(from, last - coarsest.length, 0), Self.latest)
        let end = min(to, max(begin, last) + coarsest.length)
        let ring = rings.first { begin >= Self.floor(last, $0.step) - $0.length } ?? coarsest
        let first = Self.floor(begin, ring.step)
        let final = Self.floor(end, ring.step)
        guard first < final else { return nil }

        let most = min(max(points, Self.limits.lowerBound), Self.limits.upperBound)
        var count = max(1, (Int(final - first) / ring.step + most - 1) / most)
        func slots() -> Int64 {
            let step = ring.step * count
            return (Self.ceiling(final, step) - Self.floor(first, step)) / Int64(step)
        }
        while slots() > Int64(most) { count += 1 }
        rowStep = ring.step
        rowsPerPoint = count
        self.from = first
        self.to = final
        self.begin = Self.floor(first, ring.step * count)
        self.end = Self.ceiling(final, ring.step * count)
    }

    /// Averages what is known of each point's rows.
    func series(of rows: Rows) -> Series {
        let lines = zip(rows.names, rows.columns).map { name, column in
            Series.Line(name: name, points: points(column, first: rows.first))
        }
        return Series(step: step, lines: lines)
    }

    private func points(_ column: [Double?], first: Int64) -> [Series.Point] {
        stride(from: begin + Int64(step), through: end, by: step).map { time in
            let end = Int((time - first) / Int64(rowStep)) + 1
            let range = max(0, end - rowsPerPoint)..<min(max(0, end), column.count)
            let known = range.isEmpty ? [] : column[range].compactMap { $0 }
            let mean = known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
            return Series.Point(time: time, value: mean)
        }
    }

    private static func floor(_ time: Int64, _ step: Int) -> Int64 { time - time % Int64(step) }

    private static func ceiling(_ time: Int64, _ step: Int) -> Int64 { floor(time + Int64(step) - 1, step) }
}
