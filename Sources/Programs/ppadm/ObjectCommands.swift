import APIContract
import CommandLine
import JSON

// The five commands that every configured kind of object has; a kind is a `Collection` of the contract.
extension Command {
    static func list(_ collection: Collection) -> Command {
        let resource = collection.resource
        let specification = CommandSpecification(
            ["list", .init(resource.plural, aliases: [resource.noun])],
            summary: "List the \(resource.plural)",
            options: Paging.options(of: collection.list))
        return Command(specification) { session throws(Failure) in
            let page = try Paging.fetch(collection.list, session)
            session.show(
                page.items, envelope: page.envelope, fields: resource.fields.map(\.name),
                empty: "no \(resource.plural) found"
            ) { table(of: $0, resource) }
            page.remarkOnMore(session)
        }
    }

    static func get(_ collection: Collection) -> Command {
        let resource = collection.resource
        let specification = CommandSpecification(
            ["get", .init(resource.noun, aliases: [resource.plural])], summary: "Show one \(resource.noun)",
            positional: name(of: resource))
        return Command(specification) { session throws(Failure) in
            let object = try session.connection().call(collection.get, ["name": session.name])
            session.show(object, fields: resource.fields.map(\.name))
        }
    }

    static func add(_ collection: Collection) -> Command {
        let resource = collection.resource
        let specification = CommandSpecification(
            ["add", .init(resource.noun, aliases: [resource.plural])], summary: "Add a \(resource.noun)",
            positional: .init("NAME", help: "Name of the new \(resource.noun).", isRequired: false),
            options: resource.writableFields.flatMap { $0.options(isNew: true) })
        return Command(specification) { session throws(Failure) in
            var changes = Changes(session, resource)
            try changes.takeName()
            let object = try session.connection().call(collection.add, body: changes.body)
            session.confirm(object, "\(resource.noun) \(object["name"]?.asString ?? session.name) added")
        }
    }

    static func edit(_ collection: Collection) -> Command {
        let resource = collection.resource
        let specification = CommandSpecification(
            ["edit", .init(resource.noun, aliases: [resource.plural])],
            summary: "Change the given fields of a \(resource.noun)",
            details: ["Fields that are not given stay as they are; a list is replaced as a whole."],
            positional: name(of: resource), options: resource.writableFields.flatMap { $0.options() })
        return Command(specification) { session throws(Failure) in
            var changes = Changes(session, resource)
            if changes.needsPresent {
                changes.present = try session.connection().call(collection.get, ["name": session.name])
            }
            guard !changes.isEmpty else {
                throw session.usage(
                    "nothing to change: give at least one field, as --\(specification.options[0].name)")
            }
            let object = try session.connection().call(
                collection.edit, ["name": session.name], body: changes.body)
            session.confirm(object, "\(resource.noun) \(object["name"]?.asString ?? session.name) changed")
        }
    }

    static func delete(_ collection: Collection) -> Command {
        let resource = collection.resource
        let specification = CommandSpecification(
            ["delete", .init(resource.noun, aliases: [resource.plural])],
            summary: "Delete a \(resource.noun)",
            details: ["Asks first when a person sits at the terminal."], positional: name(of: resource),
            options: [OptionSpecification("yes", short: "y", value: .none, help: "Do not ask.")])
        return Command(specification) { session throws(Failure) in
            let isSure = session.command.isGiven("yes") || !session.console.canAsk
            guard isSure || session.console.isConfirmed("delete \(resource.noun) \(session.name)?") else {
                throw .local("\(resource.noun) \(session.name) is not deleted")
            }
            let answer = try session.connection().call(collection.delete, ["name": session.name])
            session.confirm(answer, "\(resource.noun) \(session.name) deleted")
        }
    }

    /// Prints names for the shells' completion; says nothing when that fails.
    static var names: Command {
        let kinds = Collection.all.map(\.resource.plural) + ["workers"]
        let kind = CommandSpecification.Positional("KIND", help: "Kind of object.", candidates: .words(kinds))
        let specification = CommandSpecification(
            ["names"], summary: "List names for completion", positional: kind, isHidden: true)
        return Command(specification) { session throws(Failure) in
            let collection = Collection.all.first { $0.resource.plural == session.name }
            let answer = try session.connection().call(
                collection?.list ?? .listWorkers, query: [("per_page", "1000")], timeout: .seconds(2))
            let names = (answer["items"]?.asArray ?? []).compactMap { $0["name"]?.asString }
            session.console.print(names.map { Escaping.forTerminal($0) })
        }
    }

    private static func name(of resource: Resource) -> CommandSpecification.Positional {
        .init(
            "NAME", help: "Name of the \(resource.noun).",
            candidates: .lines(command: "names \(resource.plural)"))
    }

    /// Columns in which every object has the default are left out; optional ones give way to the width.
    private static func table(of items: [JSONValue], _ resource: Resource) -> Table {
        let fields = resource.fields.filter { field in
            let usual = ValueText.shown(field.defaultValue)
            return field.isRequired || field.name == "name"
                || items.contains { ValueText.shown($0[field.name]) != usual }
        }
        let columns = fields.map { field in
            let isElastic =
                [.string, .strings, .map].contains(field.kind) && !field.isRequired && field.name != "name"
            return Table.Column(
                field.name.uppercased(), isRightAligned: field.kind == .integer, isElastic: isElastic)
        }
        let rows = items.map { item in fields.map { Table.Cell(ValueText.shown(item[$0.name])) } }
        return Table(columns, rows: rows)
    }
}

extension Session {
    /// Says what was done, or prints the object for programs.
    fileprivate func confirm(_ object: JSONValue, _ sentence: String) {
        switch format {
        case .table: console.print([Escaping.forTerminal(sentence)])
        case .json: if !object.isNull { showJSON(object) }
        case .csv: if let members = object.asObject { showCSV([object], members.map(\.name)) }
        }
    }
}
