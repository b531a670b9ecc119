import RRD

/// How the curves of each source look.
///
/// The colours of states are those of the web page; the others are told apart by people who see red and green
/// alike.
enum GraphDesign {
    private struct Look {
        let label: String
        let colour: UInt32
        let unit: String
        var style = Graph.Style.line(1.75)
        var format = "%8.1lf"
    }

    private static let looks: [String: Look] = [
        "hosts_all": Look(label: "all hosts", colour: 0x1F2933, unit: "hosts"),
        "hosts_active": Look(label: "active hosts", colour: 0x2563EB, unit: "hosts"),
        "hosts_active_up": Look(label: "active hosts up", colour: 0x16A34A, unit: "hosts"),
        "checks_all": Look(label: "all checks", colour: 0x64748B, unit: "checks"),
        "checks_active": Look(label: "active checks", colour: 0x1E3A5F, unit: "checks", style: .line(1.25)),
        "checks_ok": Look(label: "ok", colour: 0x8FD19E, unit: "checks", style: .stacked),
        "checks_warn": Look(label: "warning", colour: 0xF5B83D, unit: "checks", style: .stacked),
        "checks_error": Look(label: "critical", colour: 0xE5484D, unit: "checks", style: .stacked),
        "checks_incorrect": Look(label: "unknown", colour: 0x9B72CF, unit: "checks", style: .stacked),
        "worker_count": Look(label: "executors", colour: 0x64748B, unit: "executors"),
        "worker_alive": Look(label: "executors working", colour: 0x16A34A, unit: "executors"),
        "in_flight": Look(label: "checks running", colour: 0x2563EB, unit: "checks", style: .area),
        "input_queue_size": Look(label: "jobs waiting", colour: 0xD97706, unit: "checks"),
        "throughput": Look(label: "results a second", colour: 0x0F766E, unit: "1/s"),
        "latency_ms": Look(label: "latency", colour: 0xD97706, unit: "milliseconds"),
        "execution_ms": Look(label: "execution time", colour: 0x2563EB, unit: "milliseconds"),
        "ram_used": Look(
            label: "resident memory", colour: 0x7C3AED, unit: "bytes", style: .area, format: "%7.1lf%s"),
        "cpu": Look(label: "processor", colour: 0xDB2777, unit: "cores", style: .area, format: "%8.3lf"),
    ]

    private static let usual: [Archives.Subject: [String]] = [
        .global: ["checks_ok", "checks_warn", "checks_error", "checks_incorrect", "checks_active"]
    ]
    private static let usualOfWorker = ["in_flight", "input_queue_size", "throughput"]

    /// The picture of `subject` as it was asked for; the request has been validated.
    static func graph(_ subject: Archives.Subject, _ request: GraphRequest, foot: String) -> Graph {
        let names = request.series.isEmpty ? usual[subject] ?? usualOfWorker : request.series
        let known = names.compactMap { name in looks[name].map { (name, $0) } }
        // Areas first, so that they hide no line and nothing is stacked on one.
        let chosen =
            known.filter { $0.1.style == .stacked } + known.filter { $0.1.style == .area }
            + known.filter { $0.1.style != .stacked && $0.1.style != .area }
        let units = chosen.map(\.1.unit).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return Graph(
            title: title(subject, chosen.map(\.1.unit)), axis: units.joined(separator: ", "), foot: foot,
            from: request.from, to: request.to, width: request.width, height: request.height,
            curves: chosen.map { name, look in
                Graph.Curve(
                    name, label: look.label, colour: Graph.Colour(look.colour), style: look.style,
                    format: look.format)
            },
            isBinary: units == ["bytes"])
    }

    private static func title(_ subject: Archives.Subject, _ units: [String]) -> String {
        switch subject {
        case .global: units.allSatisfy { $0 == "hosts" } ? "Hosts" : "Checks"
        case .worker(let name): "Worker \(name)"
        }
    }
}
