/// A token of which only the digest is kept; it cannot be printed.
package struct AccessToken: Sendable {
    private let digest: [UInt8]

    package init(_ token: String) { digest = Secrets.sha256(Array(token.utf8)) }

    /// Whether `candidate` is the token; tells nothing by the time it takes.
    package func matches(_ candidate: String) -> Bool {
        Secrets.areEqual(digest, Secrets.sha256(Array(candidate.utf8)))
    }
}
