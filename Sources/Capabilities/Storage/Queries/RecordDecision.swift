import Model

/// What becomes of one result, decided from the status that is there.
enum RecordDecision: Equatable {
    /// The check no longer exists.
    case orphaned
    /// The status has the same due time.
    case duplicate
    /// The status is newer.
    case outdated
    /// The result becomes the status; `since` is when its state began.
    case current(since: Timestamp)

    /// The status that is there: state, due time and since when.
    struct Known {
        var state: CheckState
        var due: Timestamp?
        var since: Timestamp?
    }

    /// A status whose due time lies in the future of `now` was written under a wrong clock and gives way.
    init(_ result: CheckResult, known: Known?, now: Timestamp) {
        guard let known else {
            self = .orphaned
            return
        }
        let isBelievable = known.due.map { $0 <= now + .seconds(60) } ?? false
        if let due = known.due, due == result.due {
            self = .duplicate
        } else if let due = known.due, isBelievable, due > result.due {
            self = .outdated
        } else {
            let isSame = known.state == result.state
            self = .current(since: isSame ? known.since ?? result.ended : result.ended)
        }
    }
}
