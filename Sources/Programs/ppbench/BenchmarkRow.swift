import CommandLine
import JSON

/// One line of the table: ours, the baseline and their ratio.
struct BenchmarkRow {
    /// What the ratio of ours to the baseline should be.
    enum Target {
        case atLeast(Double)
        case atMost(Double)

        func isMet(by ratio: Double) -> Bool {
            switch self {
            case .atLeast(let bound): ratio >= bound
            case .atMost(let bound): ratio <= bound
            }
        }

        var text: String {
            switch self {
            case .atLeast(let bound): ">= \(Figure.digits(bound))"
            case .atMost(let bound): "<= \(Figure.digits(bound))"
            }
        }
    }

    let what: String
    let ours: Figure
    /// What ours is compared with: "C loop", "nagios4", "limit".
    let baselineName: String
    let baseline: Figure
    let unit: String
    let target: Target
    /// More that a reader must know, as the lateness beside a rate.
    var note = ""

    /// A figure that stays below a limit.
    static func limited(_ what: String, _ measured: Double, limit: Double, unit: String) -> BenchmarkRow {
        BenchmarkRow(
            what: what, ours: Figure([measured]), baselineName: "limit", baseline: Figure([limit]),
            unit: unit, target: .atMost(1))
    }

    /// Nil when the baseline is 0 and ours is not.
    var ratio: Double? {
        if baseline.median != 0 { return ours.median / baseline.median }
        return ours.median == 0 ? 0 : nil
    }

    private var verdict: String { ratio.map { target.isMet(by: $0) ? "met" : "missed" } ?? "missed" }

    private var remarks: String {
        [note, ours.isNoisy ? "ours varied" : "", baseline.isNoisy ? "baseline varied" : ""]
            .filter { !$0.isEmpty }.joined(separator: "; ")
    }

    static func table(_ rows: [BenchmarkRow]) -> String {
        let columns = [
            Table.Column("WHAT"), Table.Column("OURS", isRightAligned: true),
            Table.Column("BASELINE", isRightAligned: true), Table.Column("RATIO", isRightAligned: true),
            Table.Column("TARGET"), Table.Column("IS"), Table.Column("NOTE"),
        ]
        return Table(columns, rows: rows.map(\.cells)).lines().joined(separator: "\n") + "\n"
    }

    private var cells: [Table.Cell] {
        [
            Table.Cell(what), Table.Cell("\(Figure.digits(ours.median)) \(unit)"),
            Table.Cell("\(baselineName) \(Figure.digits(baseline.median))"),
            Table.Cell(ratio.map(Figure.digits) ?? "over"), Table.Cell(target.text), Table.Cell(verdict),
            Table.Cell(remarks),
        ]
    }

    var json: JSONValue {
        [
            "what": .string(what), "unit": .string(unit), "ours": ours.json,
            "baseline_name": .string(baselineName), "baseline": baseline.json,
            "ratio": ratio.map { .number($0) } ?? .null, "target": .string(target.text),
            "is": .string(verdict), "note": .string(remarks),
        ]
    }
}

/// What several measurements of one thing gave.
struct Figure {
    /// In rising order.
    let values: [Double]

    init(_ values: [Double]) { self.values = values.sorted() }

    var median: Double { values.isEmpty ? .nan : values[values.count / 2] }

    /// Whether the middle half of the values spans more than a fifth of the median: a machine that was not quiet.
    var isNoisy: Bool {
        guard values.count > 2, median > 0 else { return false }
        return values[values.count * 3 / 4] - values[values.count / 4] > median / 5
    }

    /// Three significant digits are all that such a figure is worth.
    static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        guard value.magnitude < 100 else { return grouped(Int(value.rounded())) }
        let scale: Double = value.magnitude < 1 ? 1000 : value.magnitude < 10 ? 100 : 10
        let text = "\((value * scale).rounded() / scale)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func grouped(_ number: Int) -> String {
        var text = String(number)
        var place = text.count - 3
        while place > (number < 0 ? 1 : 0) {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
            place -= 3
        }
        return text
    }

    var json: JSONValue {
        [
            "median": .number(median), "lowest": .number(values.first ?? .nan),
            "highest": .number(values.last ?? .nan), "runs": .number(Double(values.count)),
        ]
    }
}

/// Ours and the baseline, measured in turns, so that a busy machine is unfair to both.
enum Turns {
    static func measure<Ours, Baseline>(
        _ rounds: Int, ours: () throws -> Ours, baseline: () throws -> Baseline
    ) throws -> (ours: [Ours], baseline: [Baseline]) {
        var result: (ours: [Ours], baseline: [Baseline]) = ([], [])
        for round in 0..<rounds {
            // The first of a pair may find the machine warmer or colder: they swap places.
            if round % 2 == 0 { result.ours.append(try ours()) }
            result.baseline.append(try baseline())
            if round % 2 == 1 { result.ours.append(try ours()) }
        }
        return result
    }
}
