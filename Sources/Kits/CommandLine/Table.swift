/// Rows of text under titles, aligned by what a terminal shows.
package struct Table: Sendable {
    package struct Column: Sendable {
        package var title: String
        package var isRightAligned: Bool
        /// Whether it gives way when a line is wider than the terminal.
        package var isElastic: Bool

        package init(_ title: String, isRightAligned: Bool = false, isElastic: Bool = false) {
            self.title = title
            self.isRightAligned = isRightAligned
            self.isElastic = isElastic
        }
    }

    /// A text that is safe to show, with its style.
    package struct Cell: Sendable, ExpressibleByStringLiteral {
        package let text: String
        package let style: Style

        /// Escapes the text: see ``Escaping/forTerminal(_:keepsLines:)``.
        package init(_ text: String, _ style: Style = .plain) {
            self.text = Escaping.forTerminal(text)
            self.style = style
        }

        package init(stringLiteral value: String) { self.init(value) }
    }

    package var columns: [Column]
    package var rows: [[Cell]]

    package init(_ columns: [Column], rows: [[Cell]] = []) {
        self.columns = columns
        self.rows = rows
    }

    /// An elastic column never gets narrower than this by shrinking.
    static let narrowest = 8
    private static let gap = "  "

    /// The lines for a terminal; the title line comes first, no line ends in spaces.
    package func lines(for terminal: Terminal = Terminal()) -> [String] {
        let widths = fitted(to: terminal.width)
        let titles = columns.map { Cell($0.title, .bold) }
        return ([titles] + rows).map { line($0, widths, isColoured: terminal.usesColour) }
    }

    private func line(_ cells: [Cell], _ widths: [Int], isColoured: Bool) -> String {
        let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
        var parts: [String] = []
        for (index, cell) in cells.enumerated().prefix(last + 1) {
            let text = DisplayWidth.elided(cell.text, to: widths[index])
            let space = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.of(text)))
            let styled = cell.style.applied(to: text, if: isColoured)
            let isRight = columns[index].isRightAligned
            parts.append(isRight ? space + styled : index == last ? styled : styled + space)
        }
        return parts.joined(separator: Self.gap)
    }

    /// Widths of the columns: those of the contents, elastic ones shrunk from the widest until a line fits.
    private func fitted(to width: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(DisplayWidth.of(columns[index].title)) { max($0, DisplayWidth.of($1[index].text)) }
        }
        guard let width else { return widths }
        var excess = widths.reduce(0, +) + Self.gap.count * (widths.count - 1) - width
        while excess > 0 {
            let elastic = widths.indices.filter { columns[$0].isElastic && widths[$0] > Self.narrowest }
            guard let widest = elastic.max(by: { widths[$0] < widths[$1] }) else { break }
            let next = elastic.filter { $0 != widest }.map { widths[$0] }.max() ?? Self.narrowest
            let step = min(excess, max(1, widths[widest] - max(next, Self.narrowest)))
            widths[widest] -= step
            excess -= step
        }
        return widths
    }
}
