import Model
import Posix
import Statistics

/// Everything the engine counts, as Prometheus reads it.
struct EngineMetrics: Sendable {
    /// Of the roles that run in this process.
    func families(
        scheduler: Scheduler?, worker: Worker?, recorder: Recorder?, queues: JobQueues
    ) async -> [MetricFamily] {
        var all: [MetricFamily] = []
        if let scheduler { all += await families(of: scheduler) }
        if let worker { all += await families(of: worker) }
        all.append(waiting(in: queues))
        if let recorder { all += await families(of: recorder) }
        let usage = ProcessUsage.now()
        all += [
            gauge("process_resident_memory_bytes", "Resident memory.", Double(usage.residentBytes)),
            counter(
                "process_cpu_seconds_total", "CPU time used by the engine itself.",
                usage.processorTime / .seconds(1)),
        ]
        if let recorder { all += samples(await recorder.archiveCounters) }
        if let worker { all += executors(await worker.executorCounts) }
        return all
    }

    private func families(of scheduler: Scheduler) async -> [MetricFamily] {
        [
            gauge("ppalette_checks_scheduled", "Checks in the timetable.", Double(await scheduler.count)),
            MetricFamily(
                name: "ppalette_runs_skipped_total", help: "Runs that did not take place, by reason.",
                kind: .counter,
                samples: await scheduler.skipped().map {
                    .init(Double($0.count), labels: [.init("reason", $0.reason.rawValue)])
                }),
        ]
    }

    private func families(of worker: Worker) async -> [MetricFamily] {
        let tally = await worker.tally
        return [
            gauge("ppalette_checks_running", "Checks running now.", Double(await worker.inFlight)),
            MetricFamily(
                name: "ppalette_checks_total", help: "Runs that ended, by cause.", kind: .counter,
                samples: Cause.allCases.map {
                    .init(Double(tally.ended[$0] ?? 0), labels: [.init("cause", $0.rawValue)])
                }),
            MetricFamily(
                name: "ppalette_check_lateness_seconds", help: "From due to start.", kind: .histogram,
                samples: tally.lateness.samples()),
            MetricFamily(
                name: "ppalette_check_lateness_quantile_seconds",
                help: "Lateness that this share does not exceed.",
                kind: .gauge,
                samples: [0.5, 0.99, 0.999].map {
                    .init((tally.lateness.quantile($0) ?? 0) / 1000, labels: [.init("quantile", "\($0)")])
                }),
            MetricFamily(
                name: "ppalette_check_duration_seconds", help: "From start to end.", kind: .histogram,
                samples: tally.durations.samples()),
        ]
    }

    private func waiting(in queues: JobQueues) -> MetricFamily {
        MetricFamily(
            name: "ppalette_jobs_waiting", help: "Jobs that wait for a worker, by queue.", kind: .gauge,
            samples: [
                .init(Double(queues.builtin.count), labels: [.init("queue", "builtin")]),
                .init(Double(queues.local.count), labels: [.init("queue", "local")]),
                .init(Double(queues.ssh.count), labels: [.init("queue", "ssh")]),
                .init(Double(queues.discovery.count), labels: [.init("queue", "discovery")]),
            ])
    }

    private func families(of recorder: Recorder) async -> [MetricFamily] {
        let recorded = await recorder.tally
        let spool = await recorder.spoolCounters
        let received = await recorder.received ?? Reception.Tally()
        return [
            MetricFamily(
                name: "ppalette_results_total", help: "Results by what became of them.", kind: .counter,
                samples: [
                    .init(Double(recorded.stored), labels: [.init("outcome", "stored")]),
                    .init(Double(recorded.duplicates), labels: [.init("outcome", "duplicate")]),
                    .init(Double(recorded.outdated), labels: [.init("outcome", "outdated")]),
                    .init(Double(recorded.orphaned), labels: [.init("outcome", "orphaned")]),
                    .init(Double(received.foreign), labels: [.init("outcome", "foreign")]),
                ]),
            counter(
                "ppalette_results_clamped_total", "Results with times that cannot be, which were mended.",
                Double(received.clamped)),
            counter(
                "ppalette_store_failures_total", "Batches that the database refused.",
                Double(recorded.failures)),
            gauge(
                "ppalette_spool_bytes", "Results on disk that wait for the database.", Double(spool.bytes)),
            counter(
                "ppalette_results_spooled_total", "Results that went to the spool.", Double(spool.spooled)),
            counter(
                "ppalette_results_lost_total", "Results that the full spool dropped.", Double(spool.dropped)),
            counter(
                "ppalette_results_refused_total", "Results that the database never takes, set aside.",
                Double(recorded.refused)),
            gauge(
                "ppalette_record_lag_seconds", "From a result's end to its commit, last batch.", recorded.lag),
        ]
    }

