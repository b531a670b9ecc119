import Model

/// Looks at what distant workers bring before it is believed.
struct Reception: Sendable {
    /// Of how much a time may be off without being told of: clocks that a time service keeps together.
    static let tolerance = Duration.seconds(1)

    let office: TicketOffice
    private(set) var tally = Tally()

    struct Tally: Sendable {
        /// Outcomes of runs that nobody gave out.
        var foreign = 0
        /// Who brought the last of them, as it called itself, and when.
        var lastForeign: (worker: String, at: Timestamp)?
        /// Results with times that cannot be.
        var clamped = 0
    }

    init(office: TicketOffice) { self.office = office }

    /// The outcome with times that can be; nil when nobody asked for it.
    mutating func admit(_ outcome: Outcome, at now: Timestamp) -> Outcome? {
        switch outcome {
        case .check(let result):
            guard office.isGenuine(result) else { return refuse(from: result.worker, at: now) }
            let sound = result.clamped(receivedAt: now)
            let change = max(sound.ended - result.ended, result.ended - sound.ended)
            if change > Self.tolerance { tally.clamped += 1 }
            return .check(sound)
        case .discovery(let part):
            return office.isGenuine(part) ? outcome : refuse(from: "sweep \(part.id)", at: now)
        case .report(var report):
            report.sentAt = min(report.sentAt, now)
            return .report(report)
        }
    }

    private mutating func refuse(from worker: String, at now: Timestamp) -> Outcome? {
        tally.foreign += 1
        tally.lastForeign = (String(worker.prefix(64)), now)
        return nil
    }
}

extension CheckResult {
    /// The result with times that can be: not started before it was due, not ended after it came. It took as long as before
    /// where there is room for that.
    func clamped(receivedAt now: Timestamp) -> CheckResult {
        guard started < due || ended > now || ended < started else { return self }
        let end = max(due, now)
        let took = min(max(.zero, ended - started), end - due)
        var result = self
        result.started = max(due, min(started, end + (.zero - took)))
        result.ended = min(result.started + took, end)
        return result
    }
}
