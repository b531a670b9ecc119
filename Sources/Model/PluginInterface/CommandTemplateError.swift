/// Why arguments cannot be used; positions count characters from 1.
package enum CommandTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    case unterminatedQuote(String, position: Int)
    case lonelyBackslash(position: Int)
    case nulCharacter(position: Int)
    /// A name between dollar signs that is no macro, and the macro that was probably meant.
    case unknownMacro(String, suggestion: String?)
    /// A `$USERn$` that the configuration does not have.
    case unknownUserMacro(String, known: [String])

    package var description: String {
        switch self {
        case .unterminatedQuote(let quote, let position):
            "the quote \(quote) at character \(position) is not closed; close it or write \\\(quote)"
        case .lonelyBackslash(let position):
            "the backslash at character \(position) ends the text and escapes nothing; write \\\\ for one"
        case .nulCharacter(let position):
            "character \(position) is a NUL, which no argument can hold; remove it"
        case .unknownMacro(let name, let suggestion):
            "$\(name)$ is no macro; accepted are \(Macro.accepted)"
                + (suggestion.map { "; did you mean $\($0)$?" } ?? "")
        case .unknownUserMacro(let name, let known):
            "$\(name)$ has no value in the configuration, which "
                + (known.isEmpty
                    ? "names no user macro; add it under user_macros"
                    : "has \(known.map { "$\($0)$" }.joined(separator: ", "))")
        }
    }
}