    private func samples(_ counters: Archives.Counters) -> [MetricFamily] {
        [
            byKind(
                "ppalette_archive_samples_total", "Samples for the archives by what became of them.",
                "outcome",
                [
                    ("written", counters.written), ("duplicate", counters.duplicates),
                    ("future", counters.future), ("refused", counters.refused), ("failed", counters.failed),
                ])
        ]
    }

    private func executors(_ counts: ExecutorCounts?) -> [MetricFamily] {
        guard let counts else { return [] }
        let (plugins, echoes, ssh) = (counts.plugins, counts.echoes, counts.ssh)
        return [
            counter("ppalette_plugins_started_total", "Local plugins started.", Double(plugins.spawned)),
            counter(
                "ppalette_plugin_start_failures_total", "Local plugins that could not be started.",
                Double(plugins.spawnFailures)),
            counter(
                "ppalette_plugin_leftovers_killed_total", "Processes that plugins left behind.",
                Double(plugins.leftoversKilled)),
            gauge(
                "ppalette_plugin_stragglers", "Plugins that are over and cannot be killed.",
                Double(plugins.stragglers)),
            counter(
                "ppalette_plugin_output_dropped_bytes_total", "Output beyond the limits.",
                Double(plugins.droppedBytes)),
            byKind(
                "ppalette_warm_runs_total", "Runs of plugins that are to be kept warm, by how they began.",
                "start", [("warm", plugins.warm.warmRuns), ("cold", plugins.warm.coldRuns)]),
            gauge(
                "ppalette_warm_helpers", "Interpreters that wait for runs.", Double(plugins.warm.helpers)),
            counter(
                "ppalette_warm_helper_starts_total", "Interpreters started to be kept warm.",
                Double(plugins.warm.helperStarts)),
            gauge(
                "ppalette_warm_refusals", "Scripts that are to be kept warm and cannot.",
                Double(plugins.warm.refusals)),
            byKind(
                "ppalette_icmp_messages_total", "ICMP messages by what they were.", "kind",
                [
                    ("sent", Int(clamping: echoes.sent)), ("received", Int(clamping: echoes.received)),
                    ("duplicate", Int(clamping: echoes.duplicates)), ("late", Int(clamping: echoes.late)),
                    ("foreign", Int(clamping: echoes.foreign)),
                    ("dropped", Int(clamping: counts.echoesDropped)),
                ]),
            gauge("ppalette_ssh_sessions", "SSH sessions open.", Double(ssh.sessions)),
            gauge("ppalette_ssh_channels", "SSH channels open.", Double(ssh.channels)),
            byKind(
                "ppalette_ssh_events_total", "What happened to SSH connections.", "event",
                [
                    ("connect", ssh.connects), ("connect_failed", ssh.failedConnects),
                    ("channel_refused", ssh.refusals), ("breaker_tripped", ssh.breakerTrips),
                ]),
        ]
    }

    private func byKind(
        _ name: String, _ help: String, _ label: String, _ counts: [(String, Int)]
    ) -> MetricFamily {
        MetricFamily(
            name: name, help: help, kind: .counter,
            samples: counts.map { .init(Double($0.1), labels: [.init(label, $0.0)]) })
    }

    private func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .gauge, samples: [.init(value)])
    }

    private func counter(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .counter, samples: [.init(value)])
    }
}
