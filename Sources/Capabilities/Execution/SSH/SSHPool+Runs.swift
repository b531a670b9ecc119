import Model

extension SSHPool {
    /// The command has its channel; the next may be set up on its connection.
    package mutating func opened(_ run: RunID, at now: Int64) {
        guard let id = connectionOfRun[run], var connection = connections[id] else { return }
        connection.settingUp = nil
        connection.running.insert(run)
        connection.hasServed = true
        connection.strikes = 0
        connection.opensSinceRefusal += 1
        // A limit learned at a bad moment must not stay for ever.
        if connection.opensSinceRefusal >= 100, connection.limit < limits.channelsPerConnection {
            connection.limit += 1
            connection.opensSinceRefusal = 0
        }
        connection.lastUse = now
        connections[id] = connection
        counters.channels += 1
        dispatch(connection.endpoint, at: now)
    }

    /// The server opened no channel for the command; it is tried again, and the limit learned.
    package mutating func refused(_ run: RunID, at now: Int64) {
        guard let id = connectionOfRun.removeValue(forKey: run), var connection = connections[id],
            var waiting = connection.settingUp
        else { return }
        counters.refusals += 1
        connection.settingUp = nil
        connection.opensSinceRefusal = 0
        connection.pausedUntil = now + limits.refusalPause
        let mayBeLate = now - connection.lastEnd < limits.lateRelease && connection.strikes < 3
        if mayBeLate || connection.running.isEmpty {
            connection.strikes += 1
        } else {
            connection.limit = connection.running.count
            connection.strikes = 0
        }
        connections[id] = connection
        waiting.refusals += 1
        if waiting.refusals > limits.refusalsInARow {
            let sentence =
                "cannot open a channel to \(connection.endpoint): the server refused "
                + "\(waiting.refusals) times; raise MaxSessions in its sshd_config"
            actions.append(.fail(run, .unreachable(sentence)))
        } else {
            lines[connection.endpoint]?.waiting.prepend(waiting)
            withWaiting.insert(connection.endpoint)
        }
        closeIfRetired(id)
        dispatch(connection.endpoint, at: now)
    }

    /// The command's channel is gone; its place is free.
    package mutating func finished(_ run: RunID, at now: Int64) {
        guard let id = connectionOfRun.removeValue(forKey: run), var connection = connections[id] else {
            return
        }
        if connection.running.remove(run) != nil {
            counters.channels -= 1
        } else {
            connection.settingUp = nil
        }
        connection.lastEnd = now
        connection.lastUse = now
        connections[id] = connection
        closeIfRetired(id)
        dispatch(connection.endpoint, at: now)
    }

    /// Gives waiting commands to connections with room, and makes connections when there is none.
    mutating func dispatch(_ endpoint: SSHEndpoint, at now: Int64) {
        // No copy of the line is held here, or taking from it would copy all that wait.
        while let first = lines[endpoint]?.waiting.first {
            guard let id = bestConnection(of: lines[endpoint]?.connections ?? [], at: now) else { break }
            lines[endpoint]?.waiting.removeFirst()
            connections[id]?.settingUp = first
            connections[id]?.lastUse = now
            connectionOfRun[first.run] = id
            actions.append(.open(first.run, id))
        }
        guard let line = lines[endpoint], let oldest = line.waiting.first else {
            withWaiting.remove(endpoint)
            return
        }
        if needsConnection(line, oldest, at: now) { connect(to: endpoint) }
    }

    /// The one with the fewest commands that can open a channel now.
    private func bestConnection(of ids: [ConnectionID], at now: Int64) -> ConnectionID? {
        var best: (id: ConnectionID, load: Int)?
        for id in ids {
            guard let connection = connections[id], connection.canOpen(at: now) else { continue }
            if connection.load < best?.load ?? .max { best = (id, connection.load) }
        }
        return best?.id
    }

    private func needsConnection(_ line: Line, _ oldest: Waiting, at now: Int64) -> Bool {
        let held = line.connections.compactMap { connections[$0] }
        guard held.allSatisfy({ $0.state == .ready }), held.count < 2 * limits.connectionsPerEndpoint else {
            return false
        }
        let usable = held.filter { !$0.isRetiring }
        if usable.isEmpty { return true }
        guard now >= line.givenUpUntil, usable.count < limits.connectionsPerEndpoint,
            now - oldest.since >= limits.patience
        else { return false }
        return usable.allSatisfy { $0.isSaturated || $0.pausedUntil > now }
    }
}
