import Model

/// The state of one round of a subnet: what has been asked, who answered, whose name is still missing; pure.
struct DiscoveryRound {
    /// Addresses after which a part is told, and nanoseconds after which one is.
    private static let largestPart = 256
    private static let longestSilence: Int64 = 1_000_000_000

    let id: Int64
    private let assignment: Assignment
    private let total: Int
    private var scanned = 0
    private var scannedInPart = 0
    private var responders: [DiscoveryResult.Responder] = []
    private var namesMissing = 0
    private var isSwept = false
    private var failure: String?
    private var toldAt: Int64

    init(id: Int64, total: Int, at now: Int64, assignment: Assignment = Assignment()) {
        self.id = id
        self.assignment = assignment
        self.total = total
        toldAt = now
    }

    /// Notes that an address was asked; one that answers is told once its name is known or cannot be had.
    mutating func asked(answers: Bool) {
        scanned += 1
        scannedInPart += 1
        if answers { namesMissing += 1 }
    }

    mutating func named(_ address: String, _ name: String?) {
        namesMissing -= 1
        responders.append(DiscoveryResult.Responder(address: address, name: name))
    }

    mutating func failed(_ sentence: String) { failure = failure ?? sentence }

    mutating func swept() { isSwept = true }

    var isFinished: Bool { isSwept && namesMissing == 0 }

    /// The next part to tell at `now`, if it is time for one; the last one has `isFinished`.
    mutating func nextPart(at now: Int64) -> DiscoveryResult? {
        let isDue =
            scannedInPart >= Self.largestPart || responders.count >= Self.largestPart
            || now - toldAt >= Self.longestSilence
        guard isFinished || isDue else { return nil }
        defer {
            responders = []
            scannedInPart = 0
            toldAt = now
        }
        return part(isLast: isFinished)
    }

    /// The part that ends a round before all was asked.
    func lastPart() -> DiscoveryResult { part(isLast: true) }

    private func part(isLast: Bool) -> DiscoveryResult {
        DiscoveryResult(
            id: id, scanned: scanned, total: total, responders: responders, isFinished: isLast,
            failure: isLast ? failure : nil, assignment: assignment)
    }
}
