import APIContract
import CommandLine
import JSON

extension Command {
    static var runCheck: Command {
        let fields = Endpoint.named(.runCheck).body.fields.filter { $0.name != "wait" }
        let wait = OptionSpecification(
            "wait", value: .number, valueName: "SECONDS",
            help: "Time to wait for the result; 0 does not wait.",
            defaultText: "120")
        let specification = CommandSpecification(
            ["run", .init("check", aliases: ["checks"])], summary: "Run a check now and show its result",
            details: ["The exit status is 0 whatever the state of the check is."],
            options: fields.flatMap { $0.options(isNew: true) } + [wait],
            examples: ["ppadm run check --host web1 --plugin ping"])
        return Command(specification) { session throws(Failure) in
            let run = try CheckRun(session).finish()
            switch session.format {
            case .json: session.showJSON(run)
            case .csv: session.showCSV([run], Resource.check.fields.map(\.name))
            case .table: session.console.print(CheckText(session).lines(of: run))
            }
        }
    }

    static var runDiscovery: Command {
        let subnet = OptionSpecification(
            "subnet", valueName: "SUBNET", help: "Name of the subnet.", isRequired: true,
            candidates: .lines(command: "names subnets"))
        let specification = CommandSpecification(
            ["run", .init("discovery", aliases: ["discoveries"])],
            summary: "Look for hosts in a subnet now and report what was found",
            options: [
                subnet,
                OptionSpecification(
                    "no-wait", value: .none, help: "Do not wait for the end; print the number."),
            ])
        return Command(specification) { session throws(Failure) in
            let name = session.command.text("subnet") ?? ""
            var sweep = try session.connection().call(.runDiscovery, ["name": name])
            let id = ValueText.plain(sweep["id"])
            while !session.command.isGiven("no-wait"), sweep["state"]?.asString == "running" {
                session.console.progress(progress(sweep))
                Surroundings.pause(.milliseconds(500))
                sweep = try session.connection().call(.getDiscovery, ["id": id])
            }
            session.console.endProgress()
            session.show(sweep, fields: Resource.discovery.fields.map(\.name))
            guard sweep["state"]?.asString == "failed" else { return }
            let reason = sweep["failure"]?.asString ?? "the engine does not say why"
            throw .refused(sentence: "the discovery of \(name) failed: \(reason)", fields: [])
        }
    }

    private static func progress(_ sweep: JSONValue) -> String {
        let counts = ["scanned", "total", "alive"].map { ValueText.plain(sweep[$0]) }
        let subnet = ValueText.plain(sweep["subnet"])
        return "\(subnet): \(counts[0]) of \(counts[1]) addresses asked, \(counts[2]) alive"
    }
}

/// Asks for a run and waits for its result.
private struct CheckRun {
    let session: Session
    let wait: Double

    init(_ session: Session) throws(Failure) {
        self.session = session
        wait = session.command.number("wait") ?? 120
        guard (0...86_400).contains(wait) else {
            throw session.usage(
                "--wait takes seconds from 0 to 86400, not '\(session.command.text("wait") ?? "")'")
        }
    }

    private var host: String { session.command.text("host") ?? "" }
    private var plugin: String { session.command.text("plugin") ?? "" }

    /// The run with its result; fails when that does not come in time.
    func finish() throws(Failure) -> JSONValue {
        let clock = ContinuousClock()
        let start = clock.now
        session.console.progress("running \(plugin) on \(host) ...")
        let body: JSONValue = [
            "host": .string(host), "plugin": .string(plugin), "wait": .number(min(wait, 2)),
        ]
        var run = try session.connection().call(.runCheck, body: body)
        while run["finished"]?.asBool != true, wait > 0 {
            let waited = clock.now - start
            guard waited < .seconds(wait) else {
                let id = ValueText.plain(run["id"])
                throw .refused(
                    sentence:
                        "no result of \(plugin) on \(host) within \(ValueText.decimal(wait)) s; the run goes on "
                        + "as \(id), see 'ppadm show status --host \(host)', or wait longer with --wait",
                    fields: [])
            }
            let age = Age.text(seconds: waited.components.seconds)
            session.console.progress("running \(plugin) on \(host), for \(age) so far ...")
            Surroundings.pause(.milliseconds(200))
            run = try session.connection().call(.getCheck, ["id": ValueText.plain(run["id"])])
        }
        session.console.endProgress()
        return run
    }
}
