import Model
import Synchronization

/// The job queues of zones beside the main one, each made when its zone is first named.
final class ZoneQueues: Sendable {
    private let make: @Sendable (String) -> JobQueues?
    private let made = Mutex<[String: JobQueues]>([:])

    /// `make` returns nil when the system has no room for more queues.
    init(_ make: @escaping @Sendable (String) -> JobQueues?) { self.make = make }

    /// The queues of a zone; nil when they cannot be made now.
    subscript(zone: String) -> JobQueues? {
        made.withLock { made in
            if let known = made[zone] { return known }
            guard let new = make(zone) else { return nil }
            made[zone] = new
            return new
        }
    }

    /// Every zone that was named so far.
    var all: [String: JobQueues] { made.withLock { $0 } }
}

/// Which zone each host is in: its own, else that of its subnet; the main zone has the empty name.
struct HostZones {
    /// The main zone by a name, for hosts whose subnet has another one.
    static let main = "main"

    private var subnets: [SubnetID: Subnet] = [:]
    private var zoneOfSubnet: [String: String] = [:]
    /// Hosts outside of the main zone.
    private var zones: [HostID: String] = [:]

    /// Whether all hosts are in the main zone.
    var isTrivial: Bool { zones.isEmpty }

    subscript(host: HostID) -> String { zones[host] ?? "" }

    /// The zone in which something of `own` and, when that is empty, `inherited` lies.
    static func effective(_ own: String, inherited: String) -> String {
        let zone = own.isEmpty ? inherited : own
        return zone == main ? "" : zone
    }

    mutating func set(_ host: Host) {
        let inherited = host.subnet.flatMap { zoneOfSubnet[$0] } ?? ""
        let zone = Self.effective(host.zone, inherited: inherited)
        zones[host.id] = zone.isEmpty ? nil : zone
    }

    mutating func remove(_ host: HostID) { zones[host] = nil }

    /// Takes subnets over; `renamed` has the new name by the old one, nil for one that is gone. When the zones of hosts may
    /// have changed `isTold` is true, and the caller sets all hosts again.
    mutating func set(_ changed: [Subnet], removed: [SubnetID] = []) -> (
        renamed: [String: String?], isTold: Bool
    ) {
        var renamed: [String: String?] = [:]
        var isTold = false
        for id in removed {
            guard let old = subnets.removeValue(forKey: id) else { continue }
            renamed[old.name] = .some(nil)
            isTold = true
        }
        for subnet in changed {
            let old = subnets.updateValue(subnet, forKey: subnet.id)
            if let old, old.name != subnet.name { renamed[old.name] = subnet.name }
            if old?.name != subnet.name || old?.zone != subnet.zone { isTold = true }
        }
        zoneOfSubnet = Dictionary(subnets.values.map { ($0.name, $0.zone) }) { first, _ in first }
        return (renamed, isTold)
    }
}
