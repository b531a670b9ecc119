import Model
import SQL

extension Database {
    func counts() throws(StoreError) -> GlobalCounts {
        var counts = GlobalCounts()
        counts.hostsAll = Int(try number("SELECT COUNT(*) FROM hosts"))
        counts.hostsActive = Int(try number("SELECT COUNT(*) FROM hosts WHERE NOT maintenance"))
        counts.hostsActiveUp = Int(try number(Self.countActiveUp))
        counts.checksAll = Int(try number("SELECT COUNT(*) FROM checks"))
        let states = try rows(
            """
            SELECT state, COUNT(*) FROM checks JOIN hosts ON hosts.id = checks.host_id
            WHERE NOT hosts.maintenance GROUP BY state
            """
        ) { (state: CheckState(rawValue: $0.int(0)), count: $0.int(1)) }
        for (state, count) in states {
            counts.checksActive += count
            switch state {
            case .ok: counts.checksOK = count
            case .warning: counts.checksWarn = count
            case .critical: counts.checksError = count
            case .unknown: counts.checksIncorrect = count
            case .pending, nil: break
            }
        }
        return counts
    }

    /// Active hosts whose built-in ICMP checks are all OK; without one, all whose checks are all OK.
    private static let countActiveUp = """
        SELECT COUNT(*) FROM (
            SELECT SUM(is_echo) AS echoes, SUM(is_echo AND is_ok) AS echoes_ok, COUNT(*) AS checks,
                SUM(is_ok) AS checks_ok
            FROM (
                SELECT checks.host_id, checks.state = 0 AS is_ok,
                    plugins.runner = 'builtin' AND plugins.script = 'icmp' AS is_echo
                FROM checks CROSS JOIN hosts ON hosts.id = checks.host_id
                CROSS JOIN plugins ON plugins.id = checks.plugin_id
                WHERE NOT hosts.maintenance
            ) GROUP BY host_id
        ) WHERE CASE WHEN echoes > 0 THEN echoes = echoes_ok ELSE checks = checks_ok END
        """

    func schedule() throws(StoreError) -> ScheduleSnapshot {
        ScheduleSnapshot(
            hosts: try allHosts(), plugins: try allPlugins(), subnets: try allSubnets(),
            checks: try rows("SELECT host_id, plugin_id FROM checks") { $0.checkID })
    }

    /// Keeps the newest report of each worker; an older one that comes late changes nothing.
    func record(_ reports: [WorkerReport]) throws(StoreError) {
        for report in reports {
            try run(
                """
                INSERT INTO workers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET sent_at = excluded.sent_at, version = excluded.version,
                address = excluded.address, heartbeat = excluded.heartbeat,
                worker_count = excluded.worker_count, worker_alive = excluded.worker_alive,
                in_flight = excluded.in_flight, input_queue_size = excluded.input_queue_size,
                throughput = excluded.throughput, latency_ms = excluded.latency_ms,
                execution_ms = excluded.execution_ms, ram_used = excluded.ram_used, cpu = excluded.cpu
                WHERE excluded.sent_at > sent_at
                """,
                report.name, report.sentAt, report.version, report.address, report.heartbeat,
                report.workerCount, report.workerAlive, report.inFlight, report.inputQueueSize,
                report.throughput, report.latencyMilliseconds, report.executionMilliseconds, report.ramUsed,
                report.cpu)
        }
    }

    func workers() throws(StoreError) -> [WorkerReport] {
        try rows(
            """
            SELECT name, sent_at, version, address, heartbeat, worker_count, worker_alive, in_flight,
            input_queue_size, throughput, latency_ms, execution_ms, ram_used, cpu FROM workers ORDER BY name
            """
        ) { row in
            WorkerReport(
                name: row.text(0), sentAt: row.timestamp(1), version: row.text(2), address: row.text(3),
                heartbeat: row.int(4), workerCount: row.int(5), workerAlive: row.int(6), inFlight: row.int(7),
                inputQueueSize: row.int(8), throughput: row.double(9), latencyMilliseconds: row.double(10),
                executionMilliseconds: row.double(11), ramUsed: row.int(12), cpu: row.double(13))
        }
    }
}
