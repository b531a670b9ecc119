import APIContract
import CommandLine
import JSON

extension Command {
    static var showStatus: Command {
        let own = [
            OptionSpecification(
                "problems", value: .none,
                help: "Only warning, critical and unknown; the same as these three for --state."),
            OptionSpecification(
                "watch", value: .optionalNumber, valueName: "SECONDS",
                help: "Show it again and again until interrupted; every 5 seconds when no time is given."),
        ]
        let specification = CommandSpecification(
            ["show", "status"], summary: "Show the last result of every check, problems first",
            details: [
                "SINCE is how long a check has been in its state. A state marked with ! is stale: a newer "
                    + "result should have come.",
                "Checks of hosts in maintenance are counted and left out, unless --host or --maintenance asks for them.",
            ], options: own + Paging.options(of: .listStatus),
            examples: ["ppadm show status --problems", "ppadm show status --host web1 -o json"])
        return Command(specification) { session throws(Failure) in
            let view = StatusView(session: session)
            guard session.command.isGiven("watch") else { return try view.show() }
            try view.watch()
        }
    }
}

/// What an operator looks at all day.
private struct StatusView {
    let session: Session

    private static let states = ["critical", "unknown", "warning", "pending", "ok"]
    private static let problems = ["critical", "unknown", "warning"]

    func show(clearing: Bool = false) throws(Failure) {
        if session.command.isGiven("problems"), session.command.isGiven("state") {
            throw session.usage("--problems and --state both choose states; give one of them")
        }
        let chosen =
            session.command.isGiven("problems")
            ? [(name: "state", value: Self.problems.joined(separator: ","))] : []
        let page = try Paging.fetch(.listStatus, session, adding: chosen + shownHosts)
        let summary = session.format == .table ? try summary(of: page) : []
        // The screen is cleared only once the answer is there, so that nothing flickers.
        if clearing, session.console.output.isTerminal { session.console.write("\u{1B}[H\u{1B}[2J") }
        let empty = session.command.isGiven("problems") ? "no problems" : "no checks found"
        session.show(
            page.items, envelope: page.envelope, fields: Resource.status.fields.map(\.name), empty: empty,
            table: table)
        if session.format == .table { session.console.print(summary) }
        page.remarkOnMore(session)
    }

    /// A table leaves hosts in maintenance out unless they are asked for; scripts get everything.
    private var shownHosts: [(name: String, value: String)] {
        let isAskedFor = session.command.isGiven("maintenance") || session.command.isGiven("host")
        return session.format == .table && !isAskedFor ? [(name: "maintenance", value: "false")] : []
    }

    /// Shows it for ever; a connection that is lost is said and tried again.
    func watch() throws(Failure) {
        guard session.format == .table else {
            throw session.usage("--watch shows tables only; leave -o away")
        }
        let pause = session.command.number("watch") ?? 5
        guard (0.1...86_400).contains(pause) else {
            throw session.usage("--watch takes seconds from 0.1 to 86400")
        }
        while true {
            do throws(Failure) {
                try show(clearing: true)
            } catch .noConnection(let sentence) {
                session.console.remark("ppadm: " + sentence)
            }
            Surroundings.pause(.seconds(pause))
        }
    }

    private func table(_ items: [JSONValue]) -> Table {
        let columns: [Table.Column] = [
            .init("STATE"), .init("SINCE"), .init("HOST", isElastic: true), .init("PLUGIN", isElastic: true),
            .init("OUTPUT", isElastic: true),
        ]
        let rows = items.map { item in
            let state = ValueText.state(item["state"]?.asString ?? "")
            let isStale = item["stale"]?.asBool == true
            return [
                Table.Cell(state.text + (isStale ? " !" : ""), state.style),
                Table.Cell(session.age(item["state_since"]), isStale ? .dim : .plain),
                Table.Cell(ValueText.plain(item["host"])), Table.Cell(ValueText.plain(item["plugin"])),
                Table.Cell(CheckText.output(item), isStale ? .dim : .plain),
            ]
        }
        return Table(columns, rows: rows)
    }

    /// As "2 critical, 0 warning, 1 unknown, 40 ok, 0 pending; 1 stale".
    private func summary(of page: Paging) throws(Failure) -> [String] {
        let counts = try counts(of: page)
        let order = ["critical", "warning", "unknown", "ok", "pending"]
        let parts = order.map { state in
            let count = counts[state] ?? 0
            let style = count > 0 ? ValueText.state(state).style : .plain
            return style.applied(to: "\(count) \(state)", if: session.console.output.usesColour)
        }
        let stale = page.items.count { $0["stale"]?.asBool == true }
        let resting = try shownHosts.isEmpty ? 0 : inMaintenance()
        let counted = parts.joined(separator: ", ") + (stale > 0 ? "; \(stale) stale (!)" : "")
        let checks = resting == 1 ? "1 check of a host" : "\(resting) checks of hosts"
        return [counted] + (resting > 0 ? ["\(checks) in maintenance left out"] : [])
    }

    /// Checks that are left out.
    private func inMaintenance() throws(Failure) -> Int {
        let filters = try session.query(
            of: .listStatus, leavingOut: ["state", "page", "per_page", "sort", "maintenance"])
        let query = filters + [("maintenance", "true"), ("per_page", "1")]
        return Int(try session.connection().call(.listStatus, query: query)["total"]?.asInteger ?? 0)
    }

    /// Checks in every state: of the host, plugin and suite asked for, whatever states and pages are shown.
    private func counts(of page: Paging) throws(Failure) -> [String: Int] {
        let isFiltered = session.command.isGiven("problems") || session.command.isGiven("state")
        if page.isComplete, !isFiltered {
            return Dictionary(page.items.map { ($0["state"]?.asString ?? "", 1) }, uniquingKeysWith: +)
        }
        var counts: [String: Int] = [:]
        let filters =
            try session.query(of: .listStatus, leavingOut: ["state", "page", "per_page", "sort"])
            + shownHosts
        for state in Self.states {
            let query = filters + [("state", state), ("per_page", "1")]
            let answer = try session.connection().call(.listStatus, query: query)
            counts[state] = Int(answer["total"]?.asInteger ?? 0)
        }
        return counts
    }
}
