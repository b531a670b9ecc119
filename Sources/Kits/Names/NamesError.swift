import CCares

/// Why a name or an address could not be looked up.
package struct NamesError: Error, Equatable, CustomStringConvertible, Sendable {
    package enum Reason: Equatable, Sendable {
        /// The servers say that there is none.
        case notFound
        /// The query's own time was over.
        case timedOut
        /// The resolver went away or the query was cancelled.
        case cancelled
        /// Too many queries wait already.
        case tooMany
        /// What was asked for is no address or no name.
        case malformed
        /// The library's words for everything else.
        case failed(String)
    }

    /// What was looked up, as "192.0.2.1" or "www.example.org".
    package let subject: String
    package let reason: Reason

    package init(_ subject: String, _ reason: Reason) {
        self.subject = subject
        self.reason = reason
    }

    package var description: String {
        switch reason {
        case .notFound: "cannot look up \(subject): the name servers know no such name"
        case .timedOut: "cannot look up \(subject): no answer in time from the servers of /etc/resolv.conf"
        case .cancelled: "cannot look up \(subject): cancelled"
        case .tooMany: "cannot look up \(subject): too many lookups are waiting already"
        case .malformed: "cannot look up \(subject): it is neither a name nor an address"
        case .failed(let words): "cannot look up \(subject): \(words)"
        }
    }

    /// The only place where a c-ares status becomes an error; nil is success.
    init?(_ subject: String, status: Int32) {
        switch status {
        case Int32(ARES_SUCCESS): return nil
        case Int32(ARES_ENOTFOUND), Int32(ARES_ENODATA): self.init(subject, .notFound)
        case Int32(ARES_ETIMEOUT): self.init(subject, .timedOut)
        case Int32(ARES_ECANCELLED), Int32(ARES_EDESTRUCTION):
            self.init(subject, .cancelled)
        case Int32(ARES_EBADNAME), Int32(ARES_ENOTIMP): self.init(subject, .malformed)
        default: self.init(subject, .failed(String(cString: ares_strerror(status)).lowercased()))
        }
    }
}
