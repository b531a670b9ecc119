/// The rule for names of workers, since each has an archive named after it.
package enum WorkerName {
    /// Characters at most.
    package static let maximumLength = 64

    /// Whether it has 1 to 64 letters, digits, `.`, `_` and `-` (ASCII) and begins with neither a dot nor a
    /// dash.
    ///
    /// Such a name is one component of a path, no option of a command and nothing in librrd's graph language.
    package static func isValid(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= maximumLength else { return false }
        return first != UInt8(ascii: ".") && first != UInt8(ascii: "-") && name.utf8.allSatisfy(isAllowed)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
