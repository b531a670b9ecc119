import CommandLine

/// The command line of `ppalette`, declared once.
enum Commands {
    private static let configuration = OptionSpecification(
        "config", value: .file, help: "Configuration file.",
        defaultText: "/etc/ppalette/ppalette.yaml when it exists, else the defaults")
    private static let stateDirectory = OptionSpecification(
        "state-dir", value: .file, valueName: "DIR",
        help: "Folder of database, archives, spool and token; goes before state_dir.")

    static let program = ProgramSpecification(
        name: "ppalette", version: Version.text, summary: "run nagios-style checks",
        description: [
            "Decides which checks are due, runs built-in ICMP checks and plugins locally or over SSH, records results in "
                + "SQL and statistics in RRD files, and serves the REST API that ppadm uses."
        ],
        commands: [
            CommandSpecification(
                ["run"], summary: "run the engine until it is told to end (TERM or INT)",
                options: [
                    configuration,
                    OptionSpecification(
                        "roles", value: .list, valueName: "ROLE,...",
                        help: "What this process does: scheduler, worker, recorder, api."),
                    stateDirectory,
                    OptionSpecification("listen", valueName: "ADDRESS:PORT", help: "Where the API listens."),
                ],
                examples: ["ppalette run --config /etc/ppalette/ppalette.yaml"]),
            CommandSpecification(
                ["check-config"], summary: "say whether the configuration can be used",
                options: [configuration, stateDirectory]),
            CommandSpecification(
                ["migrate"], summary: "move everything from SQLite to PostgreSQL while the engine is stopped",
                options: [
                    configuration, stateDirectory,
                    OptionSpecification(
                        "from", value: .choice(["sqlite"]),
                        help: "What to move: the database in the state directory.",
                        defaultText: "sqlite"),
                    OptionSpecification(
                        "to", valueName: "DATABASE",
                        help: "An empty database: postgresql://user@host:port/name.",
                        defaultText: "postgresql, that of the configuration"),
                ],
                examples: ["ppalette migrate --from sqlite --to postgresql://ppalette@db.example/ppalette"]),
            CommandSpecification(["version"], summary: "print the version"),
        ],
        sections: manualSections, manualDate: "November 21, 2026", manualSection: 8)
}
