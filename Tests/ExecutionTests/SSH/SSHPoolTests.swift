import Execution
import Model
import Testing

private let second: Int64 = 1_000_000_000
private let millisecond: Int64 = 1_000_000
private let place = SSHEndpoint(address: "192.0.2.1", port: 22, login: "nagios", identity: "key")
private let dead = Ending.unreachable("no answer")

extension SSHPool {
    fileprivate mutating func submit(
        _ runs: ClosedRange<UInt64>, at now: Int64 = 0, to endpoint: SSHEndpoint = place
    ) {
        for run in runs { submit(run, to: endpoint, deadline: now + 60 * second, at: now) }
    }

    /// Makes a pool whose connection 1 is logged in.
    fileprivate static func connectedPool(_ limits: Limits = Limits()) -> SSHPool {
        var pool = SSHPool(limits: limits)
        pool.submit(1...1)
        pool.connected(1, at: 0)
        pool.opened(1, at: 0)
        pool.finished(1, at: 0)
        _ = pool.takeActions()
        return pool
    }

    /// Opens all that it wants to open, and returns the commands that run then.
    fileprivate mutating func openAll(at now: Int64) -> [RunID] {
        var opened: [RunID] = []
        while case let actions = takeActions(), !actions.isEmpty {
            for case .open(let run, _) in actions {
                opened.append(run)
                self.opened(run, at: now)
            }
        }
        return opened
    }
}

@Suite struct SSHPoolTests {
    @Test("many commands to one place make one connection")
    func oneConnection() {
        var pool = SSHPool()
        pool.submit(1...30)
        #expect(pool.takeActions() == [.connect(1, place)])
        pool.connected(1, at: second)
        #expect(pool.takeActions() == [.open(1, 1)])
    }

    @Test("commands are set up one after the other and run side by side")
    func serialSetUp() {
        var pool = SSHPool.connectedPool()
        pool.submit(2...4)
        #expect(pool.takeActions() == [.open(2, 1)])
        pool.opened(2, at: 0)
        #expect(pool.takeActions() == [.open(3, 1)])
        pool.opened(3, at: 0)
        #expect(pool.takeActions() == [.open(4, 1)])
    }

    @Test("no more than eight channels are open on one connection")
    func channelCap() {
        var pool = SSHPool.connectedPool()
        pool.submit(2...20)
        #expect(pool.openAll(at: 0) == Array(2...9))
        pool.finished(2, at: 0)
        #expect(pool.takeActions() == [.open(10, 1)])
    }

    @Test("F43: the channel limit is learned from a refusal, and the refused command is run later")
    func learnsTheLimit() {
        var pool = SSHPool.connectedPool()
        pool.submit(2...10, at: second)
        for run in UInt64(2)...3 {
            #expect(pool.takeActions() == [.open(run, 1)])
            pool.opened(run, at: second)
        }
        #expect(pool.takeActions() == [.open(4, 1)])
        pool.refused(4, at: second)
        pool.tick(at: second + 50 * millisecond)
        #expect(pool.takeActions() == [])
        pool.finished(2, at: second + 50 * millisecond)
        #expect(pool.takeActions() == [.open(4, 1)])
        #expect(pool.counters.refusals == 1)
    }

    @Test("a refusal right after a command's end does not lower the limit: servers free places late")
    func lateRelease() {
        var pool = SSHPool.connectedPool()
        pool.submit(2...5, at: 0)
        _ = pool.takeActions()
        pool.opened(2, at: 0)
        _ = pool.takeActions()
        pool.refused(3, at: 10 * millisecond)
        pool.tick(at: 30 * millisecond)
        #expect(pool.openAll(at: 30 * millisecond) == [3, 4, 5])
    }

    @Test("a command that waits for a channel for a while gets one more connection, up to a small cap")
    func extraConnections() {
        var pool = SSHPool.connectedPool()
        pool.submit(2...60)
        #expect(pool.openAll(at: 0).count == 8)
        pool.tick(at: 50 * millisecond)
        #expect(pool.takeActions() == [])
        pool.tick(at: 200 * millisecond)
        #expect(pool.takeActions() == [.connect(2, place)])
        for id in UInt64(2)...5 {
            pool.connected(id, at: 300 * millisecond)
            _ = pool.openAll(at: 300 * millisecond)
            pool.tick(at: second)
            _ = pool.takeActions()
        }
        #expect(pool.counters.connects == 4)
        #expect(pool.counters.channels == 32)
    }

    @Test("fifty checks on a dead host cost one connect and are told one cause")
    func deadHost() {
        var pool = SSHPool()
        pool.submit(1...50)
        #expect(pool.takeActions() == [.connect(1, place)])
        pool.failed(1, because: dead, at: 4 * second)
        #expect(pool.takeActions() == (1...50).map { .fail($0, dead) })
        pool.submit(51...99, at: 4 * second + 1)
        #expect(pool.takeActions() == (51...99).map { .fail($0, dead) })
        #expect(pool.counters.connects == 1)
        #expect(pool.counters.breakerTrips == 1)
    }

