import APIContract
import CommandLine
import JSON

extension Command {
    private static let worker = OptionSpecification(
        "worker", valueName: "NAME", help: "Of this worker; left out: of the whole.",
        candidates: .lines(command: "names workers"))

    static var showStatistics: Command {
        let fields = Endpoint.named(.globalStatistics).query
        let specification = CommandSpecification(
            ["show", .init("statistics", aliases: ["monitoring"])],
            summary: "Show the engine's counts over time",
            details: ["Times are RFC 3339 as 2025-01-31T12:00:00Z, dates, or ages as 90s, 15m, 24h, 7d, 4w."],
            options: [worker] + fields.flatMap { $0.options(isNew: true) },
            examples: ["ppadm show statistics --from 2h --series checks_ok,checks_error"])
        return Command(specification) { session throws(Failure) in
            let name = session.command.text("worker")
            let endpoint: EndpointID = name == nil ? .globalStatistics : .workerStatistics
            let answer = try session.connection().call(
                endpoint, name.map { ["name": $0] } ?? [:], query: session.query(of: endpoint))
            StatisticsView(session: session, answer: answer).show()
        }
    }

    static var showGraph: Command {
        let output = OptionSpecification(
            "output", short: "o", value: .file, help: "File for the picture (PNG); - is standard output.",
            isRequired: true)
        let fields = Endpoint.named(.globalGraph).query
        let specification = CommandSpecification(
            ["show", .init("graph", aliases: ["graphs"])],
            summary: "Draw the engine's counts over time into a file",
            options: [output, worker] + fields.flatMap { $0.options(isNew: true) },
            examples: ["ppadm show graph --output day.png --from 24h"])
        return Command(specification) { session throws(Failure) in
            let name = session.command.text("worker")
            let path = session.command.text("output") ?? "-"
            if path == "-", session.console.output.isTerminal {
                throw session.usage(
                    "a picture is not written to a terminal; name a file or redirect the output")
            }
            let endpoint: EndpointID = name == nil ? .globalGraph : .workerGraph
            let picture = try session.connection().bytes(
                endpoint, name.map { ["name": $0] } ?? [:], query: session.query(of: endpoint))
            if path == "-" { return session.console.write(bytes: picture) }
            do {
                try SmallFile.write(picture, to: path)
            } catch {
                throw .local("\(error); name another file with --output")
            }
            session.console.print(["\(Escaping.forTerminal(path)) written, \(picture.count) bytes"])
        }
    }
}

/// Series of numbers over time.
private struct StatisticsView {
    let session: Session
    let answer: JSONValue

    private typealias Point = (time: Int64, value: Double?)

    func show() {
        switch session.format {
        case .json: session.showJSON(answer)
        case .csv: showRecords()
        case .table: showTable()
        }
    }

    private var series: [(name: String, points: [Point])] {
        (answer["series"]?.asObject ?? []).map { member in
            (member.name, (member.value.asArray ?? []).map { ($0[0]?.asInteger ?? 0, $0[1]?.asNumber) })
        }
    }

    /// One record a time, one column a series.
    private func showRecords() {
        let series = series
        let times = Set(series.flatMap { $0.points.map(\.time) }).sorted()
        let columns = series.map {
            Dictionary($0.points.map { ($0.time, $0.value) }, uniquingKeysWith: { $1 })
        }
        session.console.write(CSV.record(["unix_time"] + series.map(\.name)))
        for time in times {
            let values = columns.map { ($0[time] ?? nil).map { ValueText.decimal($0) } ?? "" }
            session.console.write(CSV.record([String(time)] + values))
        }
    }

    private func showTable() {
        let numbers = ["LAST", "LEAST", "AVERAGE", "MOST"].map { Table.Column($0, isRightAligned: true) }
        let rows = series.map { name, points in
            let values = points.compactMap(\.value)
            let average = values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
            let figures = [values.last, values.min(), average, values.max()]
            let cells = figures.map { Table.Cell($0.map { ValueText.rounded($0) } ?? "-") }
            return [Table.Cell(name)] + cells + [Table.Cell(Self.sparkline(points.map(\.value)))]
        }
        guard !rows.isEmpty else { return session.console.remark("no statistics yet") }
        let table = Table([.init("SERIES")] + numbers + [.init("TREND", isElastic: true)], rows: rows)
        session.console.print(table.lines(for: session.console.output))
    }

    /// At most 30 bars, each the average of its part of time; a dot where nothing is known.
    private static func sparkline(_ values: [Double?]) -> String {
        let count = min(30, values.count)
        let bars = Array("▁▂▃▄▅▆▇█")
        let averages: [Double?] = (0..<count).map { index in
            let part = values[index * values.count / count..<(index + 1) * values.count / count].compactMap {
                $0
            }
            return part.isEmpty ? nil : part.reduce(0, +) / Double(part.count)
        }
        let known = averages.compactMap { $0 }
        guard let least = known.min(), let most = known.max() else { return "" }
        return String(
            averages.map { average in
                guard let average else { return "·" }
                guard most > least else { return bars[3] }
                return bars[min(7, Int((average - least) / (most - least) * 8))]
            })
    }
}
