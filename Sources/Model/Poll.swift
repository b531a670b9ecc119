/// The results of one run by several zones, of which some number must agree that something is wrong; pure.
package struct Poll: Sendable {
    /// Worst first.
    private static let badStates: [CheckState] = [.critical, .unknown, .warning]
    /// Characters of each zone's text that the verdict tells.
    private static let toldCharacters = 200

    private let zones: [String]
    private let quorum: Int
    /// By zone; the main one has the empty name.
    private let votes: [String: CheckResult]

    /// `zones` are those that were asked, in the order in which they are told of.
    package init(zones: [String], quorum: Int, votes: [String: CheckResult]) {
        self.zones = zones
        self.quorum = quorum
        self.votes = votes
    }

    /// The worst state that at least `quorum` zones find or find worse than that; nil while votes that are still out could
    /// change it. No vote comes any more when it `isClosed`.
    package func verdict(isClosed: Bool) -> CheckResult? {
        let pending = isClosed ? 0 : max(0, zones.count - votes.count)
        let counting = inOrder.filter(\.cause.isOfTarget)
        for state in Self.badStates {
            let agreeing = counting.filter { $0.state.badness >= state.badness }.count
            if agreeing >= quorum, let first = counting.first(where: { $0.state == state }) {
                return told(first)
            }
            if agreeing + pending >= quorum { return nil }
        }
        if let first = counting.first(where: { $0.state == .ok }) { return told(first) }
        guard pending == 0 else { return nil }
        guard let first = counting.first else { return inOrder.first.map(told) }
        return told(unknown(first))
    }

    private var inOrder: [CheckResult] { zones.compactMap { votes[$0] } + strangers }

    /// Of zones that are asked no more.
    private var strangers: [CheckResult] {
        votes.filter { !zones.contains($0.key) }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Something is wrong as far as is known, and nobody says otherwise.
    private func unknown(_ vote: CheckResult) -> CheckResult {
        var result = vote
        result.state = .unknown
        result.cause = .noQuorum
        result.exitCode = nil
        result.output.text = "too few zones answered: \(votes.count) of \(zones.count), \(quorum) must agree"
        return result
    }

    /// A vote as the result of all, with what each zone said.
    private func told(_ vote: CheckResult) -> CheckResult {
        var result = vote
        result.assignment = Assignment()
        var lines = ["\(quorum) of \(zones.count) zones must agree:"]
        for zone in zones {
            let name = zone.isEmpty ? "main" : zone
            guard let vote = votes[zone] else {
                lines.append("\(name): no answer")
                continue
            }
            let said = vote.cause.isOfTarget ? vote.state.name : vote.cause.rawValue
            lines.append("\(name) (\(vote.worker)) \(said): \(vote.output.text.prefix(Self.toldCharacters))")
        }
        let own = result.output.longText.isEmpty ? [] : [result.output.longText]
        result.output.longText = (own + lines).joined(separator: "\n")
        return result
    }
}

extension CheckState {
    /// How bad it is: critical, unknown, warning, then what is fine.
    fileprivate var badness: Int {
        switch self {
        case .critical: 3
        case .unknown: 2
        case .warning: 1
        case .ok, .pending: 0
        }
    }
}
