/// A request to the archives that brought nothing.
package enum StatisticsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A value of the request is wrong: the field's name, and what is accepted.
    case invalid(field: String, reason: String)
    /// Nothing has been written yet; a sentence.
    case none(String)
    /// The archive cannot be read or drawn; a sentence.
    case unavailable(String)

    package var description: String {
        switch self {
        case .invalid(let field, let reason): "\(field): \(reason)"
        case .none(let sentence), .unavailable(let sentence): sentence
        }
    }
}
