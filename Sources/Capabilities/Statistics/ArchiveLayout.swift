import Model
import RRD

/// Which numbers the archives keep, in which order, and for how long.
enum ArchiveLayout {
    /// The archive of the whole.
    static func global(step: Int) -> Layout {
        layout(step: step, names: GlobalCounts.sourceNames)
    }

    /// The archive of one worker.
    static func worker(step: Int) -> Layout {
        layout(step: step, names: WorkerReport.sourceNames)
    }

    /// Values for a day at 60 s (8 hours at 20 s) one by one, and 744 of 60 together.
    ///
    /// A sample may be up to three steps late before its value is unknown, or a late second would lose
    /// everything.
    private static func layout(step: Int, names: [String]) -> Layout {
        Layout(
            step: step, sources: names.map { Layout.Source($0, heartbeat: 3 * step) },
            archives: Layout.Function.allCases.flatMap { function in
                [
                    Layout.Consolidation(function, steps: 1, rows: 1440),
                    Layout.Consolidation(function, steps: 60, rows: 744),
                ]
            })
    }
}

extension GlobalCounts {
    /// Names in the archive and in the API, in the order of ``sourceValues``.
    package static let sourceNames = [
        "hosts_all", "hosts_active", "hosts_active_up", "checks_all", "checks_active", "checks_ok",
        "checks_warn",
        "checks_error", "checks_incorrect",
    ]

    var sourceValues: [Double?] {
        [
            Double(hostsAll), Double(hostsActive), Double(hostsActiveUp), Double(checksAll),
            Double(checksActive), Double(checksOK), Double(checksWarn), Double(checksError),
            Double(checksIncorrect),
        ]
    }
}

extension WorkerReport {
    /// Names in the archive and in the API, in the order of ``sourceValues``.
    package static let sourceNames = [
        "worker_count", "worker_alive", "in_flight", "input_queue_size", "throughput", "latency_ms",
        "execution_ms", "ram_used", "cpu",
    ]

    /// A number that is not finite is unknown.
    var sourceValues: [Double?] {
        [
            Double(workerCount), Double(workerAlive), Double(inFlight), Double(inputQueueSize),
            known(throughput), known(latencyMilliseconds), known(executionMilliseconds), Double(ramUsed),
            known(cpu),
        ]
    }

    private func known(_ value: Double) -> Double? { value.isFinite ? value : nil }
}
