/// Slots by the millisecond when they come up: a ring of lists, one a millisecond, with a bitmap of those in use.
///
/// A slot further away than the ring is long waits in its list for further rounds. Insertion and removal take constant
/// time; nothing is ever sorted.
struct TimingWheel: Sendable {
    private static let size: Int64 = 1 << 17
    private static let none: Int32 = -1
    /// A slot that is in no list.
    private static let away: Int32 = -2

    /// Where a slot is; all of it in one line of the processor's cache, which is what a visit costs.
    private struct Place {
        var time: Int64 = 0
        var next = away
        var previous = away
    }

    /// First slot of each millisecond's list.
    private var heads = [Int32](repeating: none, count: Int(size))
    /// No slot of a list that is in use comes up before this; what a visit of a list in a later round costs.
    private var earliest = [Int64](repeating: 0, count: Int(size))
    /// One bit a list: whether it holds anything.
    private var used = [UInt64](repeating: 0, count: Int(size / 64))
    private var places: [Place] = []
    private var count = 0
    /// All times up to here have been taken.
    private var taken: Int64 = -1

    mutating func reserve(_ count: Int) {
        places.reserveCapacity(count)
    }

    /// Puts a slot into the list of a time; times already taken come up at once. The slot must not be in a list.
    mutating func insert(_ slot: Int32, at wanted: Int64) {
        let index = Int(slot)
        while places.count <= index { places.append(Place()) }
        let due = max(wanted, taken + 1)
        let list = Int(due % Self.size)
        let head = heads[list]
        places[index] = Place(time: due, next: head, previous: Self.none)
        if head >= 0 { places[Int(head)].previous = slot }
        earliest[list] = head >= 0 ? min(earliest[list], due) : due
        heads[list] = slot
        used[list / 64] |= 1 << UInt64(list % 64)
        count += 1
    }

    /// Takes a slot out of its list; nothing happens when it is in none.
    mutating func remove(_ slot: Int32) {
        let index = Int(slot)
        guard index < places.count, places[index].next != Self.away else { return }
        let list = Int(places[index].time % Self.size)
        let (before, after) = (places[index].previous, places[index].next)
        if before >= 0 { places[Int(before)].next = after } else { heads[list] = after }
        if after >= 0 { places[Int(after)].previous = before }
        if heads[list] < 0 { used[list / 64] &= ~(1 << UInt64(list % 64)) }
        places[index].next = Self.away
        places[index].previous = Self.away
        count -= 1
    }

    /// Takes out every slot whose time has come, earliest first.
    mutating func take(upTo now: Int64) -> [Int32] {
        guard now > taken else { return [] }
        defer { taken = now }
        guard count > 0 else { return [] }
        let from = max(taken + 1, now - Self.size + 1)
        var due: [Int32] = []
        var late: [Int32] = []
        forEachUsedList(from: from, through: now) { wheel, list, listTime in
            guard wheel.earliest[list] <= now else { return }
            var slot = wheel.heads[list]
            var earliest = Int64.max
            while slot >= 0 {
                let (time, following) = (wheel.places[Int(slot)].time, wheel.places[Int(slot)].next)
                if time <= now {
                    if time < listTime { late.append(slot) } else { due.append(slot) }
                    wheel.remove(slot)
                } else {
                    earliest = min(earliest, time)
                }
                slot = following
            }
            wheel.earliest[list] = earliest
        }
        guard !late.isEmpty else { return due }
        return (late + due).sorted { places[Int($0)].time < places[Int($1)].time }
    }

    /// The earliest time of any slot; an earlier one when that is more than a round away, or when what was to come up
    /// then was removed; nil when there is none.
    func next(after now: Int64) -> Int64? {
        guard count > 0 else { return nil }
        var offset: Int64 = 1
        while offset <= Self.size {
            let list = Int((now + offset) % Self.size)
            let word = used[list / 64] >> UInt64(list % 64)
            if word == 0 {
                offset += Int64(64 - list % 64)
                continue
            }
            offset += Int64(word.trailingZeroBitCount)
            guard offset <= Self.size else { break }
            if earliest[Int((now + offset) % Self.size)] <= now + offset { return now + offset }
            offset += 1
        }
        return now + Self.size
    }

    /// The first `limit` slots in the order of their times.
    func first(_ limit: Int) -> [Int32] {
        var found: [Int32] = []
        var listTime = taken + 1
        let end = taken + Self.size
        while listTime <= end, found.count < min(limit, count) {
            let list = Int(listTime % Self.size)
            let word = used[list / 64] >> UInt64(list % 64)
            guard word != 0 else {
                listTime += Int64(64 - list % 64)
                continue
            }
            listTime += Int64(word.trailingZeroBitCount)
            guard listTime <= end else { break }
            found += slots(ofListAt: listTime).filter { places[Int($0)].time == listTime }
            listTime += 1
        }
        guard found.count < min(limit, count) else { return Array(found.prefix(limit)) }
        let later = places.indices.lazy.filter { places[$0].next != Self.away && places[$0].time > end }
        found += later.sorted { places[$0].time < places[$1].time }.prefix(limit - found.count).map {
            Int32($0)
        }
        return found
    }

    private func slots(ofListAt listTime: Int64) -> [Int32] {
        var slots: [Int32] = []
        var slot = heads[Int(listTime % Self.size)]
        while slot >= 0 {
            slots.append(slot)
            slot = places[Int(slot)].next
        }
        return slots
    }

    /// Calls `body` with each list in use between two times at most a round apart, in order, and its time.
    private mutating func forEachUsedList(
        from first: Int64, through last: Int64, _ body: (inout TimingWheel, Int, Int64) -> Void
    ) {
        var listTime = first
        while listTime <= last {
            let list = Int(listTime % Self.size)
            let word = used[list / 64] >> UInt64(list % 64)
            guard word != 0 else {
                listTime += Int64(64 - list % 64)
                continue
            }
            listTime += Int64(word.trailingZeroBitCount)
            guard listTime <= last else { return }
            body(&self, Int(listTime % Self.size), listTime)
            listTime += 1
        }
    }
}
