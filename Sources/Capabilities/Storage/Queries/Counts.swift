import Model
import SQL

extension Database {
    func schedule() throws(StoreError) -> ScheduleSnapshot {
        ScheduleSnapshot(
            hosts: try allHosts(), plugins: try allPlugins(), subnets: try allSubnets(),
            checks: try rows("SELECT host_id, plugin_id FROM checks") { $0.checkID })
    }

    /// Keeps the newest report of each worker; an older one that comes late changes nothing.
    ///
    /// A row from the future of `now` was written under a wrong clock and gives way.
    func record(_ reports: [WorkerReport], now: Timestamp) throws(StoreError) {
        for report in reports {
            try run(
                """
                INSERT INTO workers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET sent_at = excluded.sent_at, version = excluded.version,
                address = excluded.address, heartbeat = excluded.heartbeat,
                worker_count = excluded.worker_count, worker_alive = excluded.worker_alive,
                in_flight = excluded.in_flight, input_queue_size = excluded.input_queue_size,
                throughput = excluded.throughput, latency_ms = excluded.latency_ms,
                execution_ms = excluded.execution_ms, ram_used = excluded.ram_used, cpu = excluded.cpu,
                condition = excluded.condition
                WHERE excluded.sent_at > workers.sent_at OR workers.sent_at > ?
                """,
                report.name, report.sentAt, report.version, report.address, report.heartbeat,
                report.workerCount, report.workerAlive, report.inFlight, report.inputQueueSize,
                report.throughput, report.latencyMilliseconds, report.executionMilliseconds, report.ramUsed,
                report.cpu, report.condition.rawValue, now + .seconds(60))
        }
    }

    func workers() throws(StoreError) -> [WorkerReport] {
        try rows(
            """
            SELECT name, sent_at, version, address, heartbeat, worker_count, worker_alive, in_flight,
            input_queue_size, throughput, latency_ms, execution_ms, ram_used, cpu, condition
            FROM workers ORDER BY name
            """
        ) { row in
            WorkerReport(
                name: row.text(0), sentAt: row.timestamp(1), version: row.text(2), address: row.text(3),
                heartbeat: row.int(4), workerCount: row.int(5), workerAlive: row.int(6), inFlight: row.int(7),
                inputQueueSize: row.int(8), throughput: row.double(9), latencyMilliseconds: row.double(10),
                executionMilliseconds: row.double(11), ramUsed: row.int(12), cpu: row.double(13),
                condition: WorkerReport.Condition(rawValue: row.text(14)) ?? .working)
        }
    }
}
