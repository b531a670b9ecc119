/// That a run is over: what the timetable needs to know of a result.
package struct RunEnd: Sendable, Equatable {
    package let check: CheckID
    package let due: Timestamp
    package let started: Timestamp

    package init(check: CheckID, due: Timestamp, started: Timestamp) {
        self.check = check
        self.due = due
        self.started = started
    }
}

extension CheckResult {
    package var end: RunEnd { RunEnd(check: check, due: due, started: started) }
}
