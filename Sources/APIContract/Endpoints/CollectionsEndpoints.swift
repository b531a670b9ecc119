extension Endpoint {
    /// The first part of every path but `/metrics`.
    package static let root = "/api/v1"

    static let collectionCalls: [Endpoint] = Collection.all.flatMap { calls($0) }

    private static func calls(_ collection: Collection) -> [Endpoint] {
        let resource = collection.resource
        let many = "\(root)/\(resource.plural)"
        let one = "\(many)/{name}"
        return [
            Endpoint(
                id: collection.list, method: .get, path: many, summary: "List \(resource.plural)",
                query: filters(resource) + Query.page(sortedBy: resource.sortNames), response: .page(resource)
            ),
            Endpoint(
                id: collection.add, method: .post, path: many, summary: "Add a \(resource.noun)",
                body: .create(resource), response: .object(resource), success: [201], refusals: [409]),
            Endpoint(
                id: collection.get, method: .get, path: one, summary: "Get a \(resource.noun)",
                response: .object(resource), refusals: [404]),
            Endpoint(
                id: collection.edit, method: .patch, path: one,
                summary: "Change the fields given of a \(resource.noun), lists as a whole",
                body: .edit(resource), response: .object(resource), refusals: [404, 409]),
            Endpoint(
                id: collection.delete, method: .delete, path: one, summary: "Delete a \(resource.noun)",
                response: .none, success: [204], refusals: [404, 409]),
        ]
    }

    private static func filters(_ resource: Resource) -> [Field] {
        let search = Field("search", .string, "part of the name, letter case ignored")
        let suite = Field("suite", .string, "name of a suite that holds it")
        switch resource.name {
        case "Host":
            return [
                Field("search", .string, "part of the name or of the address, letter case ignored"), suite,
                Field("subnet", .string, "name of the subnet that it belongs to"),
                Field("maintenance", .boolean, "whether it is in maintenance"),
                Field("label", .string, "a label that it has").accepting("a label as name=value"),
            ]
        case "Plugin": return [search, suite]
        case "Subnet": return [search, Field("suite", .string, "name of the suite that it has")]
        default: return [search]
        }
    }
}

/// Parameters that several calls share.
enum Query {
    static func page(sortedBy names: [String]) -> [Field] {
        [
            Field("page", .integer, "number of the page").within(1...Int.max).with(default: 1),
            Field("per_page", .integer, "items on a page").within(1...1000).with(default: 50),
            Field("sort", .string, "field to sort by, with a minus for the other way round")
                .among(names + names.map { "-" + $0 }),
        ]
    }

    static let check: [Field] = [
        Field("host", .string, "exact name of the host"),
        Field("plugin", .string, "exact name of the plugin"),
    ]
}
