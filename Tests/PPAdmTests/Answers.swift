/// Answers as the API gives them.
enum Answers {
    static let hosts = page([
        #"""
        {"name": "web1", "address": "192.0.2.10", "login": "ppalette", "port": 22, "maintenance": false,
         "history": true, "suites": ["base", "web"], "subnet": "office", "labels": {"role": "web"}, "variables": {}}
        """#,
        #"""
        {"name": "=cmd|x", "address": "2001:db8::1", "login": "ppalette", "port": 22, "maintenance": true,
         "history": false, "suites": [], "subnet": null, "labels": {}, "variables": {}}
        """#,
    ])

    static let host = #"""
        {"name": "web1", "address": "192.0.2.10", "login": "ppalette", "port": 22, "maintenance": false,
         "history": true, "suites": ["base", "web"], "subnet": "office", "labels": {"role": "web", "os": "bsd"},
         "variables": {}}
        """#

    /// One check a state; the first output holds an escape sequence, a bidirectional mark and a tab.
    static let statuses = [
        status(
            "db1", "disk", "critical", since: "2026-11-21T11:56:48.000Z",
            output: #"DISK\u001b[31m \u202e\t99% full"#),
        status(
            "db1", "icmp", "unknown", since: "2026-11-19T08:00:00.000Z", output: "",
            stderr: #"no route\nat all"#),
        status(
            "web1", "http", "warning", since: "2026-11-21T11:59:59.000Z",
            output:
                "HTTP 200 but the answer took 4.2 s which is longer than the two seconds that are allowed here",
            stale: true),
        status("web1", "new", "pending", since: nil, output: ""),
        status(
            "web1", "users", "pending", since: nil,
            output: "cannot make a pipe for check_users: too many open files", cause: "internal"),
        status(
            "web1", "load", "ok", since: "2026-11-21T11:00:00.000Z", output: "LOAD OK",
            stderr: "cannot start a process for check_load", cause: "internal"),
        status("ウェブ1", "icmp", "ok", since: "2026-09-01T00:00:00.000Z", output: "rta 0.1 ms"),
    ]

    static func status(
        _ host: String, _ plugin: String, _ state: String, since: String?, output: String,
        stderr: String = "",
        stale: Bool = false, cause: String = "exited"
    ) -> String {
        let time = since.map { "\"\($0)\"" } ?? "null"
        return """
            {"host": "\(host)", "plugin": "\(plugin)", "state": "\(state)", "exit_code": 2, "cause": "\(cause)",
             "output": "\(output)", "long_output": "", "stderr": "\(stderr)", "performance_data":
             [{"label": "rta", "value": 0.125, "unit": "ms", "warning": "100", "critical": "200", "minimum": 0,
             "maximum": null}, {"label": "pl", "value": null, "unit": "%", "warning": null, "critical": null,
             "minimum": null, "maximum": null}], "scheduled_at": \(time), "started_at": \(time),
             "duration_ms": 12.3456, "latency_ms": 0.5, "state_since": \(time), "worker": "w1", "stale": \(stale),
             "truncated": false}
            """
    }

    static func page(_ items: [String], total: Int? = nil) -> FakeAPI.Answer {
        let list = items.joined(separator: ",")
        return FakeAPI.Answer(
            body: #"{"items": [\#(list)], "total": \#(total ?? items.count), "page": 1, "per_page": 50}"#)
    }

    static let schedule = page([
        #"""
        {"host": "web1", "plugin": "http", "interval": 60, "next_run": "2026-11-21T12:00:42.000Z",
         "last_run": "2026-11-21T11:59:42.000Z", "lateness_ms": 1.23456, "skipped": 0}
        """#,
        #"""
        {"host": "web1", "plugin": "new", "interval": 3600, "next_run": "2026-11-21T12:31:00.000Z",
         "last_run": null, "lateness_ms": null, "skipped": 3}
        """#,
    ])

    static let workers = page([
        #"""
        {"name": "w1", "state": "alive", "last_seen": "2026-11-21T11:59:50.000Z", "version": "0.1.0",
         "address": "node1", "throughput": 20.25, "in_flight": 3, "input_queue_size": 0}
        """#,
        #"""
        {"name": "w2", "state": "lost", "last_seen": "2026-11-20T11:00:00.000Z", "version": "0.1.0",
         "address": "node2", "throughput": 0, "in_flight": 0, "input_queue_size": 0}
        """#,
    ])

    static let statistics = FakeAPI.Answer(
        body: #"""
            {"step": 60, "series": {"checks_ok": [[1795262280, 1], [1795262340, 4.5], [1795262400, null]],
             "checks_error": [[1795262280, null], [1795262340, null], [1795262400, null]]}}
            """#)

    static let health = FakeAPI.Answer(
        status: 503,
        body: #"""
            {"state": "error", "version": "0.1.0", "started_at": "2026-11-21T10:00:00.000Z", "parts": [
             {"name": "store", "state": "error", "detail": "the disk is full"},
             {"name": "scheduler", "state": "ok", "detail": ""}]}
            """#)

    static func discovery(_ state: String, scanned: Int) -> FakeAPI.Answer {
        FakeAPI.Answer(
            status: state == "running" && scanned == 0 ? 202 : 200,
            body: #"""
                {"id": 7, "subnet": "office", "network": "192.0.2.0/24", "state": "\#(state)",
                 "started_at": "2026-11-21T11:59:50.000Z", "ended_at": null, "total": 254, "scanned": \#(scanned),
                 "alive": 2, "added": 1, "known": 1, "refused": 0, "added_hosts": ["printer"], "refusals": [],
                 "failure": \#(state == "failed" ? "\"no raw socket\"" : "null")}
                """#)
    }

    static func check(finished: Bool) -> FakeAPI.Answer {
        let status = status("web1", "icmp", finished ? "ok" : "pending", since: nil, output: "rta 0.1 ms")
        let head = #"{"id": "c1", "requested_at": "2026-11-21T12:00:00.000Z", "finished": \#(finished),"#
        return FakeAPI.Answer(status: finished ? 200 : 202, body: head + status.dropFirst())
    }
}
