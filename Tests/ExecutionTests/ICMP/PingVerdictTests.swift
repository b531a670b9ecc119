import Model
import Testing

@testable import Execution
@testable import ICMP

@Suite("Ping verdict")
struct PingVerdictTests {
    private func report(
        sent: Int, roundTrips: [Int64], duplicates: Int = 0, late: Int = 0, failure: PingFailure? = nil
    ) -> PingReport {
        var report = PingReport()
        report.sent = sent
        for time in roundTrips { report.add(roundTrip: time) }
        report.duplicates = duplicates
        report.late = late
        report.failure = failure
        return report
    }

    private func verdict(_ arguments: [String] = [], _ reports: PingReport...) throws -> PingVerdict {
        let options = try ICMPOptions(arguments: arguments)
        let named = reports.enumerated().map { (name: "10.0.0.\($0 + 1)", report: $1) }
        let rules = PingRules(options)
        guard named.count == 1 else { return PingVerdict(rules: rules, reports: named) }
        let one = PingVerdict(rules: rules, name: named[0].name, report: named[0].report)
        // The short way for one target must say what the long one says.
        #expect(one.output == PingVerdict(rules: rules, reports: named).output)
        return one
    }

    @Test("text and performance data are those of check_icmp, with ours after them")
    func format() throws {
        let verdict = try verdict([], report(sent: 5, roundTrips: [9000, 20_000, 12_000, 9000, 10_000]))

        #expect(verdict.output.text == "OK - 10.0.0.1: rta 0.012ms, lost 0%")
        #expect(
            verdict.output.performanceText
                == "rta=0.012ms;200.000;500.000;0; pl=0%;40;80;0;100 rtmax=0.020ms;;;; rtmin=0.009ms;;;; "
                + "sent=5;;;0; received=5;;;0; duplicates=0;;;0; mdev=0.004ms;;;0;")
        #expect(verdict.output.longText.isEmpty)
    }

    @Test("SE-B2: total loss is CRITICAL with unknown times, never zero ones, and says why")
    func totalLoss() throws {
        let router = ICMPAddress(ipv4: 0x0a00_00fe)
        let failure = PingFailure.refused(type: 3, code: 1, family: .ipv4, by: router)
        let silent = try verdict([], report(sent: 5, roundTrips: []))
        let refused = try verdict([], report(sent: 5, roundTrips: [], failure: failure))

        #expect(silent.state == .critical)
        #expect(silent.output.text == "CRITICAL - 10.0.0.1: rta nan, lost 100%")
        #expect(
            silent.output.performanceText.hasPrefix(
                "rta=U;200.000;500.000;0; pl=100%;40;80;0;100 rtmax=U;;;; rtmin=U;;;; sent=5"))
        #expect(
            refused.output.text == "CRITICAL - 10.0.0.1: Host unreachable @ 10.0.0.254. rta nan, lost 100%")
    }

    @Test("total loss is CRITICAL even when the limits would allow it")
    func totalLossAllowed() throws {
        #expect(try verdict(["-c", "500,100%"], report(sent: 1, roundTrips: [])).state == .critical)
    }

    @Test(
        "a value at its limit has reached it",
        arguments: [
            ("100,50%", "200,90%", [Int64](repeating: 99_000_000, count: 10), CheckState.ok),
            ("100,50%", "200,90%", [Int64](repeating: 100_000_000, count: 10), .warning),
            ("100,50%", "200,90%", [Int64](repeating: 200_000_000, count: 10), .critical),
            ("100,50%", "200,90%", [1, 1, 1, 1, 1, 1], .ok),
            ("100,50%", "200,90%", [1, 1, 1, 1, 1], .warning),
            ("100,50%", "200,90%", [1], .critical),
            ("100,0%", "200,90%", [Int64](repeating: 1, count: 10), .warning),
        ])
    func limits(warning: String, critical: String, roundTrips: [Int64], state: CheckState) throws {
        let report = report(sent: 10, roundTrips: roundTrips)
        #expect(try verdict(["-w", warning, "-c", critical], report).state == state)
    }

    @Test("of several targets the worst decides, with -m the number that is well")
    func several() throws {
        let good = report(sent: 1, roundTrips: [1_000_000])
        let slow = report(sent: 1, roundTrips: [300_000_000])
        let dead = report(sent: 1, roundTrips: [])

        #expect(try verdict([], good, slow).state == .warning)
        #expect(try verdict([], good, dead).state == .critical)
        #expect(try verdict(["-m", "1"], good, dead).state == .ok)
        #expect(try verdict(["-m", "2"], good, slow, dead).state == .warning)
        #expect(try verdict(["-m", "3"], good, slow, dead).state == .critical)
        let both = try verdict([], good, dead).output
        #expect(both.text == "CRITICAL - 10.0.0.1: rta 1.000ms, lost 0% :: 10.0.0.2: rta nan, lost 100%")
        #expect(both.performanceText.contains("10.0.0.2rta=U;"))
    }

    @Test("F31: duplicates and late replies are told apart and change neither loss nor state")
    func duplicatesAndLate() throws {
        let verdict = try verdict(
            [], report(sent: 5, roundTrips: [1000, 1000, 1000, 1000], duplicates: 4, late: 1))

        #expect(verdict.state == .ok)
        #expect(verdict.output.text.hasSuffix("lost 20%"))
        #expect(verdict.output.longText == "10.0.0.1: 4 duplicate replies, 1 replies too late to count")
        #expect(verdict.output.performanceText.contains("received=4;;;0; duplicates=4;;;0;"))
    }

    @Test(
        "times have three decimals",
        arguments: [(0.0, "0.000"), (499, "0.000"), (1500, "0.002"), (1e6, "1.000"), (12_345_678, "12.346")])
    func milliseconds(nanoseconds: Double, text: String) {
        var shown = ResultText()
        shown.add(milliseconds: nanoseconds)
        #expect(shown.text == text)
    }

    @Test("the model's parser reads all performance data of a ping")
    func performanceDataIsSound() throws {
        let data = try verdict([], report(sent: 2, roundTrips: [5000]), report(sent: 2, roundTrips: []))
        let parsed = PerformanceData(parsing: data.output.performanceText)
        #expect(parsed.items.count == 16)
    }
}
