/// A kind of object of the API with its fields, in the order in which they are shown.
package struct Resource: Sendable {
    /// As in the document: "Host".
    package let name: String
    /// As people write it: "host", "hosts".
    package let noun: String
    package let plural: String
    package let summary: String
    package let fields: [Field]

    package init(name: String, noun: String, plural: String, summary: String, fields: [Field]) {
        self.name = name
        self.noun = noun
        self.plural = plural
        self.summary = summary
        self.fields = fields
    }

    /// Fields that a request may give.
    package var writableFields: [Field] { fields.filter { !$0.isReadOnly } }

    /// Names of the fields that lists can be sorted by.
    package var sortNames: [String] { fields.filter(\.isSortable).map(\.name) }

    package func field(_ name: String) -> Field? { fields.first { $0.name == name } }

    /// Every resource, for the document and for ``named(_:)``.
    package static let all: [Resource] = [
        host, plugin, suite, subnet, performanceDatum, status, check, discovery, scheduleEntry, worker, queue,
        statistics, health, healthPart,
    ]

    package static func named(_ name: String) -> Resource? { all.first { $0.name == name } }
}
