import Baselines
import Log
import Model
import Posix
import Statistics

/// Reports of workers into their archives, beside a bare loop of `rrd_update_r` on the same files.
struct ArchiveUpdates {
    static let benchmark = Benchmark(
        name: "archives", summary: "updates of RRD archives, beside a loop of rrd_update_r"
    ) { try ArchiveUpdates().run(rounds: $0.rounds) }

    private static let workers = 100
    /// Samples of each archive in one measurement.
    private static let steps = 100
    private static let heartbeat = 60

    private struct Sample {
        let rate: Double
        let microseconds: Double
    }

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let home = try TemporaryFolder()
        let archives = Archives(folder: home.path, log: Log(part: "ppbench", level: .error))
        var step: Int64 = 26_666_667
        // The first sample makes the files.
        _ = try Self.record(archives, from: &step, steps: 1)
        let loop = ArchiveLoop(paths: (0..<Self.workers).map { "\(home.path)/workers/worker-\($0).rrd" })
        Benchmarks.complain("archives: \(rounds) times \(Self.workers * Self.steps) updates of each")
        let samples = try Turns.measure(
            rounds, ours: { try Self.record(archives, from: &step, steps: Self.steps) },
            baseline: {
                defer { step += Int64(Self.steps) }
                let times = try loop.run(
                    first: step * Int64(Self.heartbeat), seconds: Self.heartbeat, steps: Self.steps)
                return Sample(rate: times.perSecond, microseconds: times.cpuMicrosecondsEach)
            })
        return [
            BenchmarkRow(
                what: "archives: updates", ours: Figure(samples.ours.map(\.rate)), baselineName: "C loop",
                baseline: Figure(samples.baseline.map(\.rate)), unit: "/s", target: .atLeast(0.9)),
            BenchmarkRow(
                what: "archives: CPU an update", ours: Figure(samples.ours.map(\.microseconds)),
                baselineName: "C loop", baseline: Figure(samples.baseline.map(\.microseconds)), unit: "µs",
                target: .atMost(1.15)),
        ]
    }

    /// One report of each worker at each step, as the recorder gives them.
    private static func record(_ archives: Archives, from step: inout Int64, steps: Int) throws -> Sample {
        let first = step
        step += Int64(steps)
        let latch = Latch<(written: Int, sample: Sample)>()
        let batches = (0..<Int64(steps)).map { number in
            (Timestamp(seconds: (first + number) * Int64(heartbeat)), reports(number, at: first + number))
        }
        Task {
            let known = await archives.counters.written
            let (began, before) = (Clock.monotonicNanoseconds(), ProcessUsage.now().processorTime)
            for (time, reports) in batches { await archives.record(reports, now: time) }
            let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
            let used = (ProcessUsage.now().processorTime - before) / .seconds(1)
            let count = Double(workers * steps)
            let written = await archives.counters.written - known
            latch.open((written, Sample(rate: count / seconds, microseconds: used * 1e6 / count)))
        }
        guard let outcome = latch.wait(atMost: .seconds(120)), outcome.written == workers * steps else {
            throw BenchmarkFailure(description: "not every sample came into its archive")
        }
        return outcome.sample
    }

    private static func reports(_ number: Int64, at step: Int64) -> [WorkerReport] {
        (0..<workers).map { worker in
            WorkerReport(
                name: "worker-\(worker)", sentAt: Timestamp(seconds: step * Int64(heartbeat)), version: "1",
                address: "127.0.0.1", heartbeat: heartbeat, workerCount: 1, workerAlive: 1,
                inFlight: Int(number % 64), inputQueueSize: Int(number % 1000),
                throughput: 1200 + Double(number) / 7, latencyMilliseconds: 3 + Double(number) / 9,
                executionMilliseconds: 25 + Double(number) / 11, ramUsed: 100_000_000 + Int(number),
                cpu: Double(number % 100) / 3)
        }
    }
}
