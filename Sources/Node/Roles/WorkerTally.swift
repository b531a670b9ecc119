import Model
import Posix
import Statistics

/// What a worker has counted: since its start, and since its last report.
struct WorkerTally: Sendable {
    /// How late each run started.
    private(set) var lateness = Histogram()
    private(set) var durations = Histogram()
    private(set) var ended: [Cause: Int] = [:]
    /// Runs that failed by the engine's own trouble, since the last report and in the time before it.
    private var troubledNow = 0
    private var troubledBefore = 0
    private var meter: HeartbeatMeter
    private var usage = ProcessUsage.now()
    private var reportedAt: Duration

    /// Begins at `now` on the monotonic clock.
    init(now: Duration) {
        meter = HeartbeatMeter(now: now)
        reportedAt = now
    }

    mutating func record(_ result: CheckResult) {
        let late = result.started - result.due
        let took = result.ended - result.started
        lateness.record(late)
        durations.record(took)
        ended[result.cause, default: 0] += 1
        if result.cause == .internal { troubledNow += 1 }
        meter.record(latency: late, execution: took)
    }

    /// Runs that failed by the engine's own trouble lately: in one to two heartbeats.
    var troubled: Int { troubledBefore + troubledNow }

    /// What happened since the last call, with the memory and the share of a core that the process took.
    mutating func beat(now: Duration) -> (beat: HeartbeatMeter.Beat, residentBytes: Int, cpu: Double) {
        (troubledBefore, troubledNow) = (troubledNow, 0)
        let current = ProcessUsage.now()
        let cpu = current.share(since: usage, elapsed: now - reportedAt)
        usage = current
        reportedAt = now
        return (meter.beat(now: now), current.residentBytes, cpu)
    }
}
