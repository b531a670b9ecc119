import CommandLine
import JSON

extension Session {
    /// Prints items as a table, as JSON, or as CSV with `fields` as columns.
    func show(
        _ items: [JSONValue], envelope: JSONValue, fields: [String], empty: String,
        table: ([JSONValue]) -> Table
    ) {
        switch format {
        case .json: showJSON(envelope)
        case .csv: showCSV(items, fields)
        case .table:
            if items.isEmpty { return console.remark(empty) }
            console.print(table(items).lines(for: console.output))
        }
    }

    /// Prints one object: its fields as lines, as JSON or as one CSV record.
    func show(_ object: JSONValue, fields: [String]) {
        switch format {
        case .json: showJSON(object)
        case .csv: showCSV([object], fields)
        case .table: console.print(details(fields.map { ($0, ValueText.shown(object[$0])) }))
        }
    }

    func showJSON(_ value: JSONValue) { console.write(Escaping.json(value.text(indentation: 2)) + "\n") }

    func showCSV(_ items: [JSONValue], _ fields: [String]) {
        console.write(CSV.record(fields))
        for item in items { console.write(CSV.record(fields.map { ValueText.plain(item[$0]) })) }
    }

    /// Names and values in two columns; further lines of a value stand below its first.
    func details(_ entries: [(name: String, value: String)]) -> [String] {
        let column = (entries.map(\.name.count).max() ?? 0) + 2
        return entries.flatMap { name, value in
            let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.enumerated().map { index, line in
                let head = index == 0 ? name : ""
                let gap = String(repeating: " ", count: column - head.count)
                let styled = Style.bold.applied(to: head, if: console.output.usesColour)
                return styled + gap + Escaping.forTerminal(String(line))
            }
        }
    }

    /// How long ago a time of the API is; a dash when there is none.
    func age(_ time: JSONValue?) -> String {
        guard let seconds = time?.asString.flatMap(Moment.seconds) else { return "-" }
        return Age.text(seconds: clock() - seconds)
    }
}
