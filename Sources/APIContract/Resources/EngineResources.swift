extension Resource {
    package static let scheduleEntry = Resource(
        name: "ScheduleEntry", noun: "schedule entry", plural: "schedule",
        summary: "A check in the timetable",
        fields: [
            Field("host", .string, "name of the host").sortable,
            Field("plugin", .string, "name of the plugin").sortable,
            Field("interval", .integer, "time between two runs").measured(in: "seconds").sortable,
            Field("next_run", .time, "when it is due next").sortable,
            Field("last_run", .time, "when it was due last").nullable.sortable,
            Field("lateness_ms", .number, "how late its last run started").nullable.sortable
                .measured(in: "milliseconds"),
            Field("skipped", .integer, "runs skipped since the engine started").sortable,
        ])

    package static let worker = Resource(
        name: "Worker", noun: "worker", plural: "workers", summary: "A process that runs checks",
        fields: [
            Field("name", .string, "its name").sortable,
            Field(
                "state", .string,
                "warning after 3 heartbeats without a report, error after 10; isolated: it reaches no reference target"
            ).among(["alive", "isolated", "warning", "error", "stopped"]),
            Field("last_seen", .time, "when its last report was sent"),
            Field("version", .string, "version of its program"),
            Field("address", .string, "where it runs"),
            Field("throughput", .number, "results a second since the report before"),
            Field("in_flight", .integer, "checks running"),
            Field("input_queue_size", .integer, "jobs waiting"),
        ])

    package static let queue = Resource(
        name: "Queue", noun: "queue", plural: "queues", summary: "What waits between two roles",
        fields: [
            Field("name", .string, "its name").sortable,
            Field("zone", .string, "the zone whose jobs it carries; null for results").nullable,
            Field("waiting", .integer, "messages that wait, here and at the broker"),
            Field("capacity", .integer, "messages that may wait here"),
            Field(
                "consumers", .integer, "ends that take from it in all processes; null for a queue in memory"
            )
            .nullable,
            Field("dead_letters", .integer, "messages that nobody could read"),
            Field("trouble", .string, "what is wrong with it; null when all is well").nullable,
        ])

    package static let statistics = Resource(
        name: "Statistics", noun: "statistics", plural: "statistics", summary: "Values over time",
        fields: [
            Field("step", .integer, "time between two points").measured(in: "seconds"),
            Field("series", .series, "by name, pairs of Unix time and value or null"),
        ])

    package static let health = Resource(
        name: "Health", noun: "health", plural: "health", summary: "Whether the engine does its work",
        fields: [
            Field("state", .string, "the worst state of the parts").among(["ok", "warning", "error"]),
            Field("version", .string, "version of the engine; null without a token").nullable,
            Field("started_at", .time, "when the engine started; null without a token").nullable,
            Field("parts", .objects("HealthPart"), "part by part"),
        ])

    package static let healthPart = Resource(
        name: "HealthPart", noun: "part", plural: "parts", summary: "A part of the engine",
        fields: [
            Field("name", .string, "name of the part"),
            Field("state", .string, "its state").among(["ok", "warning", "error"]),
            Field("detail", .string, "a sentence when it is not ok; null without a token").nullable,
        ])
}
