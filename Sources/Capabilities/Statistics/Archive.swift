import RRD

/// One archive that mends itself: made when it is missing, set aside and begun anew when it is damaged.
struct Archive {
    /// What happened to the file on the way.
    enum Event: Equatable {
        /// The old file was moved to this path, and why.
        case setAside(path: String, reason: String)
        /// The file holds a sample that is ahead of our clock and takes none before that time.
        case ahead(until: Int64)
    }

    /// What became of a batch.
    struct Outcome {
        var written = 0
        var duplicates = 0
        var future = 0
        var events: [Event] = []
    }

    let name: String
    let folder: ArchiveFolder
    let file: RRDFile
    /// Nil until the file was opened, and again after a failure.
    private var gate: SampleGate?

    init(name: String, folder: ArchiveFolder, layout: Layout) {
        self.name = name
        self.folder = folder
        file = RRDFile(path: folder.file(named: name), layout: layout)
    }

    /// Adds the samples that the file can take; `now` is the wall clock in seconds.
    ///
    /// A file that went missing or broke since the last time is begun anew, and the samples go to the new
    /// one.
    mutating func record(_ samples: [Sample], now: Int64) throws(RRDError) -> Outcome {
        var outcome = Outcome()
        do {
            try write(samples, now: now, into: &outcome)
        } catch {
            gate = nil
            guard error.kind != .invalid, isBroken() else { throw error }
            outcome = Outcome(events: outcome.events)
            try write(samples, now: now, into: &outcome)
        }
        return outcome
    }

    private mutating func write(_ samples: [Sample], now: Int64, into outcome: inout Outcome) throws(RRDError)
    {
        let tolerance = Int64(file.layout.step)
        var gate: SampleGate
        if let open = self.gate {
            gate = open
        } else if let first = samples.map(\.time).filter({ $0 <= now + tolerance }).min() {
            gate = SampleGate(last: try open(first: first, now: now, &outcome.events), tolerance: tolerance)
            if gate.last > now + tolerance { outcome.events.append(.ahead(until: gate.last)) }
        } else {
            outcome.future = samples.count
            return
        }
        let decision = gate.admit(samples, now: now)
        outcome.duplicates = decision.duplicates
        outcome.future = decision.future
        try file.update(decision.admitted)
        outcome.written = decision.admitted.count
        if let last = decision.admitted.last { gate.advance(to: last.time) }
        self.gate = gate
    }

    /// Whether the file is gone or no longer an archive of ours, so that a second try can help.
    private func isBroken() -> Bool {
        do {
            _ = try file.inspect()
            return false
        } catch {
            return error.kind != .system
        }
    }

    /// Returns the time of the newest sample in a file that is sound afterwards.
    private func open(first: Int64, now: Int64, _ events: inout [Event]) throws(RRDError) -> Int64 {
        do {
            return try file.inspect()
        } catch {
            switch error.kind {
            case .missing: try folder.make()
            case .damaged, .otherStep:
                let word = error.kind == .damaged ? "damaged" : "replaced"
                let path = try folder.setAside(name, as: word, at: now)
                events.append(.setAside(path: path, reason: error.reason))
            case .system, .invalid: throw error
            }
        }
        let start = first - Int64(file.layout.step)
        try file.create(startingAt: start)
        return start
    }
}
