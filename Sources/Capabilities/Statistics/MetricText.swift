/// Writes metrics as Prometheus reads them: the text exposition format, version 0.0.4.
package enum MetricText {
    /// The Content-Type of the text.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// All families in the order given; families without samples are left out.
    package static func write(_ families: [MetricFamily]) -> String {
        families.filter { !$0.samples.isEmpty }.reduce(into: "") { text, family in
            text +=
                "# HELP \(family.name) \(help(family.help))\n# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                text += "\(family.name)\(sample.suffix)\(labels(sample.labels)) \(number(sample.value))\n"
            }
        }
    }

    /// A number as the format wants it: whole ones without a point, `NaN`, `+Inf`, `-Inf`.
    package static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return "\(value)"
    }

    private static func labels(_ labels: [MetricFamily.Label]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(value($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func help(_ text: String) -> String {
        escaped(text, quotes: false)
    }

    private static func value(_ text: String) -> String {
        escaped(text, quotes: true)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
