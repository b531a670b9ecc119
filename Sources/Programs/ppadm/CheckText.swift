import CommandLine
import JSON

/// The result of one check in lines for people.
struct CheckText {
    private let session: Session

    init(_ session: Session) { self.session = session }

    func lines(of result: JSONValue) -> [String] {
        if result["finished"]?.asBool == false {
            return ["the run goes on as " + Escaping.forTerminal(ValueText.plain(result["id"]))]
        }
        let state = ValueText.state(result["state"]?.asString ?? "")
        let styled = state.style.applied(to: state.text, if: session.console.output.usesColour)
        let check = [result["host"], result["plugin"]].map { Escaping.forTerminal(ValueText.plain($0)) }
        return ["\(styled)  \(check[1]) on \(check[0])"] + text(of: result) + session.details(facts(result))
    }

    private func text(of result: JSONValue) -> [String] {
        let all = ["output", "long_output", "stderr"].compactMap { result[$0]?.asString?.nonEmpty }
        return (all.isEmpty ? [CheckText.output(result)] : all).flatMap { $0.split(separator: "\n") }.map {
            "  " + Escaping.forTerminal(String($0))
        }
    }

    private func facts(_ result: JSONValue) -> [(name: String, value: String)] {
        let data = (result["performance_data"]?.asArray ?? []).map(CheckText.datum)
        let times = ["duration_ms", "latency_ms"].map { name in
            result[name]?.asNumber.map { ValueText.rounded($0) + " ms" } ?? "-"
        }
        let facts = [
            ("values", data.joined(separator: "\n")),
            ("started", Moment.shown(result["started_at"]?.asString)),
            ("duration", times[0]), ("latency", times[1]),
            ("exit code", ValueText.shown(result["exit_code"])),
            ("cause", ValueText.shown(result["cause"])), ("worker", ValueText.shown(result["worker"])),
        ]
        return facts.filter { !$0.1.isEmpty }
    }

    /// As "rta = 0.05 ms (warning 100, critical 200)".
    private static func datum(_ datum: JSONValue) -> String {
        let value = datum["value"]?.asNumber.map { ValueText.decimal($0) } ?? "U"
        let limits = ["warning", "critical", "minimum", "maximum"].compactMap { name in
            let text = ValueText.plain(datum[name])
            return text.isEmpty ? nil : "\(name) \(text)"
        }
        let unit = datum["unit"]?.asString?.nonEmpty.map { " " + $0 } ?? ""
        let range = limits.isEmpty ? "" : " (\(limits.joined(separator: ", ")))"
        return "\(ValueText.plain(datum["label"])) = \(value)\(unit)\(range)"
    }

    /// How a run was cut off, which the plugin's own text cannot tell.
    private static let cutOff = ["timeout": "timed out", "signaled": "killed"]

    /// What a check said in one line: its output, else what it wrote on standard error, else how it ended.
    static func output(_ result: JSONValue) -> String {
        guard result["cause"]?.asString == "internal" else { return lastOutput(result) }
        let text = lastOutput(result)
        if result["state"]?.asString == "pending" { return "not run: \(text)" }
        guard let trouble = result["stderr"]?.asString?.nonEmpty, trouble != text else { return text }
        return "last run failed: \(trouble); before: \(text)"
    }

    private static func lastOutput(_ result: JSONValue) -> String {
        if let text = result["output"]?.asString?.nonEmpty {
            guard let how = cutOff[result["cause"]?.asString ?? ""], !text.hasPrefix(how) else { return text }
            return "\(how): \(text)"
        }
        if let line = result["stderr"]?.asString?.split(separator: "\n").first { return String(line) }
        return result["state"]?.asString == "pending" ? "not run yet" : ValueText.shown(result["cause"])
    }
}
