import APIContract
import CommandLine
import JSON

extension Command {
    static var showSchedule: Command {
        list(
            "schedule", aliases: ["scheduler"], .listSchedule, .scheduleEntry, summary: "Show what runs when"
        ) {
            session, items in
            let columns: [Table.Column] = [
                .init("NEXT", isRightAligned: true), .init("LAST", isRightAligned: true),
                .init("EVERY", isRightAligned: true), .init("LATE", isRightAligned: true),
                .init("SKIPPED", isRightAligned: true), .init("HOST", isElastic: true),
                .init("PLUGIN", isElastic: true),
            ]
            let rows = items.map { item in
                let next = item["next_run"]?.asString.flatMap(Moment.seconds).map { $0 - session.clock() }
                let late = item["lateness_ms"]?.asNumber.map { ValueText.rounded($0) + " ms" }
                let skipped = ValueText.plain(item["skipped"])
                return [
                    Table.Cell(next.map { "in " + Age.text(seconds: $0) } ?? "-"),
                    Table.Cell(session.age(item["last_run"])),
                    Table.Cell(Age.text(seconds: item["interval"]?.asInteger ?? 0)), Table.Cell(late ?? "-"),
                    Table.Cell(skipped, skipped == "0" ? .plain : .yellow),
                    Table.Cell(ValueText.plain(item["host"])), Table.Cell(ValueText.plain(item["plugin"])),
                ]
            }
            return Table(columns, rows: rows)
        }
    }

    static var showWorkers: Command {
        list(
            "workers", aliases: ["worker"], .listWorkers, .worker, summary: "Show the workers and their load"
        ) {
            session, items in
            let columns: [Table.Column] = [
                .init("STATE"), .init("SEEN", isRightAligned: true), .init("NAME", isElastic: true),
                .init("ADDRESS", isElastic: true), .init("VERSION"), .init("RESULTS/S", isRightAligned: true),
                .init("RUNNING", isRightAligned: true), .init("WAITING", isRightAligned: true),
            ]
            let rows = items.map { item in
                let state = ValueText.plain(item["state"])
                return [
                    Table.Cell(state, Self.style(ofWorker: state)),
                    Table.Cell(session.age(item["last_seen"])), Table.Cell(ValueText.plain(item["name"])),
                    Table.Cell(ValueText.shown(item["address"])),
                    Table.Cell(ValueText.shown(item["version"])),
                    Table.Cell(item["throughput"]?.asNumber.map { ValueText.rounded($0) } ?? "-"),
                    Table.Cell(ValueText.shown(item["in_flight"])),
                    Table.Cell(ValueText.shown(item["input_queue_size"])),
                ]
            }
            return Table(columns, rows: rows)
        }
    }

    private static func style(ofWorker state: String) -> Style {
        switch state {
        case "alive": .green
        case "stopped": .plain
        case "warning": .yellow
        default: .boldRed
        }
    }

    static var showQueues: Command {
        list("queues", aliases: ["queue"], .listQueues, .queue, summary: "Show what waits between the roles")
        {
            _, items in
            let columns: [Table.Column] = [
                .init("NAME", isElastic: true), .init("ZONE"), .init("WAITING", isRightAligned: true),
                .init("CONSUMERS", isRightAligned: true), .init("UNREADABLE", isRightAligned: true),
                .init("TROUBLE", isElastic: true),
            ]
            let rows = items.map { item in
                let consumers = ValueText.shown(item["consumers"])
                let dead = ValueText.plain(item["dead_letters"])
                return [
                    Table.Cell(ValueText.plain(item["name"])), Table.Cell(ValueText.shown(item["zone"])),
                    Table.Cell(ValueText.plain(item["waiting"])),
                    Table.Cell(consumers, consumers == "0" ? .boldRed : .plain),
                    Table.Cell(dead, dead == "0" ? .plain : .yellow),
                    Table.Cell(ValueText.shown(item["trouble"])),
                ]
            }
            return Table(columns, rows: rows)
        }
    }

    static var showHealth: Command {
        let specification = CommandSpecification(
            ["show", "health"], summary: "Show whether the engine does its work, part by part")
        return Command(specification) { session throws(Failure) in
            let health = try session.connection().call(.health)
            guard session.format == .table else {
                return session.show(health, fields: Resource.health.fields.map(\.name))
            }
            let state = ValueText.state(health["state"]?.asString ?? "")
            let facts = [
                ("state", state.text), ("version", ValueText.shown(health["version"])),
                ("started", Moment.shown(health["started_at"]?.asString)),
            ]
            session.console.print(session.details(facts))
            let rows = (health["parts"]?.asArray ?? []).map { part in
                [
                    ValueText.state(part["state"]?.asString ?? ""), Table.Cell(ValueText.plain(part["name"])),
                    Table.Cell(ValueText.plain(part["detail"])),
                ]
            }
            let columns: [Table.Column] = [.init("STATE"), .init("PART"), .init("DETAIL")]
            if !rows.isEmpty {
                session.console.print(Table(columns, rows: rows).lines(for: session.console.output))
            }
        }
    }

    /// A command that shows one of the lists that come in pages.
    private static func list(
        _ noun: String, aliases: [String], _ endpoint: EndpointID, _ resource: Resource, summary: String,
        table: @escaping (Session, [JSONValue]) -> Table
    ) -> Command {
        let specification = CommandSpecification(
            ["show", .init(noun, aliases: aliases)], summary: summary, options: Paging.options(of: endpoint))
        return Command(specification) { session throws(Failure) in
            let page = try Paging.fetch(endpoint, session)
            session.show(
                page.items, envelope: page.envelope, fields: resource.fields.map(\.name),
                empty: "no \(noun) yet"
            ) { table(session, $0) }
            page.remarkOnMore(session)
        }
    }
}
