import ICMP
import Model
import Posix

/// State, text and performance data of a finished ping, by the rules and in the words of check_icmp.
struct PingVerdict {
    let state: CheckState
    let output: PluginOutput

    /// Judges the reports of all targets, in the order of the plan; every target has sent at least one echo.
    init(options: ICMPOptions, reports: [(name: String, report: PingReport)]) {
        let states = reports.map { Self.state(of: $0.report, options) }
        state = Self.overall(states, atLeast: options.minimumHostsAlive)
        let texts = reports.map { Self.text($0.name, $0.report) }
        let isSeveral = reports.count > 1
        let data = reports.map { Self.performance(isSeveral ? $0.name : "", $0.report, options) }
        output = PluginOutput(
            text: "\(state.name.uppercased()) - \(texts.joined(separator: " :: "))",
            longText: reports.compactMap { Self.remark($0.name, $0.report) }.joined(separator: "\n"),
            performanceText: data.joined(separator: " "))
    }

    /// A value at or above its limit gives the state; total loss is critical whatever the limits say.
    private static func state(of report: PingReport, _ options: ICMPOptions) -> CheckState {
        guard let mean = report.mean else { return .critical }
        func reaches(_ limits: ICMPOptions.Limits) -> Bool {
            report.lossPercent >= limits.lossPercent || mean >= Double(limits.roundTrip.nanoseconds)
        }
        return reaches(options.critical) ? .critical : reaches(options.warning) ? .warning : .ok
    }

    /// The worst target decides, unless `-m` says how many must be well.
    private static func overall(_ states: [CheckState], atLeast minimum: Int?) -> CheckState {
        guard let minimum else { return states.max() ?? .unknown }
        let well = states.count { $0 == .ok }
        if well >= minimum { return .ok }
        return states.count { $0 <= .warning } >= minimum ? .warning : .critical
    }

    private static func text(_ name: String, _ report: PingReport) -> String {
        if let mean = report.mean {
            return "\(name): rta \(milliseconds(mean))ms, lost \(report.lossPercent)%"
        }
        let reason = report.failure.map { " \($0)." } ?? ""
        return "\(name):\(reason) rta nan, lost 100%"
    }

    /// What the first line has no room for.
    private static func remark(_ name: String, _ report: PingReport) -> String? {
        var parts: [String] = []
        if report.received > 0, report.lost > 0, let failure = report.failure {
            parts.append("\(report.lost) of \(report.sent) lost: \(failure)")
        }
        if report.duplicates > 0 { parts.append("\(report.duplicates) duplicate replies") }
        if report.late > 0 { parts.append("\(report.late) replies too late to count") }
        return parts.isEmpty ? nil : "\(name): \(parts.joined(separator: ", "))"
    }

    private static func performance(
        _ prefix: String, _ report: PingReport, _ options: ICMPOptions
    ) -> String {
        func label(_ name: String) -> String {
            let label = prefix + name
            return label.contains(where: { " '=".contains($0) }) ? "'\(label)'" : label
        }
        func time(_ value: Double?) -> String { value.map { "\(milliseconds($0))ms" } ?? "U" }
        let (warning, critical) = (options.warning, options.critical)
        let limits =
            "\(milliseconds(Double(warning.roundTrip.nanoseconds)));"
            + milliseconds(Double(critical.roundTrip.nanoseconds))
        let loss = "\(report.lossPercent)%;\(warning.lossPercent);\(critical.lossPercent);0;100"
        return [
            "\(label("rta"))=\(time(report.mean));\(limits);0;",
            "\(label("pl"))=\(loss)",
            "\(label("rtmax"))=\(time(report.longest.map(Double.init)));;;;",
            "\(label("rtmin"))=\(time(report.shortest.map(Double.init)));;;;",
            "\(label("sent"))=\(report.sent);;;0;",
            "\(label("received"))=\(report.received);;;0;",
            "\(label("duplicates"))=\(report.duplicates);;;0;",
            "\(label("mdev"))=\(time(report.deviation));;;0;",
        ].joined(separator: " ")
    }

    /// Nanoseconds as milliseconds with three decimals.
    static func milliseconds(_ nanoseconds: Double) -> String {
        let thousandths = Int64((nanoseconds / 1000).rounded())
        let fraction = String(thousandths % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)"
    }
}

extension PingReport {
    /// Whole percent, rounded down as check_icmp does; 100 only when all were lost.
    var lossPercent: Int { sent > 0 ? lost * 100 / sent : 100 }
}
