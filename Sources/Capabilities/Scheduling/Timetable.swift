package import Model

/// Decides which checks are due; owns no clock, no task and no socket.
///
/// Callers pass the time in and carry out the returned ``Action``, so that every rule of the schedule can be tested
/// without waiting. Times are durations since the timetable began, counted by a clock that never jumps; the wall clock
/// is asked once, at the beginning, so that phases stay the same over restarts. Resolution is one millisecond.
///
/// A check runs at `phase + n * interval` for ever. One that is still running when it is due again skips that run; one
/// that comes up far too late (the machine slept) skips it too, so that no storm follows. Every skip is counted by its
/// reason. Memory is about 110 bytes a check; each operation takes constant time.
package struct Timetable: Sendable {
    /// What the driver must do next.
    package enum Action: Equatable, Sendable {
        /// Hand these to the job queue, in this order; ask again at once.
        case dispatch([DueCheck])
        /// Nothing is due before this time.
        case sleep(until: Duration)
        /// No check is known.
        case idle
    }

    /// One run that is due.
    package struct DueCheck: Hashable, Sendable {
        package let check: CheckID
        package let due: Duration
        /// Whether a person asked for it now.
        package let isForced: Bool

        package init(check: CheckID, due: Duration, isForced: Bool = false) {
            self.check = check
            self.due = due
            self.isForced = isForced
        }
    }

    /// Why a run did not take place.
    package enum SkipReason: String, Sendable, CaseIterable {
        /// The run before had not ended.
        case stillRunning = "still_running"
        /// The job queue was full.
        case queueFull = "queue_full"
        /// The engine itself was too late: it was stopped, or the machine slept.
        case engineLate = "engine_late"
    }

    /// Where a check stands.
    package struct Entry: Sendable, Equatable {
        package var check: CheckID
        package var interval: Duration
        package var nextRun: Duration
        package var isRunning: Bool
        package var skipped: Int
        /// When its last run was due, and how late that started; nil before the first.
        package var lastRun: Duration?
        package var lateness: Duration?
    }

    /// Runs at most this late when the engine itself was late; after that the run is skipped.
    package static let engineGrace = Duration.seconds(10)

    private struct Slot {
        var check: CheckID
        /// Milliseconds since the timetable began.
        var due: Int64
        /// Milliseconds when the run under way was due; meaningless while none is.
        var runningDue: Int64 = -1
        /// Milliseconds when a running check is taken as ended though nobody said so; 0 when it is not running.
        var busyUntil: Int64
        /// Milliseconds.
        var interval: UInt32
        var timeout: UInt32
        var skipped: UInt32
        /// Microseconds by which the last run started late.
        var lateness: UInt32 = 0
        /// Milliseconds when the last run was due; negative before the first.
        var lastRun: Int64 = -1
    }

    /// Milliseconds on the wall clock when the timetable began; only phases depend on it.
    private let anchor: Int64
    private var slots: [Slot] = []
    private var freeSlots: [Int32] = []
    private var slotOfCheck: [CheckID: Int32] = [:]
    private var wheel: TimingWheel
    private var skips: [SkipReason: Int] = [:]

    /// An empty timetable that begins at `start` on the wall clock.
    package init(start: Timestamp) {
        anchor = start.microseconds / 1000
        wheel = TimingWheel()
    }

    /// How many checks there are.
    package var count: Int { slotOfCheck.count }

    /// Runs that did not take place, by reason, since the beginning.
    package func skipped(for reason: SkipReason) -> Int { skips[reason] ?? 0 }

    /// Adds a check, or changes its interval and timeout (seconds); no other check moves.
    ///
    /// A check whose interval stays the same keeps its next run.
    package mutating func set(_ check: CheckID, interval: Int, timeout: Int, at now: Duration) {
        let milliseconds = UInt32(clamping: max(1, interval) * 1000)
        let patience = UInt32(clamping: max(1, timeout) * 1000)
        if let slot = slotOfCheck[check] {
            slots[Int(slot)].timeout = patience
            guard slots[Int(slot)].interval != milliseconds else { return }
            wheel.remove(slot)
            slots[Int(slot)].interval = milliseconds
            slots[Int(slot)].due = firstRun(
                of: check, interval: Int64(milliseconds), from: now.wholeMilliseconds)
            wheel.insert(slot, at: slots[Int(slot)].due)
            return
        }
        let due = firstRun(of: check, interval: Int64(milliseconds), from: now.wholeMilliseconds)
        let new = Slot(
            check: check, due: due, busyUntil: 0, interval: milliseconds, timeout: patience, skipped: 0)
        let slot = place(new)
        slotOfCheck[check] = slot
        wheel.insert(slot, at: due)
    }

    /// Takes a check out; a run of it that is under way ends as it would have.
    package mutating func remove(_ check: CheckID) {
        guard let slot = slotOfCheck.removeValue(forKey: check) else { return }
        wheel.remove(slot)
        freeSlots.append(slot)
    }

    /// Prepares for `count` checks, so that loading them does not copy.
    package mutating func reserve(_ count: Int) {
        slots.reserveCapacity(count)
        slotOfCheck.reserveCapacity(count)
        wheel.reserve(count)
    }

    /// Says that the run due then has ended, so that the next one may begin; a run that was asked for frees nothing.
    package mutating func finished(_ check: CheckID, due: Duration, lateness: Duration = .zero) {
        guard let slot = slotOfCheck[check], slots[Int(slot)].runningDue == due.wholeMilliseconds else {
            return
        }
        slots[Int(slot)].busyUntil = 0
        slots[Int(slot)].lastRun = due.wholeMilliseconds
        slots[Int(slot)].lateness = UInt32(clamping: lateness.microseconds)
    }

    /// Says that the job queue was full for these: they are skipped and counted.
    package mutating func refused(_ checks: [DueCheck]) {
        for refused in checks {
            guard let slot = slotOfCheck[refused.check] else { continue }
            guard !refused.isForced else { continue }
            slots[Int(slot)].busyUntil = 0
            skip(slot, .queueFull, times: 1)
        }
    }

    /// The run of a check that a person asks for now: beside its schedule, which does not move; nil when unknown.
    package func forced(_ check: CheckID, at now: Duration) -> DueCheck? {
        guard slotOfCheck[check] != nil else { return nil }
        return DueCheck(check: check, due: now, isForced: true)
    }

    /// Where a check stands; nil when it is not in the timetable.
    package func entry(of check: CheckID) -> Entry? {
        slotOfCheck[check].map { entry(in: slots[Int($0)]) }
    }

    /// All entries, in no order.
    package func entries() -> [Entry] {
        slotOfCheck.values.map { entry(in: slots[Int($0)]) }
    }

    /// A part of the entries, earliest next run first; cheap for the first ones however many there are.
    package func entries(skipping: Int, atMost limit: Int) -> [Entry] {
        guard skipping < count else { return [] }
        let first = wheel.first(skipping + min(limit, count))
        return first.dropFirst(skipping).map { entry(in: slots[Int($0)]) }
    }

    /// Returns the next thing to do at `now` and records it as done.
    package mutating func nextAction(at now: Duration) -> Action {
        let time = now.wholeMilliseconds
        let due = wheel.take(upTo: time)
        guard due.isEmpty else {
            return .dispatch(due.compactMap { run($0, at: time) })
        }
        guard let next = wheel.next(after: time) else { return .idle }
        return .sleep(until: .milliseconds(next))
    }

    /// The run of a slot that has come up, or nil when it is skipped; its next run is set either way.
    private mutating func run(_ slot: Int32, at now: Int64) -> DueCheck? {
        let index = Int(slot)
        let interval = Int64(slots[index].interval)
        let first = slots[index].due
        let missed = (now - first) / interval
        let due = first + missed * interval
        slots[index].due = due + interval
        wheel.insert(slot, at: due + interval)
        if missed > 0 {
            skip(slot, slots[index].busyUntil > first ? .stillRunning : .engineLate, times: missed)
        }
        guard slots[index].busyUntil <= now else {
            skip(slot, .stillRunning, times: 1)
            return nil
        }
        guard now - due <= min(Self.engineGrace.wholeMilliseconds, interval / 2 + 1) else {
            skip(slot, .engineLate, times: 1)
            return nil
        }
        slots[index].busyUntil = Self.deadline(due: due, interval: interval) + 2 * Int64(slots[index].timeout)
        slots[index].runningDue = due
        return DueCheck(check: slots[index].check, due: .milliseconds(due))
    }

    /// After this a run that has not started is too late: one interval, or ten seconds for shorter ones.
    package static func deadline(due: Duration, interval: Int) -> Duration {
        due + CheckJob.patience(interval: interval)
    }

    private static func deadline(due: Int64, interval: Int64) -> Int64 { due + max(interval, 10_000) }

    private mutating func skip(_ slot: Int32, _ reason: SkipReason, times: Int64) {
        slots[Int(slot)].skipped = UInt32(clamping: Int64(slots[Int(slot)].skipped) + times)
        skips[reason, default: 0] += Int(times)
    }

    private mutating func place(_ new: Slot) -> Int32 {
        guard let slot = freeSlots.popLast() else {
            slots.append(new)
            return Int32(slots.count - 1)
        }
        slots[Int(slot)] = new
        return slot
    }

    /// The first time from `now` on that is `phase + n * interval` on the wall clock.
    private func firstRun(of check: CheckID, interval: Int64, from now: Int64) -> Int64 {
        let phase = Phase.milliseconds(of: check, interval: interval)
        let wall = anchor + now
        let into = (wall - phase) % interval
        return into == 0 ? now : now + interval - (into < 0 ? into + interval : into)
    }

    private func entry(in slot: Slot) -> Entry {
        Entry(
            check: slot.check, interval: .milliseconds(Int64(slot.interval)),
            nextRun: .milliseconds(slot.due),
            isRunning: slot.busyUntil > 0, skipped: Int(slot.skipped),
            lastRun: slot.lastRun < 0 ? nil : .milliseconds(slot.lastRun),
            lateness: slot.lastRun < 0 ? nil : .microseconds(Int64(slot.lateness)))
    }
}

extension Duration {
    /// Whole milliseconds, rounded down for the positive durations of a timetable.
    package var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }

}
