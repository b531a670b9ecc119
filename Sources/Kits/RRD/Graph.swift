/// A picture to draw: the curves of one archive over a time.
///
/// Everything in it is typed; text reaches the library through ``GraphText`` only.
package struct Graph: Equatable, Sendable {
    /// How a curve is drawn.
    package enum Style: Equatable, Sendable {
        /// A line of this many pixels.
        case line(Double)
        /// A filled area under a darker line.
        case area
        /// A filled area on top of the curve before it.
        case stacked
    }

    /// Red, green and blue as 0xRRGGBB.
    package struct Colour: Equatable, Sendable {
        package let value: UInt32
        package init(_ value: UInt32) { self.value = value & 0xFFFFFF }

        func text(opacity: UInt8 = 255) -> String {
            "#" + hexadecimal(value, 6) + hexadecimal(UInt32(opacity), 2)
        }

        private func hexadecimal(_ number: UInt32, _ digits: Int) -> String {
            let text = String(number, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
    }

    /// One source as a curve with its line in the legend.
    package struct Curve: Equatable, Sendable {
        /// A source of the archive's layout.
        package let source: String
        package let label: String
        package let colour: Colour
        package let style: Style
        /// Numbers of the legend, as rrdgraph_graph(1) formats them; a constant of ours.
        package let format: String

        package init(
            _ source: String, label: String, colour: Colour, style: Style, format: String = "%8.1lf"
        ) {
            self.source = source
            self.label = label
            self.colour = colour
            self.style = style
            self.format = format
        }
    }

    package var title: String
    /// Along the vertical axis, as "milliseconds".
    package var axis: String
    /// A small line at the foot.
    package var foot: String
    /// Seconds since 1970.
    package var from: Int64
    package var to: Int64
    /// Pixels of the whole picture.
    package var width: Int
    package var height: Int
    package var curves: [Curve]
    /// Bytes: the axis counts in Ki, Mi and Gi; other numbers are written out.
    package var isBinary: Bool

    package init(
        title: String, axis: String, foot: String, from: Int64, to: Int64, width: Int, height: Int,
        curves: [Curve], isBinary: Bool = false
    ) {
        self.title = title
        self.axis = axis
        self.foot = foot
        self.from = from
        self.to = to
        self.width = width
        self.height = height
        self.curves = curves
        self.isBinary = isBinary
    }
}
