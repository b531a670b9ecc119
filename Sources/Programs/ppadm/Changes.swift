import APIContract
import JSON

/// The body of a request that adds or edits: the fields given on the command line, as JSON.
struct Changes {
    private let session: Session
    private let resource: Resource
    private var name: String?
    /// The object as it is, for maps of which single entries change.
    var present: JSONValue = .null

    init(_ session: Session, _ resource: Resource) {
        self.session = session
        self.resource = resource
    }

    /// Takes the name of a new object from the argument or from `--name`.
    mutating func takeName() throws(Failure) {
        if session.command.isGiven("name"), session.command.positional != nil {
            throw session.usage("the name is given twice; give it once, as the argument or with --name")
        }
        name = session.command.positional
        let isMissing = name == nil && !session.command.isGiven("name")
        if isMissing, resource.field("name")?.isRequired == true {
            throw session.usage(
                "'\(session.command.command.name)' needs a NAME: the name of the new \(resource.noun)")
        }
    }

    /// Whether entries of a map are given one by one.
    var needsPresent: Bool {
        maps.contains { session.command.isGiven(single($0)) && !session.command.isGiven(long($0)) }
    }

    var isEmpty: Bool { members.isEmpty }
    var body: JSONValue { .object(members) }

    private var members: [JSONMember] {
        let named = name.map { [JSONMember("name", .string($0))] } ?? []
        return named
            + resource.writableFields.compactMap { field in
                value(of: field).map { JSONMember(field.name, $0) }
            }
    }

    private func value(of field: Field) -> JSONValue? {
        let command = session.command
        let option = long(field)
        if field.kind == .map { return map(field) }
        guard let text = command.text(option) else { return nil }
        switch field.kind {
        case .strings: return command.list(option).map { JSONValue($0) }
        case .boolean: return command.boolean(option).map { .bool($0) }
        case .integer: return command.integer(option).map { .integer(Int64($0)) }
        case .number: return command.number(option).map { .number($0) }
        default: return text.isEmpty && field.isNullable ? .null : .string(text)
        }
    }

    /// All entries anew with the plural option, else the present ones with those that are given.
    private func map(_ field: Field) -> JSONValue? {
        let all = session.command.pairs(long(field))
        let single = session.command.pairs(single(field))
        guard all != nil || single != nil else { return nil }
        var members = all == nil ? present[field.name]?.asObject ?? [] : []
        for (key, value) in (all ?? []) + (single ?? []) {
            let member = JSONMember(key, .string(value))
            if let index = members.firstIndex(where: { $0.name == key }) {
                members[index] = member
            } else {
                members.append(member)
            }
        }
        return .object(members)
    }

    private var maps: [Field] { resource.writableFields.filter { $0.kind == .map } }
    private func long(_ field: Field) -> String { String(field.name.map { $0 == "_" ? "-" : $0 }) }
    private func single(_ field: Field) -> String { String(long(field).dropLast()) }
}
