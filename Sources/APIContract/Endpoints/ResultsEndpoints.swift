import Model

extension Endpoint {
    private static let filters: [Field] =
        [
            Field("state", .strings, "states to show").among(CheckState.allCases.map(\.name))
        ] + Query.check + [
            Field("suite", .string, "name of a suite that brings the check")
        ]

    static let resultCalls: [Endpoint] = [
        Endpoint(
            id: .listStatus, method: .get, path: "\(root)/status",
            summary: "List the last result of every check, problems first unless sorted",
            query: filters + [Field("maintenance", .boolean, "whether its host is in maintenance")]
                + Query.page(sortedBy: Resource.status.sortNames), response: .page(.status)),
        Endpoint(
            id: .listHistory, method: .get, path: "\(root)/history", summary: "List results, newest first",
            query: filters + [
                Field("from", .time, "earliest due time"),
                Field("to", .time, "latest due time"),
                Field("cursor", .string, "where the last answer ended, as that answer said"),
                Field("limit", .integer, "items at most").within(1...1000).with(default: 100),
            ], response: .cursorPage(.status)),
        Endpoint(
            id: .runCheck, method: .post, path: "\(root)/checks",
            summary:
                "Run a check now: 200 with the result, or 202 with the id when it takes longer than the wait",
            body: .fields(
                name: "CheckRequest",
                [
                    Field("host", .string, "name of the host").required,
                    Field("plugin", .string, "name of the plugin").required,
                    Field("wait", .number, "time to wait for the result").within(0...300)
                        .accepting("a number from 0 to 300 (seconds)").measured(in: "seconds")
                        .with(default: 0),
                ]), response: .object(.check), success: [200, 202], refusals: [404, 409, 503]),
        Endpoint(
            id: .getCheck, method: .get, path: "\(root)/checks/{id}", summary: "Get a run that was asked for",
            response: .object(.check), refusals: [404]),
        Endpoint(
            id: .runDiscovery, method: .post, path: "\(root)/subnets/{name}/discoveries",
            summary: "Begin a sweep of a subnet", response: .object(.discovery), success: [202],
            refusals: [404, 409]),
        Endpoint(
            id: .getDiscovery, method: .get, path: "\(root)/discoveries/{id}",
            summary: "Get a sweep with what came of it so far", response: .object(.discovery),
            refusals: [404]),
    ]
}
