import Posix
import Storage

/// What an engine counted between two readings of its metrics.
struct MeasuredWindow {
    let seconds: Double
    private let first: [String: Double]
    private let last: [String: Double]

    init(seconds: Double, first: [String: Double], last: [String: Double]) {
        self.seconds = seconds
        self.first = first
        self.last = last
    }

    /// By how much a counter has grown.
    func growth(_ name: String) -> Double { (last[name] ?? 0) - (first[name] ?? 0) }

    /// Results that are in the database now and were not before.
    var recorded: Double { growth("ppalette_results_total{outcome=\"stored\"}") }

    /// The engine's own processor time, shared out among `count` of something.
    func microseconds(each count: Double) -> Double {
        growth("process_cpu_seconds_total") * 1e6 / max(1, count)
    }

    /// The upper bound in seconds of the bucket of lateness that holds this share of the runs.
    func lateness(_ share: Double) -> Double {
        let prefix = "ppalette_check_lateness_seconds_bucket{le=\""
        let buckets = last.keys.filter { $0.hasPrefix(prefix) }.map { name in
            let text = name.dropFirst(prefix.count).prefix { $0 != "\"" }
            return (bound: Double(text) ?? .infinity, count: growth(name))
        }.sorted { $0.bound < $1.bound }
        let wanted = share * (buckets.last?.count ?? 0)
        return buckets.first { $0.count >= wanted }?.bound ?? .infinity
    }

    /// Sum of the growth of all counters whose name with labels begins so.
    func growth(ofAll prefix: String) -> Double {
        last.keys.reduce(0) { $0 + ($1.hasPrefix(prefix) ? growth($1) : 0) }
    }
}

extension MeasuredEngine {
    /// Lets the engine find its pace for a while, then measures it for `length`.
    func window(_ length: Duration, after warmUp: Duration) throws -> MeasuredWindow {
        Machine.pause(warmUp)
        let first = try metrics()
        let began = Clock.monotonicNanoseconds()
        Machine.pause(length)
        let last = try metrics()
        return MeasuredWindow(
            seconds: Double(Clock.monotonicNanoseconds() - began) / 1e9, first: first, last: last)
    }

    /// An engine that runs the plugins of one folder, with so many places, once it is up.
    static func saturated(
        folder: String, width: Int, more: String = "",
        _ fill: @escaping @Sendable (any Store) async throws -> Void
    ) throws -> MeasuredEngine {
        let engine = try MeasuredEngine(
            configuration: """
                plugin_paths: [\(folder)]
                worker:
                  concurrency: \(width)
                \(more)
                """, fill)
        _ = try engine.waitUntilUp(within: .seconds(60))
        return engine
    }
}
