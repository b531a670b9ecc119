import Model

extension Resource {
    package static let performanceDatum = Resource(
        name: "PerformanceDatum", noun: "performance datum", plural: "performance data",
        summary: "One measured value of a plugin",
        fields: [
            Field("label", .string, "what was measured"),
            Field("value", .number, "the value; null when the plugin could not tell").nullable,
            Field("unit", .string, "unit as the plugin wrote it, empty for none"),
            Field("warning", .string, "warning range as written").nullable,
            Field("critical", .string, "critical range as written").nullable,
            Field("minimum", .number, "least possible value").nullable,
            Field("maximum", .number, "greatest possible value").nullable,
        ])

    /// The fields of the last result of a check; ``check`` has them too.
    private static let statusFields: [Field] = [
        Field("host", .string, "name of the host").sortable,
        Field("plugin", .string, "name of the plugin").sortable,
        Field("state", .string, "state; pending before the first run").among(CheckState.allCases.map(\.name))
            .sortable,
        Field("exit_code", .integer, "exit code; minus the signal's number; null when there was none")
            .nullable.sortable,
        Field(
            "cause", .string,
            "how the run ended; internal beside another state: the engine could not carry out the last run, all but "
                + "cause and stderr is of the run before it"
        ).among(Cause.allCases.map(\.rawValue)).nullable.sortable,
        Field("output", .string, "first line of the output, without performance data").sortable,
        Field("long_output", .string, "further lines of the output"),
        Field("stderr", .string, "standard error, at most 4 KiB"),
        Field("performance_data", .objects("PerformanceDatum"), "measured values"),
        Field("scheduled_at", .time, "when the run was due").nullable.sortable,
        Field("started_at", .time, "when the run started").nullable.sortable,
        Field("duration_ms", .number, "how long the run took").nullable.sortable.measured(in: "milliseconds"),
        Field("latency_ms", .number, "how late the run started").nullable.sortable.measured(
            in: "milliseconds"),
        Field("state_since", .time, "since when it has been in this state").nullable.sortable,
        Field("worker", .string, "name of the worker that ran it").nullable.sortable,
        Field("stale", .boolean, "whether a newer result should have come"),
        Field("truncated", .boolean, "whether output beyond the limit was dropped"),
    ]

    package static let status = Resource(
        name: "Status", noun: "status", plural: "status", summary: "The last result of a check",
        fields: statusFields)

    package static let check = Resource(
        name: "Check", noun: "check", plural: "checks",
        summary: "A run that a person asked for; its result once it is finished, until then state pending",
        fields: [
            Field("id", .string, "names the run for ten minutes after it finished"),
            Field("requested_at", .time, "when it was asked for"),
            Field("finished", .boolean, "whether the result is there"),
        ] + statusFields)

    package static let discovery = Resource(
        name: "Discovery", noun: "discovery", plural: "discoveries", summary: "A sweep of a subnet",
        fields: [
            Field("id", .integer, "number of the sweep"),
            Field("subnet", .string, "name of the subnet"),
            Field("network", .string, "the network that is swept"),
            Field("state", .string, "how far it is").among(["running", "done", "failed"]),
            Field("started_at", .time, "when it began"),
            Field("ended_at", .time, "when it was over").nullable,
            Field("total", .integer, "addresses to ask"),
            Field("scanned", .integer, "addresses asked so far"),
            Field("alive", .integer, "addresses that answered"),
            Field("added", .integer, "hosts added"),
            Field("known", .integer, "answers from hosts that were there already"),
            Field("refused", .integer, "addresses that could not be added"),
            Field("added_hosts", .strings, "names of the hosts added"),
            Field("refusals", .strings, "addresses that could not be added, each with the reason"),
            Field("failure", .string, "why it failed").nullable,
        ])
}
