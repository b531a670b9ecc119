import CommandLine
import Model
import Posix
import Scheduling
import Storage

/// Memory of 1,000,000 scheduled checks.
struct ScheduleMemory {
    static let benchmark = Benchmark(
        name: "memory", summary: "bytes a scheduled entry with 1,000,000 of them"
    ) { _ in try ScheduleMemory().run() }

    private static let hosts = 10_000
    private static let plugins = 100

    func run() throws -> [BenchmarkRow] {
        let (bytes, microseconds) = Self.timetable()
        let few = try Self.resident(hosts: 1, plugins: 1)
        let many = try Self.resident(hosts: Self.hosts, plugins: Self.plugins)
        let each = (many - few) / Double(Self.hosts * Self.plugins)
        return [
            .limited("memory: an entry of the timetable alone", bytes, limit: 400, unit: "B"),
            .limited("memory: an entry in all, resident", each, limit: 1000, unit: "B"),
            BenchmarkRow(
                what: "memory: the same beside an object of Nagios", ours: Figure([each]),
                baselineName: "Nagios 4.4.6", baseline: Figure([1600]), unit: "B", target: .atMost(1),
                note: "Nagios' figure by earlier measurement; Icinga 2: 10,800"),
            .limited("memory: CPU a run in that timetable", microseconds, limit: 2, unit: "µs"),
        ]
    }

    /// Resident bytes an entry of a timetable in this process, and what a run in it costs.
    private static func timetable() -> (bytes: Double, microseconds: Double) {
        let before = ProcessUsage.now().residentBytes
        var timetable = Timetable(start: Timestamp(seconds: 1_790_000_000))
        timetable.reserve(hosts * plugins)
        for host in 1...hosts {
            for plugin in 1...plugins {
                let check = CheckID(host: HostID(Int64(host)), plugin: PluginID(Int64(plugin)))
                timetable.set(check, interval: 300, timeout: 10, at: .zero)
            }
        }
        let bytes = Double(ProcessUsage.now().residentBytes - before) / Double(max(1, timetable.count))
        return (bytes, cost(of: &timetable))
    }

    /// Processor time of a run of a minute in which each run ends at once, in steps of two milliseconds, as the engine's.
    private static func cost(of timetable: inout Timetable) -> Double {
        let before = ProcessUsage.now().processorTime
        var runs = 0
        for step in 1...30_000 {
            let now = Duration.milliseconds(2 * step)
            guard case .dispatch(let due) = timetable.nextAction(at: now) else { continue }
            for run in due { timetable.finished(run.check, due: run.due) }
            runs += due.count
        }
        return (ProcessUsage.now().processorTime - before) / .microseconds(1) / Double(max(1, runs))
    }

    /// What the engine has resident once it has settled.
    private static func resident(hosts: Int, plugins: Int) throws -> Double {
        Benchmarks.complain("memory: \(hosts * plugins) checks")
        let objects = ObjectSet(hosts: hosts, pluginsOfEach: plugins, interval: 86_400)
        let engine = try MeasuredEngine { store in try await objects.fill(store) }
        _ = try engine.waitUntilUp(within: .seconds(120))
        // Its statistics, once a minute, count every check.
        Machine.pause(.seconds(65))
        return try engine.usage().residentMebibytes * 1_048_576
    }
}
