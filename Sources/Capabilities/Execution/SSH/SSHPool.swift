package import Model

/// Decides which connections to make and which command to run on which; owns no socket and no clock.
///
/// One connection an endpoint as a rule. Commands run side by side on it, set up one after the other; its
/// limit is learned from refusals; more connections come only when commands have to wait. A server that
/// fails is given up for a while, and all who wait for it are told the one cause. Times are nanoseconds of
/// any clock that never goes back.
package struct SSHPool: Sendable {
    /// Names one command from ``submit(_:to:deadline:at:)`` to ``finished(_:at:)``.
    package typealias RunID = UInt64
    /// Names one connection; never used again.
    package typealias ConnectionID = UInt64

    /// What the driver must do next.
    package enum Action: Equatable, Sendable {
        /// Connect, check the host key and log in; tell ``connected(_:at:)`` or ``failed(_:because:at:)``.
        case connect(ConnectionID, SSHEndpoint)
        /// Open a channel, tell ``opened(_:at:)`` or ``refused(_:at:)``, and ask for the command.
        case open(RunID, ConnectionID)
        /// This command is not run; the pool has forgotten it.
        case fail(RunID, Ending)
        /// The connection is idle, send something over it.
        case keepAlive(ConnectionID)
        /// The connection is of no more use; the pool has forgotten it.
        case close(ConnectionID)
    }

    /// Bounds; times in nanoseconds.
    package struct Limits: Sendable {
        package var channelsPerConnection = 8
        package var connectionsPerEndpoint = 4
        /// Servers drop connections when more than ten are not logged in (MaxStartups).
        package var handshakesPerServer = 8
        package var handshakes = 64
        package var idle: Int64 = 300_000_000_000
        package var keepAlive: Int64 = 30_000_000_000
        /// How long a command waits for a channel before one more connection is made.
        package var patience: Int64 = 100_000_000
        /// A failed server is left alone this long, doubled at each failure up to the second.
        package var firstBackOff: Int64 = 1_000_000_000
        package var longestBackOff: Int64 = 4_000_000_000
        /// After a refusal, as servers free a place a little late.
        package var refusalPause: Int64 = 10_000_000
        /// A refusal this soon after a command's end says nothing of the limit.
        package var lateRelease: Int64 = 250_000_000
        package var refusalsInARow = 200

        package init() {}
    }

    struct Waiting {
        var run: RunID
        var deadline: Int64
        var since: Int64
        var lostConnections = 0
        var refusals = 0
    }

    struct Connection {
        enum State { case queued, connecting, ready }

        var endpoint: SSHEndpoint
        var state = State.queued
        var settingUp: Waiting?
        var running: Set<RunID> = []
        var limit: Int
        var hasServed = false
        var isRetiring = false
        var strikes = 0
        var opensSinceRefusal = 0
        var lastEnd: Int64 = .min / 2
        var lastUse: Int64 = 0
        var lastKeepAlive: Int64 = 0
        var pausedUntil: Int64 = .min / 2

        var load: Int { running.count + (settingUp == nil ? 0 : 1) }
        var isSaturated: Bool { load >= limit }

        /// libssh2 opens one channel at a time.
        func canOpen(at now: Int64) -> Bool {
            state == .ready && !isRetiring && settingUp == nil && !isSaturated && pausedUntil <= now
        }
    }

    /// All that concerns one endpoint.
    struct Line {
        var waiting = SSHWaitingLine()
        var connections: [ConnectionID] = []
        var failures = 0
        var givenUpUntil: Int64 = .min / 2
        var cause: Ending?
    }

    let limits: Limits
    var lines: [SSHEndpoint: Line] = [:]
    var connections: [ConnectionID: Connection] = [:]
    var connectionOfRun: [RunID: ConnectionID] = [:]
    var withWaiting: Set<SSHEndpoint> = []
    var connectQueue: [ConnectionID] = []
    var handshakes: [SSHEndpoint.Server: Int] = [:]
    var handshakesNow = 0
    var lastConnection: ConnectionID = 0
    private var lastUpkeep: Int64 = .min / 2
    var actions: [Action] = []
    /// Counts of what happened.
    package internal(set) var counters = SSHCounters()

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Takes a command; at `deadline` it is failed as too late unless it has been opened.
    package mutating func submit(_ run: RunID, to endpoint: SSHEndpoint, deadline: Int64, at now: Int64) {
        if let cause = lines[endpoint]?.cause, let line = lines[endpoint], line.givenUpUntil > now {
            actions.append(.fail(run, cause))
            return
        }
        lines[endpoint, default: Line()].waiting.append(Waiting(run: run, deadline: deadline, since: now))
        withWaiting.insert(endpoint)
        dispatch(endpoint, at: now)
    }

    /// What to do since the last call, in order.
    package mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    /// When ``tick(at:)`` has to be called at the latest; nil while there is nothing to watch over.
    package func nextTick(after now: Int64) -> Int64? {
        if !withWaiting.isEmpty { return now + 10_000_000 }
        return connections.isEmpty && lines.isEmpty ? nil : now + 1_000_000_000
    }

    /// Sees to deadlines, pauses, idle connections.
    package mutating func tick(at now: Int64) {
        for endpoint in withWaiting {
            dropLate(endpoint, at: now)
            dispatch(endpoint, at: now)
        }
        guard now - lastUpkeep >= 1_000_000_000 else { return }
        lastUpkeep = now
        for (id, connection) in connections where connection.state == .ready && connection.load == 0 {
            if now - connection.lastUse >= limits.idle {
                forget(id)
                actions.append(.close(id))
            } else if now - max(connection.lastUse, connection.lastKeepAlive) >= limits.keepAlive {
                connections[id]?.lastKeepAlive = now
                actions.append(.keepAlive(id))
            }
        }
        forgetOldCauses(at: now)
    }

    private mutating func dropLate(_ endpoint: SSHEndpoint, at now: Int64) {
        let late = lines[endpoint]?.waiting.takeAll { $0.deadline <= now } ?? []
        guard !late.isEmpty else { return }
        let isConnected = lines[endpoint]?.connections.contains { connections[$0]?.state == .ready } ?? false
        for late in late {
            let seconds = (now - late.since) / 1_000_000_000
            let reason =
                isConnected ? "no channel to \(endpoint) became free" : "no connection to \(endpoint) yet"
            actions.append(.fail(late.run, .tooLate("not run: \(reason) in \(seconds) s")))
        }
    }

    /// A server's record is dropped a minute after its last failure, so that the number of records stays
    /// bounded.
    private mutating func forgetOldCauses(at now: Int64) {
        lines = lines.filter { _, line in
            !line.waiting.isEmpty || !line.connections.isEmpty || line.givenUpUntil + 60_000_000_000 > now
        }
    }
}
