/// Why a store refused or failed.
package enum StoreError: Error, Equatable, Sendable {
    /// No object of that kind ("host") and name.
    case notFound(kind: String, name: String)
    /// Another object has that value already; `field` is as in the API.
    case duplicate(kind: String, field: String, value: String)
    /// `field` names an object ("suite") that does not exist.
    case unknownReference(field: String, kind: String, name: String)
    /// The request does not go with what is there; a sentence.
    case conflict(String)
    /// A value that cannot be used, as a cursor of another list; `field` is as in the API.
    case invalid(field: String, reason: String)
    /// The database cannot be used now (full disk, locked file, closed); a sentence. Trying again later may work.
    case unavailable(String)
    /// The database takes these rows never, others as before; a sentence.
    case refused(String)
    /// The database is damaged or from a newer version; a sentence. Trying again does not help.
    case unusable(String)
}
