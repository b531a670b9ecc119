import APIContract
import JSON
import Model
import Testing

@Suite("The declaration of the API")
struct ContractTests {
    @Test("every call is declared exactly once, and no two share method and path")
    func unique() {
        #expect(
            Endpoint.all.map(\.id).sorted { $0.rawValue < $1.rawValue }
                == EndpointID.allCases.sorted { $0.rawValue < $1.rawValue })
        #expect(Set(Endpoint.all.map { "\($0.method) \($0.path)" }).count == Endpoint.all.count)
    }

    @Test(
        "fields are those that were promised",
        arguments: [
            ("Host", "name address login port maintenance history suites subnet labels variables zone"),
            (
                "Plugin",
                "name runner script arguments interval timeout description suites allow_silent allow_background warm zones quorum"
            ),
            ("Suite", "name description plugins hosts subnets"),
            ("Subnet", "name network suite auto_discovery interval discovered_maintenance zone"),
            (
                "Status",
                "host plugin state exit_code cause output long_output stderr performance_data scheduled_at "
                    + "started_at duration_ms latency_ms state_since worker stale truncated"
            ),
            ("PerformanceDatum", "label value unit warning critical minimum maximum"),
            ("ScheduleEntry", "host plugin interval next_run last_run lateness_ms skipped"),
            ("Worker", "name state last_seen version address throughput in_flight input_queue_size"),
            ("Statistics", "step series"),
        ])
    func fields(resource: String, names: String) {
        #expect(Resource.named(resource)?.fields.map(\.name).joined(separator: " ") == names)
    }

    @Test("views have the declared fields in the declared order")
    func views() {
        let views: [(Resource, JSONValue)] = [
            (.host, Host(name: "h", address: "192.0.2.1").view),
            (.plugin, Plugin(name: "p", script: "s").view),
            (.suite, Suite(name: "s").view), (.subnet, Subnet(name: "n", network: "192.0.2.0/24").view),
        ]
        for (resource, view) in views {
            #expect(view.asObject?.map(\.name) == resource.fields.map(\.name))
        }
    }

    @Test("defaults of the declaration are those of the model")
    func defaults() {
        let views: [(Resource, JSONValue)] = [
            (.host, Host(name: "h", address: "192.0.2.1").view),
            (.plugin, Plugin(name: "p", script: "s").view),
            (.suite, Suite(name: "s").view), (.subnet, Subnet(name: "n", network: "192.0.2.0/24").view),
        ]
        for (resource, view) in views {
            for field in resource.fields {
                guard let value = field.defaultValue else { continue }
                #expect(view[field.name] == value, "\(resource.name).\(field.name)")
            }
        }
    }

    @Test("a path is filled in with its values encoded")
    func paths() {
        #expect(Endpoint.named(.getHost).path(["name": "a b/ä"]) == "/api/v1/hosts/a%20b%2F%C3%A4")
        #expect(Endpoint.named(.workerGraph).path(["name": "w.1"]) == "/api/v1/graphs/workers/w.1.png")
        #expect(Endpoint.named(.getHost).path() == nil)
    }

    @Test(
        "a body that does not fit is refused by field, with what is accepted",
        arguments: [
            (#"{"adress":"192.0.2.1"}"#, "adress", "unknown field; did you mean address?"),
            (#"{"address":1}"#, "address", "must be an IPv4 or IPv6 address"),
            (#"{"port":0}"#, "port", "must be an integer from 1 to 65535"),
            (#"{"port":"22"}"#, "port", "must be an integer from 1 to 65535"),
            (#"{"port":22.5}"#, "port", "must be an integer from 1 to 65535"),
            (#"{"maintenance":"yes"}"#, "maintenance", "must be true or false"),
            (#"{"suites":"a"}"#, "suites", "must be a list of names of suites"),
            (#"{"suites":[1]}"#, "suites", "must be a list of names of suites"),
            (#"{"labels":{"a":1}}"#, "labels", "must be an object whose values are strings"),
            (#"{"name":null}"#, "name", "must be a string"),
            (#"{"subnet":5}"#, "subnet", "must be the name of a subnet or null"),
            (#"[]"#, "", "the body must be an object, not a list"),
        ])
    func badBodies(text: String, field: String, reason: String) throws {
        let value = try JSONValue(parsing: text)
        do {
            _ = try RequestBody(value, for: .edit(.host))
            Issue.record("accepted")
        } catch {
            #expect(error.errors.map(\.field) == [field] && error.errors.map(\.reason) == [reason])
        }
    }

    @Test("everything wrong with a body is told at once, missing fields too")
    func allErrors() {
        #expect(throws: InvalidValues.self) {
            try RequestBody(["interval": 0, "x": 1], for: .create(.plugin))
        }
        do {
            _ = try RequestBody(["interval": 0, "x": 1], for: .create(.plugin))
        } catch {
            #expect(error.errors.map(\.field) == ["interval", "x", "name", "script"])
        }
    }

    @Test(
        "PP-B4: an interval of 0, a negative and an empty one are refused",
        arguments: ["0", "-1", "\"\"", "null", "1e99"])
    func intervals(value: String) throws {
        let body = try JSONValue(parsing: "{\"interval\":\(value)}")
        #expect(throws: InvalidValues.self) { try RequestBody(body, for: .edit(.plugin)) }
        #expect(throws: InvalidValues.self) { try RequestBody(body, for: .edit(.subnet)) }
    }

    @Test(
        "a query that does not fit is refused by parameter",
        arguments: [
            ("page", "0", "must be an integer of at least 1"),
            ("page", "-1", "must be an integer of at least 1"),
            ("page", "x", "must be an integer of at least 1"),
            ("page", "", "is empty; give an integer of at least 1"),
            ("page", "+1", "must be an integer of at least 1"),
            ("page", "99999999999999999999", "must be an integer of at least 1"),
            ("per_page", "1001", "must be an integer from 1 to 1000"),
            ("perpage", "1", "unknown parameter; did you mean per_page?"),
            ("maintenance", "1", "must be true or false"), ("search", "", "is empty; give a string"),
        ])
    func badQueries(name: String, value: String, reason: String) {
        do {
            _ = try QueryValues(
                [(name: name, value: value)], for: Endpoint.named(.listHosts).query,
                now: Timestamp(seconds: 0))
            Issue.record("accepted")
        } catch {
            #expect(error.errors.map(\.field) == [name] && error.errors.map(\.reason) == [reason])
        }
    }

    @Test(
        "times are read in every promised form",
        arguments: [
            ("2026-07-01T12:00:00Z", 1_782_907_200), ("2026-07-01T14:00:00+02:00", 1_782_907_200),
            ("2026-07-01T14:00:00 02:00", 1_782_907_200), ("1782907200", 1_782_907_200),
            ("now", 1_000_000_000), ("-24h", 999_913_600), ("-90s", 999_999_910), ("-1w", 999_395_200),
        ])
    func times(text: String, seconds: Int64) {
        #expect(
            TimeExpression.parse(text, now: Timestamp(seconds: 1_000_000_000)) == Timestamp(seconds: seconds))
    }

    @Test(
        "texts that are no time are refused",
        arguments: [
            "", "-", "-5", "-5y", "-+5h", "+5", "1e9", "2026-13-01T00:00:00Z", "99999999999999",
            "-4294967295w",
        ])
    func noTimes(text: String) {
        #expect(TimeExpression.parse(text, now: Timestamp(seconds: 1_000_000_000)) == nil)
    }
}
