import Model
import Posix
import Statistics

/// What a worker has counted since it started.
struct WorkerTally: Sendable {
    private(set) var lateness = Histogram()
    private(set) var durations = Histogram()
    private(set) var ended: [Cause: Int] = [:]

    mutating func record(_ result: CheckResult) {
        lateness.record((result.started - result.due).milliseconds)
        durations.record((result.ended - result.started).milliseconds)
        ended[result.cause, default: 0] += 1
    }
}

/// What a worker counts from one report to the next.
struct WorkerWindow: Sendable {
    struct Usage: Sendable {
        let throughput: Double
        let latency: Double
        let execution: Double
        let residentBytes: Int
        let cpu: Double
    }

    private var began = Timestamp.now
    private var results = 0
    private var latency = 0.0
    private var execution = 0.0
    private var cpuBefore = ProcessUsage.now()

    mutating func record(_ result: CheckResult) {
        results += 1
        latency += (result.started - result.due).milliseconds
        execution += (result.ended - result.started).milliseconds
    }

    /// Sums up what was counted and begins anew.
    mutating func close(at now: Timestamp) -> Usage {
        let seconds = max(0.001, (now - began).milliseconds / 1000)
        let usage = ProcessUsage.now()
        let count = Double(max(1, results))
        defer {
            self = WorkerWindow()
        }
        return Usage(
            throughput: Double(results) / seconds, latency: latency / count, execution: execution / count,
            residentBytes: usage.residentBytes, cpu: (usage.cpuSeconds - cpuBefore.cpuSeconds) / seconds)
    }
}
