package import CommandLine

extension PPAdm {
    package static let version = "0.1.0"

    /// The declaration of the whole command line.
    package static var program: ProgramSpecification { program(Command.all()) }

    static func program(_ commands: [Command]) -> ProgramSpecification {
        ProgramSpecification(
            name: "ppadm", version: version, summary: "look at and change what ppalette monitors",
            description: [
                "ppadm talks to the REST API of a running ppalette engine: it shows the status of all checks, "
                    + "keeps the list of hosts, plugins, suites and subnets, and runs checks and discoveries at once.",
                "Lists are written with commas or by repeating the option; an empty value ('') clears a list "
                    + "or takes a suite or subnet away. Switches are on or off.",
            ],
            wordKinds: ["verb", "noun"], globalOptions: globalOptions,
            commands: commands.map(\.specification),
            sections: sections, manualDate: "November 21, 2026")
    }

    private static let globalOptions = [
        OptionSpecification(
            "format", short: "o", aliases: ["output"],
            value: .choice(Session.Format.allCases.map(\.rawValue)),
            help: "How to print data.", defaultText: "table"),
        OptionSpecification(
            "url", valueName: "URL", help: "Where the API is.", defaultText: Settings.defaultURL),
        OptionSpecification("token-file", value: .file, help: "File that holds the access token."),
        OptionSpecification(
            "color", aliases: ["colour"], value: .choice(Terminal.ColourChoice.allCases.map(\.rawValue)),
            help: "Whether to use colours.", defaultText: "auto, which is on a terminal"),
    ]

    private static let sections = [
        ManualSection(
            "Environment",
            [
                .init("PPADM_URL", "Where the API is, unless --url is given."),
                .init("PPADM_TOKEN", "The access token, unless --token-file is given."),
                .init("NO_COLOR", "When set and not empty, no colours are used unless --color is given."),
                .init("COLUMNS", "Width of a terminal that does not tell it."),
                .init("XDG_CONFIG_HOME", "Folder of the configuration in place of ~/.config."),
            ]),
        ManualSection(
            "Files",
            [
                .init(
                    "~/.config/ppadm/config.yaml",
                    "The person's own configuration: lines of 'url: URL' and 'token_file: FILE'."),
                .init(
                    "/var/lib/ppalette/admin.token",
                    "The administrator's token that the engine writes at its first start. "
                        + "It and ./var/admin.token are tried last, and only for an API on this machine."),
            ]),
        ManualSection(
            "Exit status",
            [
                .init("0", "Done. A check that was run may have any state."),
                .init(
                    "1",
                    "The API refused; its sentence is on standard error. Also: a file could not be written."),
                .init("2", "The command line cannot be understood."),
                .init("3", "No connection to the API."),
            ]),
        ManualSection(
            "Examples", isLiteral: true,
            [
                .init("ppadm show status --problems --watch", "Look at everything that is not OK, for ever."),
                .init(
                    "ppadm add host web1 --address 192.0.2.10 --suites web,base --label role=web",
                    "Add a host with two suites and a label."),
                .init("ppadm edit host web1 --maintenance on", "Stop the checks of a host."),
                .init("ppadm run check --host web1 --plugin ping", "Run a check now and show its result."),
                .init("ppadm list hosts -o csv > hosts.csv", "Export all hosts."),
            ]),
    ]
}
