import APIContract
import HTTPServer
import JSON
import Model
import Storage

extension Service {
    func listSubnets(_ call: Call) async throws(Problem) -> Response {
        let query = try call.objects()
        let page = try await stored { () async throws(StoreError) in try await parts.store.subnets(query) }
        return call.answer(page) { $1.value($0.view) }
    }

    func getSubnet(_ call: Call) async throws(Problem) -> Response {
        Answer.json(200, try await subnet(named: call.name).view)
    }

    func addSubnet(_ call: Call) async throws(Problem) -> Response {
        let body = call.body
        var subnet = Subnet(name: body.string("name") ?? "", network: body.string("network") ?? "")
        subnet.take(body)
        let normal = subnet.normalised()
        try refuse(normal.validate(), given: body)
        let added = try await stored { () async throws(StoreError) in try await parts.store.add(normal) }
        return Answer.json(201, added.view, location: Endpoint.named(.getSubnet).path(["name": added.name]))
    }

    func editSubnet(_ call: Call) async throws(Problem) -> Response {
        let before = try await subnet(named: call.name)
        var subnet = before
        subnet.take(call.body)
        subnet = subnet.normalised()
        try refuse(subnet.validate(), before: before.validate(), given: call.body)
        let edit = SubnetEdit(of: subnet, fields: call.body)
        let edited = try await stored { () async throws(StoreError) in
            try await parts.store.edit(subnetNamed: call.name, edit)
        }
        return Answer.json(200, edited.view)
    }

    func deleteSubnet(_ call: Call) async throws(Problem) -> Response {
        try await stored { () async throws(StoreError) in try await parts.store.delete(subnetNamed: call.name)
        }
        return Answer.nothing()
    }

    func subnet(named name: String) async throws(Problem) -> Subnet {
        let found = try await stored { () async throws(StoreError) in
            try await parts.store.subnet(named: name)
        }
        guard let found else { throw .notFound("subnet", name) }
        return found
    }
}

extension Subnet {
    /// Takes over the fields that a request gives.
    mutating func take(_ body: RequestBody) {
        name = body.string("name") ?? name
        network = body.string("network") ?? network
        suite = body.nullableString("suite") ?? suite
        autoDiscovery = body.boolean("auto_discovery") ?? autoDiscovery
        interval = body.integer("interval") ?? interval
        discoveredMaintenance = body.boolean("discovered_maintenance") ?? discoveredMaintenance
        zone = body.string("zone") ?? zone
    }
}

extension SubnetEdit {
    /// The fields of `subnet` that a request gives.
    init(of subnet: Subnet, fields: RequestBody) {
        self.init()
        if fields.has("name") { name = subnet.name }
        if fields.has("network") { network = subnet.network }
        if fields.has("suite") { suite = .some(subnet.suite) }
        if fields.has("auto_discovery") { autoDiscovery = subnet.autoDiscovery }
        if fields.has("interval") { interval = subnet.interval }
        if fields.has("discovered_maintenance") { discoveredMaintenance = subnet.discoveredMaintenance }
        if fields.has("zone") { zone = subnet.zone }
    }
}
