import Model
import Testing

@Suite("What several zones agree on")
struct PollTests {
    private static let zones = ["", "berlin", "paris"]

    /// One letter a zone: c, u, w and o are states, i an isolated observer, x an engine in trouble, - no answer.
    private func verdict(_ votes: String, of quorum: Int, isClosed: Bool = false) -> CheckResult? {
        var byZone: [String: CheckResult] = [:]
        for (zone, letter) in zip(Self.zones, votes) where letter != "-" {
            let states: [Character: CheckState] = ["c": .critical, "u": .unknown, "w": .warning, "o": .ok]
            let causes: [Character: Cause] = ["i": .observerIsolated, "x": .internal]
            let time = Timestamp(seconds: 1_700_000_000)
            byZone[zone] = CheckResult(
                check: CheckID(host: HostID(1), plugin: PluginID(2)), due: time, started: time, ended: time,
                state: states[letter] ?? .unknown, cause: causes[letter] ?? .exited, exitCode: 2,
                output: PluginOutput(text: "seen from \(zone)"), worker: "w-\(zone)",
                assignment: Assignment(observer: zone))
        }
        return Poll(zones: Self.zones, quorum: quorum, votes: byZone).verdict(isClosed: isClosed)
    }

    @Test(
        "nothing is wrong until so many zones find it wrong",
        arguments: [
            ("ccc", 2, CheckState.critical), ("cco", 2, .critical), ("coc", 2, .critical), ("coo", 2, .ok),
            ("ooo", 2, .ok), ("coo", 1, .critical), ("cco", 3, .ok), ("ccc", 3, .critical),
            ("cwo", 2, .warning), ("cuo", 2, .unknown), ("cww", 2, .warning), ("cuw", 3, .warning),
            ("wwo", 2, .warning),
        ])
    func agreement(votes: String, quorum: Int, state: CheckState) {
        #expect(verdict(votes, of: quorum)?.state == state)
    }

    @Test(
        "a verdict waits only for votes that could change it",
        arguments: [
            ("cc-", 2, CheckState.critical), ("oo-", 2, .ok), ("c--", 1, .critical), ("co-", 2, nil),
            ("o--", 2, nil), ("c--", 2, nil), ("ww-", 2, .warning), ("cw-", 2, nil), ("o--", 3, .ok),
            ("---", 2, nil),
            ("io-", 2, .ok), ("ii-", 2, nil),
        ] as [(String, Int, CheckState?)])
    func early(votes: String, quorum: Int, state: CheckState?) {
        #expect(verdict(votes, of: quorum)?.state == state)
    }

    @Test(
        "when no vote can come any more it is what there is; nobody's word alone makes an alarm",
        arguments: [
            ("co-", 2, CheckState.ok, Cause.exited), ("ww-", 2, .warning, .exited),
            ("c--", 2, .unknown, .noQuorum),
            ("o--", 2, .ok, .exited), ("cio", 2, .ok, .exited), ("ci-", 2, .unknown, .noQuorum),
            ("cx-", 2, .unknown, .noQuorum), ("iii", 2, .unknown, .observerIsolated),
            ("i--", 2, .unknown, .observerIsolated), ("x--", 2, .unknown, .internal),
        ])
    func closed(votes: String, quorum: Int, state: CheckState, cause: Cause) {
        let verdict = verdict(votes, of: quorum, isClosed: true)
        #expect(verdict?.state == state && verdict?.cause == cause)
        #expect(verdict?.assignment == Assignment())
    }

    @Test("the verdict is one zone's result with what each of them said")
    func words() throws {
        let verdict = try #require(self.verdict("oc-", of: 1))
        #expect(verdict.output.text == "seen from berlin" && verdict.worker == "w-berlin")
        #expect(
            verdict.output.longText == """
                1 of 3 zones must agree:
                main (w-) ok: seen from 
                berlin (w-berlin) critical: seen from berlin
                paris: no answer
                """)
        #expect(self.verdict("---", of: 1, isClosed: true) == nil)
    }
}

@Suite("Tickets")
struct TicketTests {
    @Test("a ticket is 32 hexadecimal digits and nothing else")
    func text() throws {
        let ticket = try #require(Ticket(bytes: Array(0..<16)))
        #expect(ticket.text == "000102030405060708090a0b0c0d0e0f")
        #expect(Ticket(text: ticket.text) == ticket)
        for bad in [
            "", "00", ticket.text + "0", String(ticket.text.dropLast()) + "G", "+" + ticket.text.dropFirst(),
        ] {
            #expect(Ticket(text: bad) == nil, "\(bad)")
        }
        #expect(Ticket(bytes: Array(0..<15)) == nil)
    }
}
