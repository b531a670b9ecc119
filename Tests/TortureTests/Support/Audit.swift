import Foundation
import TestSupport
import Testing

/// What the plugins wrote down of their own runs, held against what the engine stored.
struct Audit {
    /// A run as its plugin saw it; times are microseconds of the real wall clock.
    struct Run {
        let host: String
        let begun: Int64
        var ended: Int64?
    }

    /// A row of the history.
    struct Row {
        let host: String
        let due: Int64
        let cause: String
        let mark: String
        let longOutput: String
    }

    let runs: [String: Run]
    let rows: [Row]
    private let interval: Int64

    /// Reads both sides; `interval` is the seconds of the audited plugin.
    init(_ rig: Rig, plugin: String = "audit", interval: Int = 1) throws {
        let hex = "CASE WHEN long_output = '' THEN '' ELSE hex(long_output) END"
        try self.init(interval: interval, file: rig.auditFile, rows: try rig.query(Self.query(plugin, hex)))
    }

    /// The same of a cluster, whose plugins write to `file`.
    init(_ cluster: Cluster, file: String, plugin: String = "audit", interval: Int = 1) throws {
        let hex = "upper(encode(convert_to(long_output, 'UTF8'), 'hex'))"
        try self.init(interval: interval, file: file, rows: try cluster.query(Self.query(plugin, hex)))
    }

    private static func query(_ plugin: String, _ hex: String) -> String {
        """
        SELECT hosts.name, due, cause, output, \(hex) FROM history
        JOIN hosts ON hosts.id = host_id JOIN plugins ON plugins.id = plugin_id
        WHERE plugins.name = '\(plugin)' ORDER BY due
        """
    }

    private init(interval: Int, file: String, rows: [[String]]) throws {
        self.interval = Int64(interval) * 1_000_000
        self.rows = rows.compactMap { row in
            guard row.count == 5, let due = Int64(row[1]) else { return nil }
            return Row(host: row[0], due: due, cause: row[2], mark: row[3], longOutput: Self.unhex(row[4]))
        }
        // After the rows: a run must be known before its result.
        var runs: [String: Run] = [:]
        let text = try String(contentsOfFile: file, encoding: .utf8)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 4, let time = Int64(fields[3]) else {
                throw EngineFailure(description: "a line of the audit is damaged: \(line)")
            }
            if fields[0] == "B" {
                runs[String(fields[1])] = Run(host: String(fields[2]), begun: time)
            } else {
                runs[String(fields[1])]?.ended = time
            }
        }
        self.runs = runs
    }

    private static func unhex(_ text: String) -> String {
        let digits = text.utf8.map { $0 < 58 ? $0 - 48 : $0 - 55 }
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        return String(decoding: bytes, as: UTF8.self)
    }

    var exited: [Row] { rows.filter { $0.cause == "exited" } }

    /// Results that are stored more than once.
    var twice: Int { exited.count - Set(exited.map(\.mark)).count }

    /// Results whose run no plugin knows of.
    var invented: Int { exited.count { runs[$0.mark] == nil } }

    /// Results with the output of another run in them, or of another host.
    var mixed: Int {
        exited.count { row in
            runs[row.mark]?.host != row.host
                || !row.longOutput.split(separator: "\n").allSatisfy {
                    row.mark.hasPrefix($0) || $0 == row.mark
                }
        }
    }

    /// Runs that ended by themselves and have no result.
    var lost: [Run] {
        let known = Set(exited.map(\.mark))
        return runs.filter { $0.value.ended != nil && !known.contains($0.key) }.map(\.value)
    }

    /// Occurrences between the first and the last result of each check that have neither a result nor a skip.
    func unexplained(skipped: Int) -> Int {
        let byHost = Dictionary(grouping: rows, by: \.host)
        let due = byHost.values.reduce(0) { sum, rows in
            guard let first = rows.first?.due, let last = rows.last?.due else { return sum }
            return sum + Int((last - first + interval / 2) / interval) + 1
        }
        return due - rows.count - skipped
    }

    /// Results whose due time is none of `phase + n * interval` of their check; at most a millisecond off counts as on it.
    var moved: Int {
        Dictionary(grouping: rows, by: \.host).values.reduce(0) { sum, rows in
            guard let first = rows.first?.due else { return sum }
            return sum
                + rows.count { row in
                    let rest = (row.due - first) % interval
                    return min(rest, interval - rest) > 1000
                }
        }
    }

    /// Hosts with a run that began after a moment.
    func hosts(since date: Date) -> Int {
        Set(runs.values.filter { $0.begun > date.microseconds }.map(\.host)).count
    }

    /// The longest time between two runs of one host, in seconds, as the plugins saw it.
    var longestGap: Double {
        Dictionary(grouping: runs.values, by: \.host).values.map { runs in
            let times = runs.map(\.begun).sorted()
            return Double(zip(times.dropFirst(), times).map { $0 - $1 }.max() ?? 0) / 1e6
        }.max() ?? 0
    }

    /// Runs that began in each second, as the plugins saw it; the first and the last second are left out.
    func rates(from: Date, to: Date) -> [Int] {
        let (first, last) = (from.microseconds / 1_000_000 + 1, to.microseconds / 1_000_000)
        guard last > first else { return [] }
        var counts = Array(repeating: 0, count: Int(last - first))
        for run in runs.values {
            let second = run.begun / 1_000_000
            if (first..<last).contains(second) { counts[Int(second - first)] += 1 }
        }
        return counts
    }

    /// Holds what must be true after every storm.
    func holdBasics(_ scenario: Scenario) {
        scenario.see("\(rows.count) results of \(runs.count) runs")
        scenario.hold(twice == 0, "no result twice, \(twice) are")
        scenario.hold(invented == 0, "no result without a run, \(invented) are")
        scenario.hold(mixed == 0, "no outputs mixed, \(mixed) are")
    }
}
