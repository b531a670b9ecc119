import CommandLine

extension Commands {
    /// What the manual page says beyond the commands.
    static let manualSections = [
        ManualSection(
            "Signals",
            [
                .init(
                    "TERM, INT",
                    "End: no new run begins, running checks have \(Lifecycle.grace.components.seconds) seconds, "
                        + "every result is recorded."),
                .init(
                    "HUP",
                    "Nothing is read again: objects are changed through the API, a changed configuration file needs a restart."
                ),
            ]),
        ManualSection("Environment", variables),
        ManualSection(
            "Files",
            [
                .init(Configuration.defaultFile, "The configuration; every key is explained in the sample."),
                .init("<state_dir>/ppalette.db", "Database: objects, current status and history (SQLite)."),
                .init(
                    "<state_dir>/ppalette.db.reserve",
                    "Room that is given up when the disk is full, so that the database can still be changed."),
                .init(
                    "<state_dir>/statistics/",
                    "Archives in the format of rrdtool: global.rrd, workers/NAME.rrd."),
                .init("<state_dir>/spool/", "Results that wait while the database cannot be used."),
                .init(
                    "<state_dir>/admin.token",
                    "The administrator's token, made at the first start; mode 0600."),
                .init("<state_dir>/lock", "Held while an engine runs: one engine a state directory."),
            ]),
        ManualSection(
            "Exit status",
            [
                .init("0", "Ended as it was told to, or the configuration is fine."),
                .init(
                    "\(Node.Exit.refused)",
                    "The engine cannot run: configuration, state directory, port. A sentence on standard error says why."
                ),
                .init("\(Node.Exit.usage)", "The command line cannot be understood."),
            ]),
        ManualSection(
            "See also",
            [
                .init("ppadm(1)", "Shows and changes what the engine does."),
                .init("rrdtool(1), sqlite3(1), psql(1)", "Read the archives and the database."),
            ]),
    ]

    /// A variable for every setting.
    private static var variables: [ManualSection.Entry] {
        let own = Settings.all.map { setting in
            ManualSection.Entry(
                setting.variable,
                setting.isSecret
                    ? "The \(setting.help). It has no place in the configuration."
                    : "Goes before \(setting.key): \(setting.help). It is \(setting.accepted).")
        }
        let others = [
            ManualSection.Entry("HOME", "The folder that ~ stands for in the configuration."),
            ManualSection.Entry("SSH_AUTH_SOCK", "The SSH agent that is asked before the key files."),
        ]
        return own + others
    }
}
