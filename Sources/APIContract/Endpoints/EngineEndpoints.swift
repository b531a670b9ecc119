extension Endpoint {
    private static let span: [Field] = [
        Field("from", .time, "beginning; left out: 24 hours before the end"),
        Field("to", .time, "end; left out: now"),
    ]

    private static let series = Field("series", .strings, "names of the series; left out: all")

    private static let image: [Field] =
        span + [
            Field("width", .integer, "width of the picture").within(100...4000)
                .measured(in: "pixels").with(default: 900),
            Field("height", .integer, "height of the picture").within(50...2000)
                .measured(in: "pixels").with(default: 320), series,
        ]

    private static let points: [Field] =
        span + [
            Field("points", .integer, "points of a series at most").within(2...5000).with(default: 500),
            series,
        ]

    static let engineCalls: [Endpoint] = [
        Endpoint(
            id: .listSchedule, method: .get, path: "\(root)/schedule",
            summary: "List the timetable, next runs first unless sorted",
            query: Query.check + Query.page(sortedBy: Resource.scheduleEntry.sortNames),
            response: .page(.scheduleEntry)),
        Endpoint(
            id: .listWorkers, method: .get, path: "\(root)/workers", summary: "List the workers",
            query: Query.page(sortedBy: Resource.worker.sortNames), response: .page(.worker)),
        Endpoint(
            id: .listQueues, method: .get, path: "\(root)/queues",
            summary: "List the queues between the roles and what waits in them",
            query: Query.page(sortedBy: Resource.queue.sortNames), response: .page(.queue)),
        Endpoint(
            id: .globalStatistics, method: .get, path: "\(root)/statistics/global",
            summary: "Get the counts of hosts and checks over time", query: points,
            response: .object(.statistics), refusals: [404]),
        Endpoint(
            id: .workerStatistics, method: .get, path: "\(root)/statistics/workers/{name}",
            summary: "Get what a worker did over time", query: points, response: .object(.statistics),
            refusals: [404]),
        Endpoint(
            id: .globalGraph, method: .get, path: "\(root)/graphs/global.png",
            summary: "Draw the counts of hosts and checks", query: image,
            response: .content(type: "image/png"), refusals: [404]),
        Endpoint(
            id: .workerGraph, method: .get, path: "\(root)/graphs/workers/{name}.png",
            summary: "Draw what a worker did", query: image, response: .content(type: "image/png"),
            refusals: [404]),
        Endpoint(
            id: .health, method: .get, path: "\(root)/health",
            summary: "Tell whether the engine does its work; details need a token",
            response: .object(.health), success: [200, 503], needsToken: false),
        Endpoint(
            id: .openAPI, method: .get, path: "\(root)/openapi.json", summary: "Get this document",
            response: .document),
        Endpoint(
            id: .metrics, method: .get, path: "/metrics", summary: "Get everything counted, for Prometheus",
            response: .content(type: "text/plain")),
    ]
}
