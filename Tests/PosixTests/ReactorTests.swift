import Glibc
import Posix
import Synchronization
import Testing

/// A reactor on its own loop, with what its handlers told.
final class ReactorRig: Sendable {
    let loop: EventLoop
    private let told = Mutex<[String]>([])

    init() throws {
        loop = try EventLoop(name: "test")
        loop.start()
    }

    deinit { loop.stop() }

    var events: [String] { told.withLock { $0 } }
    func tell(_ event: String) { told.withLock { $0.append(event) } }

    /// Runs `body` on the loop and returns what it returned.
    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (Reactor) -> Value) throws -> Value {
        let latch = Latch<Value>()
        loop.post { [loop] in latch.open(body(loop.reactor)) }
        return try #require(latch.wait(atMost: .seconds(20)))
    }

    /// Waits until the handlers told something that holds, at most 20 seconds.
    func wait(_ condition: ([String]) -> Bool) -> Bool {
        let end = Clock.monotonicNanoseconds() + 10_000_000_000
        while !condition(events), Clock.monotonicNanoseconds() < end { usleep(1000) }
        return condition(events)
    }
}

/// Both ends of a pipe as plain numbers, closed with the owner.
private final class Ends: Sendable {
    let read: Int32
    let write: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (read, write) = (ends[0], ends[1])
    }

    deinit {
        close(read)
        close(write)
    }

    func fill() { _ = Glibc.write(write, "x", 1) }
    func drain() {
        var byte: UInt8 = 0
        _ = Glibc.read(read, &byte, 1)
    }
}

@Suite("Reactor")
struct ReactorTests {
    @Test("timers fire in the order of their times, and those of one time in the order of their making")
    func order() throws {
        let rig = try ReactorRig()
        let made: [(String, Int64)] = [
            ("d", 3), ("b", 2), ("a", 1), ("c1", 2), ("c2", 2), ("c3", 2), ("c4", 2), ("e", 4),
        ]
        _ = try rig.onLoop { reactor in
            let now = Clock.monotonicNanoseconds()
            for (name, place) in made {
                reactor.schedule(at: now + place * 1_000_000) { rig.tell(name) }
            }
        }
        #expect(rig.wait { $0.count == made.count })
        #expect(rig.events == ["a", "b", "c1", "c2", "c3", "c4", "d", "e"])
    }

    @Test("a cancelled timer does not fire, not even when another of the same moment cancels it")
    func cancelled() throws {
        let rig = try ReactorRig()
        _ = try rig.onLoop { reactor in
            let now = Clock.monotonicNanoseconds()
            let first = reactor.schedule(at: now + 1_000_000) { rig.tell("cancelled before") }
            reactor.cancel(first)
            reactor.cancel(first)
            let last = Shared<Reactor.Timer>()
            reactor.schedule(at: now + 2_000_000) { last.value.map(reactor.cancel) }
            last.value = reactor.schedule(at: now + 2_000_000) { rig.tell("cancelled by its neighbour") }
            reactor.schedule(at: now + 3_000_000) { rig.tell("end") }
        }
        #expect(rig.wait { $0.contains("end") })
        #expect(rig.events == ["end"])
    }

    @Test("cancelling many timers leaves the others as they are")
    func manyCancelled() throws {
        let rig = try ReactorRig()
        _ = try rig.onLoop { reactor in
            let now = Clock.monotonicNanoseconds()
            let timers = (0..<2000).map { number in
                reactor.schedule(at: now + Int64(number * 7919 % 2000) * 1000) { rig.tell("\(number % 100)") }
            }
            for (number, timer) in timers.enumerated() where number % 100 != 0 { reactor.cancel(timer) }
            reactor.schedule(at: now + 30_000_000) { rig.tell("end") }
        }
        #expect(rig.wait { $0.contains("end") })
        #expect(rig.events == Array(repeating: "0", count: 20) + ["end"])
    }

    @Test("a timer waits for every descriptor that was ready before it, however many there are")
    func descriptorsBeforeTimers() throws {
        let rig = try ReactorRig()
        let ends = try Ends()
        ends.fill()
        let copies = try (0..<300).map { _ in
            let copy = dup(ends.read)
            try #require(copy >= 0)
            return copy
        }
        defer { for copy in copies { close(copy) } }
        _ = try rig.onLoop { reactor in
            for copy in copies {
                try? reactor.watch(copy, for: .read) { _ in
                    reactor.unwatch(copy)
                    rig.tell("ready")
                }
            }
            reactor.schedule(at: 0) { rig.tell("deadline") }
        }
        #expect(rig.wait { $0.count == 301 })
        #expect(rig.events.last == "deadline")
        withExtendedLifetime(ends) {}
    }

