import ICMP
import Model
import Posix

/// State, text and performance data of a finished ping, by the rules and in the words of check_icmp.
struct PingVerdict {
    let state: CheckState
    let output: PluginOutput

    /// Judges the reports of all targets, in the order of the plan; every target has sent at least one echo.
    init(rules: PingRules, reports: [(name: String, report: PingReport)]) {
        var (text, data) = (ResultText(capacity: 64), ResultText(capacity: 192))
        var states: [CheckState] = []
        let isSeveral = reports.count > 1
        for (name, report) in reports {
            states.append(Self.state(of: report, rules))
            if !text.isEmpty { text.add(" :: ") }
            Self.describe(name, report, in: &text)
            if !data.isEmpty { data.add(" ") }
            Self.measure(isSeveral ? name : "", report, rules, in: &data)
        }
        state = Self.overall(states, atLeast: rules.minimumHostsAlive)
        let remarks = reports.compactMap { Self.remark($0.name, $0.report) }
        output = PluginOutput(
            text: Self.beginning(state) + text.text, longText: remarks.joined(separator: "\n"),
            performanceText: data.text)
    }

    /// Judges one report, as nearly all checks have one target.
    init(rules: PingRules, name: String, report: PingReport) {
        var (text, data) = (ResultText(capacity: 80), ResultText(capacity: 192))
        state = Self.overall(Self.state(of: report, rules), atLeast: rules.minimumHostsAlive)
        text.add(Self.beginning(state))
        Self.describe(name, report, in: &text)
        Self.measure("", report, rules, in: &data)
        output = PluginOutput(
            text: text.text, longText: Self.remark(name, report) ?? "", performanceText: data.text)
    }

    private static func beginning(_ state: CheckState) -> String {
        switch state {
        case .ok: "OK - "
        case .warning: "WARNING - "
        case .critical: "CRITICAL - "
        case .unknown, .pending: "UNKNOWN - "
        }
    }

    /// A value at or above its limit gives the state; total loss is critical whatever the limits say.
    private static func state(of report: PingReport, _ rules: PingRules) -> CheckState {
        guard let mean = report.mean else { return .critical }
        let loss = report.lossPercent
        func reaches(_ limits: PingRules.Limits) -> Bool {
            loss >= limits.lossPercent || mean >= limits.roundTrip
        }
        return reaches(rules.critical) ? .critical : reaches(rules.warning) ? .warning : .ok
    }

    /// The worst target decides, unless `-m` says how many must be well.
    private static func overall(_ states: [CheckState], atLeast minimum: Int?) -> CheckState {
        guard let minimum else { return states.max() ?? .unknown }
        let well = states.count { $0 == .ok }
        if well >= minimum { return .ok }
        return states.count { $0 <= .warning } >= minimum ? .warning : .critical
    }

    private static func overall(_ state: CheckState, atLeast minimum: Int?) -> CheckState {
        minimum == nil ? state : overall([state], atLeast: minimum)
    }

    private static func describe(_ name: String, _ report: PingReport, in text: inout ResultText) {
        text.add(name)
        text.add(":")
        guard let mean = report.mean else {
            if let failure = report.failure { text.add(" \(failure).") }
            text.add(" rta nan, lost 100%")
            return
        }
        text.add(" rta ")
        text.add(milliseconds: mean)
        text.add("ms, lost ")
        text.add(report.lossPercent)
        text.add("%")
    }

    /// What the first line has no room for.
    private static func remark(_ name: String, _ report: PingReport) -> String? {
        guard report.duplicates > 0 || report.late > 0 || report.failure != nil else { return nil }
        var parts: [String] = []
        if report.received > 0, report.lost > 0, let failure = report.failure {
            parts.append("\(report.lost) of \(report.sent) lost: \(failure)")
        }
        if report.duplicates > 0 { parts.append("\(report.duplicates) duplicate replies") }
        if report.late > 0 { parts.append("\(report.late) replies too late to count") }
        return parts.isEmpty ? nil : "\(name): \(parts.joined(separator: ", "))"
    }

    /// Adds the performance data of one target, its labels behind `prefix`.
    private static func measure(
        _ prefix: String, _ report: PingReport, _ rules: PingRules, in data: inout ResultText
    ) {
        let needsQuotes = prefix.utf8.contains { $0 == 32 || $0 == UInt8(ascii: "=") }
        func begin(_ label: String) {
            if needsQuotes { data.add("'") }
            data.add(prefix)
            data.add(label)
            if needsQuotes { data.add("'") }
            data.add("=")
        }
        func time(_ label: String, _ value: Double?) {
            begin(label)
            guard let value else { return data.add("U") }
            data.add(milliseconds: value)
            data.add("ms")
        }
        func count(_ label: String, _ value: Int) {
            begin(label)
            data.add(value)
            data.add(";;;0; ")
        }
        time("rta", report.mean)
        data.add(rules.timeLimits)
        data.add(" ")
        begin("pl")
        data.add(report.lossPercent)
        data.add(rules.lossLimits)
        data.add(" ")
        time("rtmax", report.longest.map(Double.init))
        data.add(";;;; ")
        time("rtmin", report.shortest.map(Double.init))
        data.add(";;;; ")
        count("sent", report.sent)
        count("received", report.received)
        count("duplicates", report.duplicates)
        time("mdev", report.deviation)
        data.add(";;;0;")
    }
}

extension PingReport {
    /// Whole percent, rounded down as check_icmp does; 100 only when all were lost.
    var lossPercent: Int { sent > 0 ? lost * 100 / sent : 100 }
}
