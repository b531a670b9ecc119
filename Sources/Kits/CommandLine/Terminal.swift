import Glibc

/// What stands behind an output: a terminal with its width, or a file or pipe.
package struct Terminal: Sendable, Equatable {
    /// When colours are used.
    package enum ColourChoice: String, Sendable, CaseIterable {
        /// On a terminal that is not dumb, unless NO_COLOR is set.
        case auto
        case always
        case never
    }

    package var isTerminal: Bool
    /// Columns to fit lines into; nil when lines may be of any length.
    package var width: Int?
    package var usesColour: Bool

    package init(isTerminal: Bool = false, width: Int? = nil, usesColour: Bool = false) {
        self.isTerminal = isTerminal
        self.width = width
        self.usesColour = usesColour
    }

    /// Looks at an open descriptor; COLUMNS serves where a terminal does not tell its width, then 80.
    package init(descriptor: Int32, environment: [String: String], colour: ColourChoice = .auto) {
        isTerminal = isatty(descriptor) == 1
        let told = environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        width = isTerminal ? Self.columns(of: descriptor) ?? told ?? 80 : nil
        usesColour = Self.usesColour(colour, isTerminal: isTerminal, environment: environment)
    }

    /// Decides on colours; an empty NO_COLOR counts as not set (https://no-color.org).
    package static func usesColour(
        _ choice: ColourChoice, isTerminal: Bool, environment: [String: String]
    ) -> Bool {
        switch choice {
        case .always: true
        case .never: false
        case .auto:
            isTerminal && environment["TERM"] != "dumb" && (environment["NO_COLOR"] ?? "").isEmpty
        }
    }

    private static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
