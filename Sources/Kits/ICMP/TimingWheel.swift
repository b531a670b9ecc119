/// Deadlines of small numbers, set and removed in constant time: one list a tick, around a ring.
///
/// A tick is a quarter of a millisecond; a deadline is told at the first tick that is not before it. Numbers are
/// places in a table of the caller.
struct TimingWheel {
    private static let tickShift: Int64 = 18
    private static let buckets = 16384
    private static let none: Int32 = -1

    private struct Link {
        var next = none
        var previous = none
        /// The tick it is due at; -1 when it is not set.
        var tick: Int64 = -1
    }

    private var heads = [Int32](repeating: none, count: buckets)
    private var occupied = [UInt64](repeating: 0, count: buckets / 64)
    private var links: [Link] = []
    /// Everything due at or before this tick has been told.
    private var told: Int64
    private(set) var count = 0

    init(now: Int64) { told = now >> Self.tickShift }

    /// Sets or moves the deadline of `number`.
    mutating func set(_ number: Int32, at deadline: Int64) {
        remove(number)
        while links.count <= Int(number) { links.append(Link()) }
        let tick = max((deadline + (1 << Self.tickShift) - 1) >> Self.tickShift, told + 1)
        let bucket = Self.bucket(of: tick)
        links[Int(number)] = Link(next: heads[bucket], previous: Self.none, tick: tick)
        if heads[bucket] != Self.none { links[Int(heads[bucket])].previous = number }
        heads[bucket] = number
        occupied[bucket >> 6] |= 1 << UInt64(bucket & 63)
        count += 1
    }

    mutating func remove(_ number: Int32) {
        guard Int(number) < links.count, links[Int(number)].tick >= 0 else { return }
        let link = links[Int(number)]
        let bucket = Self.bucket(of: link.tick)
        if link.previous == Self.none {
            heads[bucket] = link.next
            if link.next == Self.none { occupied[bucket >> 6] &= ~(1 << UInt64(bucket & 63)) }
        } else {
            links[Int(link.previous)].next = link.next
        }
        if link.next != Self.none { links[Int(link.next)].previous = link.previous }
        links[Int(number)].tick = -1
        count -= 1
    }

    /// Takes out every number whose deadline has come, into `due`.
    mutating func takeDue(at now: Int64, into due: inout [Int32]) {
        let last = now >> Self.tickShift
        guard last > told else { return }
        var tick = max(told + 1, last - Int64(Self.buckets) + 1)
        told = last
        while count > 0, let next = nextOccupied(from: tick), next <= last {
            var number = heads[Self.bucket(of: next)]
            while number != Self.none {
                let link = links[Int(number)]
                if link.tick <= last {
                    due.append(number)
                    remove(number)
                }
                number = link.next
            }
            tick = next + 1
        }
    }

    /// When to look again, nil when nothing is set; may be too early by a round of the ring, never too late.
    var nextDeadline: Int64? {
        guard count > 0, let tick = nextOccupied(from: told + 1) else { return nil }
        return tick << Self.tickShift
    }

    /// The first tick from `start` on, within one round, whose bucket holds anything.
    private func nextOccupied(from start: Int64) -> Int64? {
        var offset: Int64 = 0
        while offset < Int64(Self.buckets) {
            let bucket = Self.bucket(of: start + offset)
            let rest = occupied[bucket >> 6] >> UInt64(bucket & 63)
            if rest != 0 { return start + offset + Int64(rest.trailingZeroBitCount) }
            offset += Int64(64 - bucket & 63)
        }
        return nil
    }

    private static func bucket(of tick: Int64) -> Int { Int(tick & Int64(buckets - 1)) }
}
