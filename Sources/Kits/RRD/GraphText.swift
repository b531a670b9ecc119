/// Makes text harmless inside the library's graph language.
package enum GraphText {
    /// A label: control characters are left out, and `:` and `\`, which begin something new there, are
    /// defused.
    ///
    /// librrd 1.7.2 knows `\:` but has no way to write a backslash at the end of a text: it becomes a slash.
    package static func label(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case ":": escaped += "\\:"
            case "\\": escaped += "/"
            case _ where scalar.value < 32 || (127..<160).contains(scalar.value): break
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }

    /// A label inside a number's format, where `%` counts too.
    package static func format(_ text: String) -> String {
        label(text).unicodeScalars.reduce(into: "") { $0 += $1 == "%" ? "%%" : String($1) }
    }

    /// An option's value, which the library takes as it is, but for control characters.
    package static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { $0.value >= 32 && !(127..<160).contains($0.value) }))
    }

    /// A path in a DEF, where only the colon counts.
    static func path(_ path: String) -> String {
        path.unicodeScalars.reduce(into: "") { $0 += $1 == ":" ? "\\:" : String($1) }
    }
}
