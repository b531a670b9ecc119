package import Model

extension SSHPool {
    /// The connection is logged in.
    package mutating func connected(_ id: ConnectionID, at now: Int64) {
        guard let endpoint = connections[id]?.endpoint else { return }
        connections[id]?.state = .ready
        connections[id]?.lastUse = now
        lines[endpoint]?.failures = 0
        lines[endpoint]?.cause = nil
        lines[endpoint]?.givenUpUntil = .min / 2
        counters.sessions += 1
        endHandshake(with: endpoint, at: now)
        dispatch(endpoint, at: now)
    }

    /// The connection could not be made; the driver has dropped it.
    package mutating func failed(_ id: ConnectionID, because cause: Ending, at now: Int64) {
        guard let endpoint = connections[id]?.endpoint else { return }
        counters.failedConnects += 1
        forget(id)
        giveUp(endpoint, because: cause, at: now)
        endHandshake(with: endpoint, at: now)
    }

    /// A connection that was logged in has broken; the driver has dropped it and tells the end of what ran
    /// on it.
    ///
    /// The command in set-up gets a second chance on another connection: it has not been sent.
    package mutating func lost(_ id: ConnectionID, because cause: Ending, at now: Int64) {
        guard let connection = connections[id] else { return }
        let endpoint = connection.endpoint
        forget(id)
        if var again = connection.settingUp {
            again.lostConnections += 1
            if again.lostConnections > 1 {
                actions.append(.fail(again.run, cause))
            } else {
                lines[endpoint]?.waiting.prepend(again)
                withWaiting.insert(endpoint)
            }
        }
        if connection.hasServed {
            dispatch(endpoint, at: now)
        } else {
            giveUp(endpoint, because: cause, at: now)
        }
    }

    /// The connection takes no more commands; it is closed when the last has ended.
    package mutating func retire(_ id: ConnectionID, at now: Int64) {
        guard let endpoint = connections[id]?.endpoint else { return }
        connections[id]?.isRetiring = true
        closeIfRetired(id)
        dispatch(endpoint, at: now)
    }

    mutating func closeIfRetired(_ id: ConnectionID) {
        guard let connection = connections[id], connection.isRetiring, connection.load == 0 else { return }
        forget(id)
        actions.append(.close(id))
    }

    /// Makes one more connection to `endpoint`, or queues it while too many are on their way.
    mutating func connect(to endpoint: SSHEndpoint) {
        lastConnection += 1
        connections[lastConnection] = Connection(endpoint: endpoint, limit: limits.channelsPerConnection)
        lines[endpoint, default: Line()].connections.append(lastConnection)
        connectQueue.append(lastConnection)
        startQueuedConnects()
    }

    mutating func forget(_ id: ConnectionID) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        lines[connection.endpoint]?.connections.removeAll { $0 == id }
        for run in connection.running { connectionOfRun[run] = nil }
        if let run = connection.settingUp?.run { connectionOfRun[run] = nil }
        counters.channels -= connection.running.count
        if connection.state == .ready { counters.sessions -= 1 }
    }

    /// With another connection standing nothing fails: one more was wanted only to be faster.
    private mutating func giveUp(_ endpoint: SSHEndpoint, because cause: Ending, at now: Int64) {
        guard var line = lines[endpoint] else { return }
        line.failures += 1
        let doubled = limits.firstBackOff << Int64(min(line.failures - 1, 10))
        line.givenUpUntil = now + min(doubled, limits.longestBackOff)
        let isStanding = line.connections.contains { connections[$0]?.state == .ready }
        if !isStanding {
            line.cause = cause
            counters.breakerTrips += 1
            for waiting in line.waiting.takeAll({ _ in true }) { actions.append(.fail(waiting.run, cause)) }
            withWaiting.remove(endpoint)
        }
        lines[endpoint] = line
    }

    private mutating func endHandshake(with endpoint: SSHEndpoint, at now: Int64) {
        handshakesNow -= 1
        let left = (handshakes[endpoint.server] ?? 1) - 1
        handshakes[endpoint.server] = left > 0 ? left : nil
        startQueuedConnects()
    }

    private mutating func startQueuedConnects() {
        var later: [ConnectionID] = []
        for id in connectQueue {
            guard let connection = connections[id] else { continue }
            let server = connection.endpoint.server
            guard handshakesNow < limits.handshakes,
                handshakes[server, default: 0] < limits.handshakesPerServer
            else {
                later.append(id)
                continue
            }
            handshakesNow += 1
            handshakes[server, default: 0] += 1
            connections[id]?.state = .connecting
            counters.connects += 1
            actions.append(.connect(id, connection.endpoint))
        }
        connectQueue = later
    }
}
