import APIContract
import HTTPServer
import JSON
import Model
import Storage

extension Service {
    func runDiscovery(_ call: Call) async throws(Problem) -> Response {
        let subnet = try await subnet(named: call.name)
        // A network that cannot be read has been refused when it was saved.
        // A stored network has been read before; the sweep itself would say what is wrong.
        if let refusal = (try? IPNetwork(subnet.network))?.sweepRefusal {
            throw Problem(invalid: [FieldError(field: "network", reason: refusal)])
        }
        let round = try await stored { () async throws(StoreError) in
            try await parts.engine.discover(subnetNamed: call.name)
        }
        return Answer.json(
            202, view(of: round), location: Endpoint.named(.getDiscovery).path(["id": String(round.id)]))
    }

    func getDiscovery(_ call: Call) async throws(Problem) -> Response {
        let text = call.path["id"] ?? ""
        var round: DiscoveryRound?
        if let id = Int64(text) {
            round = try await stored { () async throws(StoreError) in try await parts.store.discovery(id) }
        }
        guard let round else { throw Problem(404, "there is no discovery \"\(text.prefix(100))\"") }
        return Answer.json(200, view(of: round))
    }

    private func view(of round: DiscoveryRound) -> JSONValue {
        [
            "id": .integer(round.id), "subnet": .string(round.subnet.name),
            "network": .string(round.subnet.network), "state": .string(round.state.rawValue),
            "started_at": round.started.json, "ended_at": round.ended?.json ?? .null,
            "total": .integer(Int64(round.total)), "scanned": .integer(Int64(round.scanned)),
            "alive": .integer(Int64(round.alive)), "added": .integer(Int64(round.added.count)),
            "known": .integer(Int64(round.known)), "refused": .integer(Int64(round.refused.count)),
            "added_hosts": JSONValue(round.added), "refusals": JSONValue(round.refused),
            "failure": JSONValue(round.failure),
        ]
    }
}
