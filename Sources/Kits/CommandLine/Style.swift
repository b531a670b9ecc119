/// How a piece of text stands out on a terminal.
package enum Style: String, Sendable {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case magenta = "35"
    case cyan = "36"
    case boldRed = "1;31"

    /// The text between the codes of this style; as it is when there is nothing to do.
    package func applied(to text: String, if isOn: Bool = true) -> String {
        isOn && self != .plain && !text.isEmpty ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
