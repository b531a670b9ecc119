import Model
import SQL

extension Database {
    func beginDiscovery(
        ofSubnetNamed name: String, at now: Timestamp
    ) throws(StoreError) -> DiscoveryRound {
        let subnet = try id(of: .subnet, named: name)
        let running = try rows(
            "SELECT id, started FROM discoveries WHERE subnet_id = ? AND state = 'running'",
            [.integer(subnet)]
        ) { (id: $0.int64(0), started: $0.timestamp(1)) }
        for round in running {
            // A start in the future was written under a wrong clock.
            guard now - round.started > .seconds(3600) || now < round.started else {
                throw .conflict(
                    "discovery \(round.id) of subnet \"\(name)\" is still running; wait until it has ended")
            }
            try run(
                "UPDATE discoveries SET state = 'failed', ended = ?, failure = ? WHERE id = ?", now,
                "nothing was heard of it for an hour", round.id)
        }
        try run(
            """
            DELETE FROM discoveries WHERE subnet_id = ?1 AND id NOT IN (
                SELECT id FROM discoveries WHERE subnet_id = ?1 ORDER BY id DESC LIMIT 50)
            """, subnet)
        let id = try insert(
            "INSERT INTO discoveries (subnet_id, state, started) VALUES (?, 'running', ?)", subnet, now)
        return try existing(discovery: id)
    }

    func record(
        _ result: DiscoveryResult, at now: Timestamp, _ change: inout ScheduleChange
    ) throws(StoreError) -> DiscoveryRound {
        let round = try existing(discovery: result.id)
        for responder in result.responders { try record(responder, in: round, &change) }
        try run(
            """
            UPDATE discoveries SET scanned = CASE WHEN scanned < ?1 THEN ?1 ELSE scanned END,
            total = CASE WHEN total < ?2 THEN ?2 ELSE total END WHERE id = ?3
            """,
            result.scanned, result.total, result.id)
        if result.isFinished, round.state == .running {
            let state: DiscoveryRound.State = result.failure == nil ? .done : .failed
            try run(
                "UPDATE discoveries SET state = ?, ended = ?, failure = ? WHERE id = ?", state.rawValue, now,
                result.failure, result.id)
        }
        return try existing(discovery: result.id)
    }

    func abandonDiscoveries(at now: Timestamp) throws(StoreError) {
        try run(
            "UPDATE discoveries SET state = ?, ended = ?, failure = ? WHERE state = ?",
            DiscoveryRound.State.failed.rawValue, now, "the engine ended before the sweep did",
            DiscoveryRound.State.running.rawValue)
    }

    func discovery(_ id: Int64) throws(StoreError) -> DiscoveryRound? {
        let found = try first(
            """
            SELECT subnet_id, state, started, ended, scanned, total, failure FROM discoveries WHERE id = ?
            """, [.integer(id)]
        ) { row in
            (
                subnet: row.int64(0), state: DiscoveryRound.State(rawValue: row.text(1)) ?? .failed,
                started: row.timestamp(2), ended: row.optionalTimestamp(3), scanned: row.int(4),
                total: row.int(5), failure: row.optionalText(6)
            )
        }
        guard let found, let subnet = try subnets(ids: [found.subnet]).first else { return nil }
        let outcomes = try rows(
            "SELECT outcome, detail, address FROM discovery_responders WHERE discovery_id = ?", [.integer(id)]
        ) { (outcome: $0.text(0), detail: $0.text(1), address: $0.text(2)) }
        return DiscoveryRound(
            id: id, subnet: subnet, state: found.state, started: found.started, ended: found.ended,
            scanned: found.scanned, total: found.total, alive: outcomes.count,
            added: outcomes.filter { $0.outcome == "added" }.map(\.detail).sorted(),
            known: outcomes.count { $0.outcome == "known" },
            refused: outcomes.filter { $0.outcome == "refused" }.map { "\($0.address): \($0.detail)" },
            failure: found.failure)
    }

    private func existing(discovery id: Int64) throws(StoreError) -> DiscoveryRound {
        guard let round = try discovery(id) else { throw .notFound(kind: "discovery", name: String(id)) }
        return round
    }

    /// Counts an address once, however often it is reported, and adds its host when there is none.
    private func record(
        _ responder: DiscoveryResult.Responder, in round: DiscoveryRound, _ change: inout ScheduleChange
    ) throws(StoreError) {
        let isReported = try number(
            "SELECT COUNT(*) FROM discovery_responders WHERE discovery_id = ? AND address = ?",
            [.integer(round.id), .text(responder.address)])
        guard isReported == 0 else { return }
        let (outcome, detail) = try admit(responder, to: round.subnet, &change)
        try run(
            "INSERT INTO discovery_responders VALUES (?, ?, ?, ?)", round.id, responder.address, outcome,
            detail)
    }

    private func admit(
        _ responder: DiscoveryResult.Responder, to subnet: Subnet, _ change: inout ScheduleChange
    ) throws(StoreError) -> (outcome: String, detail: String) {
        let address = responder.address
        let known = try first("SELECT name FROM hosts WHERE address = ?", [.text(address)]) { $0.text(0) }
        if let known { return ("known", known) }
        let names = HostNames.candidates(address: address, reverse: responder.name)
        for name in names {
            guard try number("SELECT COUNT(*) FROM hosts WHERE name = ?", [.text(name)]) == 0 else {
                continue
            }
            let host = Host(
                name: name, address: address, maintenance: subnet.discoveredMaintenance,
                suites: subnet.suite.map { [$0] } ?? [], subnet: subnet.name)
            return ("added", try add(host, &change).name)
        }
        let list = names.map { "\"\($0)\"" }.joined(separator: ", ")
        return ("refused", "other hosts have the names \(list) already; rename one of them")
    }
}

/// Names for a host that was discovered.
enum HostNames {
    /// The names to try in turn: the reverse name, that with the address, the address.
    ///
    /// Reverse names come from strangers: one that is no plain host name (RFC 1123, and `_`) is not used.
    static func candidates(address: String, reverse: String?) -> [String] {
        guard var name = reverse else { return [address] }
        if name.hasSuffix(".") { name.removeLast() }
        guard isPlain(name) else { return [address] }
        return [name, "\(name)-\(address)", address]
    }

    private static func isPlain(_ name: String) -> Bool {
        let bytes = name.utf8
        return (1...200).contains(bytes.count) && name.first != "." && name.first != "-"
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