    @Test("a timer set by a timer for a moment that is over does not keep descriptors waiting")
    func noStarvation() throws {
        let rig = try ReactorRig()
        let ends = try Ends()
        _ = try rig.onLoop { reactor in
            let again = Shared<() -> Void>()
            let isOver = Shared<Bool>()
            again.value = { if isOver.value != true { reactor.schedule(at: 0) { again.value?() } } }
            again.value?()
            try? reactor.watch(ends.read, for: .read) { _ in
                isOver.value = true
                reactor.unwatch(ends.read)
                rig.tell("ready")
            }
        }
        ends.fill()
        #expect(rig.wait { $0 == ["ready"] })
        withExtendedLifetime(ends) {}
    }

    @Test("unwatching drops the events that are already on their way")
    func unwatched() throws {
        let rig = try ReactorRig()
        let pair = [try Ends(), try Ends()]
        for ends in pair { ends.fill() }
        _ = try rig.onLoop { reactor in
            for (index, ends) in pair.enumerated() {
                try? reactor.watch(ends.read, for: .read) { _ in
                    rig.tell("\(index)")
                    for other in pair { reactor.unwatch(other.read) }
                }
            }
            reactor.schedule(after: .milliseconds(5)) { rig.tell("end") }
        }
        #expect(rig.wait { $0.contains("end") })
        #expect(rig.events.count == 2, "\(rig.events)")
        withExtendedLifetime(pair) {}
    }

    @Test("an event of a closed descriptor does not reach the one that has its number now")
    func reusedNumber() throws {
        let rig = try ReactorRig()
        let first = try Ends()
        let second = try Ends()
        let copy = dup(second.read)
        for ends in [first, second] { ends.fill() }
        _ = try rig.onLoop { reactor in
            let replace = { (name: String, old: Ends) in
                reactor.unwatch(second.read)
                reactor.unwatch(first.read)
                // The number is watched anew, for a pipe in which there is nothing.
                old.drain()
                try? reactor.watch(old.read, for: .read) { _ in rig.tell("stale event after \(name)") }
                rig.tell(name)
            }
            try? reactor.watch(first.read, for: .read) { _ in replace("first", second) }
            try? reactor.watch(second.read, for: .read) { _ in replace("second", first) }
            reactor.schedule(after: .milliseconds(5)) { rig.tell("end") }
        }
        #expect(rig.wait { $0.contains("end") })
        #expect(rig.events.count == 2 && rig.events.last == "end", "\(rig.events)")
        close(copy)
        withExtendedLifetime((first, second)) {}
    }

    @Test("watching a watched descriptor fails and leaves the first watch as it is")
    func watchedTwice() throws {
        let rig = try ReactorRig()
        let ends = try Ends()
        let isRefused = try rig.onLoop { reactor in
            do throws(PosixError) {
                try reactor.watch(ends.read, for: .read) { _ in
                    ends.drain()
                    rig.tell("first")
                }
                try reactor.watch(ends.read, for: .read) { _ in rig.tell("second") }
                return false
            } catch {
                return error.code == EEXIST
            }
        }
        #expect(isRefused)
        ends.fill()
        #expect(rig.wait { $0 == ["first"] })
        _ = try rig.onLoop { $0.unwatch(ends.read) }
    }

    @Test("what a descriptor is watched for can be changed, and a hang-up is told unasked")
    func interests() throws {
        let rig = try ReactorRig()
        var sockets: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &sockets) == 0)
        let (ours, theirs) = (sockets[0], sockets[1])
        _ = try rig.onLoop { reactor in
            try? reactor.watch(ours, for: .write) { event in
                rig.tell(event.contains(.write) ? "write" : "?")
                try? reactor.change(ours, to: [])
            }
        }
        #expect(rig.wait { $0 == ["write"] })
        _ = try rig.onLoop { reactor in
            reactor.unwatch(ours)
            try? reactor.watch(ours, for: []) { event in
                rig.tell(event.isDisjoint(with: .hangUp) ? "?" : "hang-up")
                reactor.unwatch(ours)
            }
        }
        close(theirs)
        #expect(rig.wait { $0 == ["write", "hang-up"] })
        close(ours)
    }
}

/// A variable that several handlers of one loop share.
// `@unchecked`: used on that loop only.
final class Shared<Value>: @unchecked Sendable {
    var value: Value?
}
