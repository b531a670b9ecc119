/// A failed work on an archive: what was tried, on which file, and why it failed.
package struct RRDError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What a caller does about it.
    package enum Kind: Sendable {
        /// There is no such file; one can be created.
        case missing
        /// The file is no archive, or a broken one, or one of another layout: it can be set aside.
        case damaged
        /// The archive is sound but its step is another one.
        case otherStep
        /// The system refused (permission, full disk, too many files); the file may be sound.
        case system
        /// The values or the request were wrong; the file was not touched.
        case invalid
    }

    package let kind: Kind
    /// What was tried, as "update /var/lib/ppalette/statistics/global.rrd".
    package let attempt: String
    /// Why it failed, in the library's or the system's words.
    package let reason: String

    package init(_ kind: Kind, _ attempt: String, _ reason: String) {
        self.kind = kind
        self.attempt = attempt
        self.reason = reason
    }

    package var description: String { "cannot \(attempt): \(reason)" }
}