    @Test("a dead host is tried again after a back-off that doubles up to its bound")
    func backOff() {
        var pool = SSHPool()
        var now: Int64 = 0
        for (id, pause) in zip(UInt64(1)..., [1, 2, 4, 4, 4] as [Int64]) {
            pool.submit(id * 10...id * 10, at: now)
            #expect(pool.takeActions() == [.connect(id, place)])
            pool.failed(id, because: dead, at: now)
            _ = pool.takeActions()
            pool.submit(id * 10 + 1...id * 10 + 1, at: now + pause * second - 1)
            #expect(pool.takeActions() == [.fail(id * 10 + 1, dead)])
            now += pause * second
        }
    }

    @Test("a host that answers again is used at once")
    func recovery() {
        var pool = SSHPool()
        pool.submit(1...1)
        pool.failed(1, because: dead, at: 0)
        pool.submit(2...3, at: second)
        pool.connected(2, at: second)
        #expect(pool.openAll(at: second) == [2, 3])
    }

    @Test("a lost connection is made again, and the command in set-up gets a second chance")
    func lostConnection() {
        var pool = SSHPool.connectedPool()
        pool.submit(2...3, at: second)
        #expect(pool.takeActions() == [.open(2, 1)])
        pool.lost(1, because: dead, at: second)
        #expect(pool.takeActions() == [.connect(2, place)])
        pool.connected(2, at: second)
        #expect(pool.openAll(at: second) == [2, 3])
    }

    @Test("a connection lost before it served anything counts as a failed one")
    func lostBeforeUse() {
        var pool = SSHPool()
        pool.submit(1...3)
        pool.connected(1, at: 0)
        _ = pool.takeActions()
        pool.lost(1, because: dead, at: 0)
        #expect(pool.takeActions() == [2, 3].reduce(into: [.fail(1, dead)]) { $0.append(.fail($1, dead)) })
    }

    @Test("a failing extra connection fails nobody while another one stands")
    func failingExtra() {
        var pool = SSHPool.connectedPool()
        pool.submit(2...20)
        _ = pool.openAll(at: 0)
        pool.tick(at: second)
        #expect(pool.takeActions() == [.connect(2, place)])
        pool.failed(2, because: dead, at: second)
        pool.tick(at: second + 500 * millisecond)
        #expect(pool.takeActions() == [])
    }

    @Test("a command that waited past its deadline is told too late, not run")
    func tooLate() {
        var pool = SSHPool()
        pool.submit(7, to: place, deadline: second, at: 0)
        _ = pool.takeActions()
        pool.tick(at: second)
        guard case .fail(7, .tooLate(let sentence))? = pool.takeActions().first else {
            Issue.record("not failed")
            return
        }
        #expect(sentence.contains("192.0.2.1 port 22"))
        pool.connected(1, at: 2 * second)
        #expect(pool.takeActions() == [])
    }

    @Test("handshakes at once are bounded, on one server and in all")
    func handshakeCaps() {
        var limits = SSHPool.Limits()
        limits.handshakes = 10
        var pool = SSHPool(limits: limits)
        for number in UInt64(1)...12 {
            let login = SSHEndpoint(address: "192.0.2.1", port: 22, login: "user\(number)", identity: "")
            pool.submit(number...number, to: login)
        }
        #expect(pool.takeActions().count == 8)
        for number in UInt64(20)...25 {
            let other = SSHEndpoint(address: "192.0.2.\(number)", port: 22, login: "user", identity: "")
            pool.submit(number...number, to: other)
        }
        #expect(pool.takeActions().count == 2)
        pool.connected(1, at: 0)
        let started = pool.takeActions().filter { if case .connect = $0 { true } else { false } }
        #expect(started.count == 1)
    }

    @Test("an idle connection is kept alive and closed in the end")
    func idle() {
        var pool = SSHPool.connectedPool()
        pool.tick(at: 20 * second)
        #expect(pool.takeActions() == [])
        pool.tick(at: 31 * second)
        #expect(pool.takeActions() == [.keepAlive(1)])
        pool.tick(at: 40 * second)
        #expect(pool.takeActions() == [])
        pool.tick(at: 301 * second)
        #expect(pool.takeActions() == [.close(1)])
        #expect(pool.counters.sessions == 0)
    }

    @Test("a connection with a stuck channel takes no more commands and is closed when the others have ended")
    func retiring() {
        var pool = SSHPool.connectedPool()
        pool.submit(2...3)
        _ = pool.openAll(at: 0)
        pool.retire(1, at: second)
        pool.submit(4...4, at: second)
        #expect(pool.takeActions() == [.connect(2, place)])
        pool.finished(2, at: second)
        #expect(pool.takeActions() == [])
        pool.finished(3, at: second)
        #expect(pool.takeActions() == [.close(1)])
    }

    @Test("a server that always refuses fails the command in the end, saying what to do")
    func endlessRefusals() {
        var limits = SSHPool.Limits()
        limits.refusalsInARow = 3
        var pool = SSHPool(limits: limits)
        pool.submit(1...1)
        pool.connected(1, at: 0)
        var now: Int64 = 0
        for _ in 0..<4 {
            now += 20 * millisecond
            pool.tick(at: now)
            _ = pool.takeActions().contains(.open(1, 1))
            pool.refused(1, at: now)
        }
        guard case .fail(1, .unreachable(let sentence))? = pool.takeActions().last else {
            Issue.record("not failed")
            return
        }
        #expect(sentence.contains("MaxSessions"))
    }
}
