import APIContract
import CommandLine
import JSON

extension Command {
    static var showHistory: Command {
        let filters = Endpoint.named(.listHistory).query.filter { !["cursor", "limit"].contains($0.name) }
        let own = [
            OptionSpecification("limit", value: .integer, help: "Results at most.", defaultText: "100"),
            OptionSpecification("all", value: .none, help: "All results, however many."),
        ]
        let specification = CommandSpecification(
            ["show", "history"], summary: "Show past results, newest first",
            details: ["Times are RFC 3339 as 2025-01-31T12:00:00Z, dates, or ages as 90s, 15m, 24h, 7d, 4w."],
            options: filters.flatMap { $0.options() } + own,
            examples: ["ppadm show history --host web1 --from 24h --state critical,warning"])
        return Command(specification) { session throws(Failure) in
            let limit = session.command.integer("limit") ?? 100
            guard limit > 0 else {
                throw session.usage("--limit takes a number of at least 1, not '\(limit)'")
            }
            let answer = try history(session, limit: session.command.isGiven("all") ? .max : limit)
            session.show(
                answer["items"]?.asArray ?? [], envelope: answer, fields: Resource.status.fields.map(\.name),
                empty: "no history found", table: historyTable)
            guard answer["cursor"]?.asString != nil else { return }
            session.console.remark("there are more results; --limit or --all shows them")
        }
    }

    /// Follows the cursor until there are `limit` results.
    private static func history(_ session: Session, limit: Int) throws(Failure) -> JSONValue {
        let filters = try session.query(of: .listHistory, leavingOut: ["cursor", "limit"])
        var items: [JSONValue] = []
        var cursor: String?
        repeat {
            let size = ("limit", String(min(1000, limit - items.count)))
            let query = filters + [size] + (cursor.map { [("cursor", $0)] } ?? [])
            let answer = try session.connection().call(.listHistory, query: query)
            let part = answer["items"]?.asArray ?? []
            items += part
            // An empty page with a cursor would never end.
            cursor = part.isEmpty ? nil : answer["cursor"]?.asString
        } while cursor != nil && items.count < limit
        return ["items": .array(items), "cursor": JSONValue(cursor)]
    }

    private static func historyTable(_ items: [JSONValue]) -> Table {
        let columns: [Table.Column] = [
            .init("TIME (UTC)"), .init("STATE"), .init("HOST", isElastic: true),
            .init("PLUGIN", isElastic: true), .init("TOOK", isRightAligned: true),
            .init("OUTPUT", isElastic: true),
        ]
        let rows = items.map { item in
            [
                Table.Cell(Moment.shown(item["scheduled_at"]?.asString)),
                ValueText.state(item["state"]?.asString ?? ""), Table.Cell(ValueText.plain(item["host"])),
                Table.Cell(ValueText.plain(item["plugin"])),
                Table.Cell(
                    item["duration_ms"]?.asNumber.map { ValueText.rounded($0.rounded()) + " ms" } ?? "-"),
                Table.Cell(CheckText.output(item)),
            ]
        }
        return Table(columns, rows: rows)
    }
}
