package import JSON

/// One named value of a resource or of a query, declared once for server, client, help and OpenAPI.
package struct Field: Sendable {
    package enum Kind: Sendable, Equatable {
        case string
        case integer
        case number
        case boolean
        /// A list of strings; in a query a text with commas, or the parameter repeated.
        case strings
        /// An object whose values are strings.
        case map
        /// RFC 3339 in UTC with milliseconds; in a query also Unix seconds and times relative to now, as
        /// `-24h`.
        case time
        /// An object of another resource, by that resource's name, or a list of them.
        case object(String)
        case objects(String)
        /// An object of lists of pairs `[unix, value or null]`.
        case series
    }

    /// As in JSON: `auto_discovery`.
    package var name: String
    package var kind: Kind
    /// One sentence without full stop, for help and for the document.
    package var help: String
    package var isNullable = false
    /// Whether a request that creates must give it.
    package var isRequired = false
    /// Whether only the server sets it.
    package var isReadOnly = false
    /// Whether lists can be sorted by it.
    package var isSortable = false
    /// What it is when a request that creates leaves it out; nil when that depends or when it is required.
    package var defaultValue: JSONValue?
    /// As "seconds".
    package var unit: String?
    /// The only accepted values.
    package var choices: [String] = []
    /// The accepted values of an integer.
    package var range: ClosedRange<Int>?
    /// The accepted numbers of characters, for the document; the model checks them.
    package var lengths: ClosedRange<Int>?
    /// What is accepted beyond the kind, as "an IPv4 or IPv6 address".
    package var constraint: String?

    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// What is accepted, for error sentences and help: "an integer from 1 to 65535".
    package var accepts: String { isNullable ? base + " or null" : base }

    private var base: String {
        if let constraint { return constraint }
        if !choices.isEmpty {
            let list = choices.joined(separator: ", ")
            return kind == .strings ? "a list of: " + list : "one of: " + list
        }
        switch kind {
        case .string: return "a string"
        case .integer:
            guard let range else { return "an integer" }
            let bounds =
                range.upperBound == Int.max
                ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            return "an integer \(bounds)" + (unit.map { " (\($0))" } ?? "")
        case .number: return "a number" + (unit.map { " (\($0))" } ?? "")
        case .boolean: return "true or false"
        case .strings: return "a list of strings"
        case .map: return "an object whose values are strings"
        case .time: return "a time: RFC 3339, Unix seconds, or relative to now as -24h"
        case .object, .series: return "an object"
        case .objects: return "a list of objects"
        }
    }
}

// Declarations read as: Field("port", .integer, "...").within(1...65535).with(default: 22).sortable
extension Field {
    package var nullable: Field { changed { $0.isNullable = true } }
    package var required: Field { changed { $0.isRequired = true } }
    package var readOnly: Field { changed { $0.isReadOnly = true } }
    package var sortable: Field { changed { $0.isSortable = true } }
    package func with(default value: JSONValue) -> Field { changed { $0.defaultValue = value } }
    package func measured(in unit: String) -> Field { changed { $0.unit = unit } }
    package func among(_ choices: [String]) -> Field { changed { $0.choices = choices } }
    package func within(_ range: ClosedRange<Int>) -> Field { changed { $0.range = range } }
    package func long(_ lengths: ClosedRange<Int>) -> Field { changed { $0.lengths = lengths } }
    package func accepting(_ constraint: String) -> Field { changed { $0.constraint = constraint } }

    private func changed(_ change: (inout Field) -> Void) -> Field {
        var field = self
        change(&field)
        return field
    }
}
