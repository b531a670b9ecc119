import Model
import Testing

@testable import Node

@Suite("Zones of hosts")
struct HostZonesTests {
    private func host(_ id: Int64, subnet: String? = nil, zone: String = "") -> Host {
        Host(id: HostID(id), name: "h\(id)", address: "192.0.2.\(id)", subnet: subnet, zone: zone)
    }

    private func subnet(_ id: Int64, _ name: String, zone: String = "") -> Subnet {
        Subnet(id: SubnetID(id), name: name, network: "192.0.2.0/24", zone: zone)
    }

    @Test("a host is in its own zone, else in that of its subnet, else in the main one")
    func effective() {
        var zones = HostZones()
        _ = zones.set([subnet(1, "lab", zone: "far"), subnet(2, "plain")])
        for host in [
            host(1), host(2, zone: "dmz"), host(3, subnet: "lab"), host(4, subnet: "lab", zone: "dmz"),
            host(5, subnet: "lab", zone: "main"), host(6, subnet: "plain"),
        ] { zones.set(host) }
        #expect((1...6).map { zones[HostID($0)] } == ["", "dmz", "far", "dmz", "", ""])
        zones.remove(HostID(2))
        #expect(zones[HostID(2)] == "" && !zones.isTrivial)
    }

    @Test("a subnet that gets another zone or name, or goes, is told; any other edit is not")
    func subnets() {
        var zones = HostZones()
        #expect(zones.set([subnet(1, "lab")]).isTold)
        var same = subnet(1, "lab")
        same.interval = 7
        #expect(!zones.set([same]).isTold)
        #expect(zones.set([subnet(1, "lab", zone: "far")]).isTold)
        let renamed = zones.set([subnet(1, "new", zone: "far")])
        #expect(renamed.isTold && renamed.renamed["lab"] == .some("new"))
        zones.set(host(1, subnet: "new"))
        #expect(zones[HostID(1)] == "far")
        let gone = zones.set([], removed: [SubnetID(1)])
        #expect(gone.isTold && gone.renamed["new"] == .some(nil))
    }
}
