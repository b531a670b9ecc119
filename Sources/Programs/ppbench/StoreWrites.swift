import Baselines
import Log
import Model
import Posix
import Storage

/// Results into the database, status and history, beside the same rows by a bare loop in C.
///
/// Each has a database of its own, a copy of one that the store has made and filled. Both grow alike.
struct StoreWrites {
    static let benchmark = Benchmark(
        name: "store", summary: "results into SQLite, status and history, beside a loop in C"
    ) { try StoreWrites().run(rounds: $0.rounds) }

    static let hosts = 10_000
    static let plugins = 10
    /// Rounds of all checks that are in the history before it is measured.
    static let filled = 3
    /// Results in one measurement.
    static let count = hosts * plugins

    /// In which order results come.
    enum Order: CaseIterable {
        /// The plugins of the first host, those of the second.
        case byHost
        /// By the phase of each check, as the timetable runs them.
        case scheduled
        /// In no order, as after a long standstill.
        case shuffled

        var words: String {
            switch self {
            case .byHost: "host by host"
            case .scheduled: "as scheduled"
            case .shuffled: "in no order"
            }
        }
    }

    private struct Sample {
        let rate: Double
        let microseconds: Double
    }

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let home = try TemporaryFolder()
        let (ours, bare) = (home.path + "/ours.db", home.path + "/bare.db")
        Benchmarks.complain("store: filling a database with \(Self.count) checks")
        let checks = try Self.prepare(ours)
        var copying = try Program("/bin/cp", [ours, bare], output: home.path + "/cp.log")
        guard copying.wait(atMost: .seconds(120)) == 0 else {
            throw BenchmarkFailure(description: "cannot copy the database to \(bare)")
        }
        var round = Self.filled
        var rows: [BenchmarkRow] = []
        for (order, batch) in [
            (Order.byHost, 1000), (.scheduled, 1000), (.shuffled, 1000), (.scheduled, 175),
        ] {
            let list = Self.sorted(checks, order)
            Benchmarks.complain("store: \(rounds) times \(Self.count) results, \(order.words)")
            // Both write the same rounds, each into its own database.
            var turn = (ours: round, bare: round)
            let samples = try Turns.measure(
                rounds,
                ours: {
                    turn.ours += 1
                    return try Self.write(Self.results(list, round: turn.ours, order), to: ours, batch)
                },
                baseline: {
                    turn.bare += 1
                    return try Self.loop(Self.results(list, round: turn.bare, order), to: bare, batch)
                })
            round += rounds
            let what = "\(order.words), batches of \(batch)"
            rows += Self.rows(what, samples, isProcessorTimeShown: order == .scheduled)
        }
        return rows
    }

    private static func rows(
        _ what: String, _ samples: (ours: [Sample], baseline: [Sample]), isProcessorTimeShown: Bool
    ) -> [BenchmarkRow] {
        let rate = BenchmarkRow(
            what: "store: results \(what)", ours: Figure(samples.ours.map(\.rate)), baselineName: "C loop",
            baseline: Figure(samples.baseline.map(\.rate)), unit: "/s", target: .atLeast(0.8))
        let time = BenchmarkRow(
            what: "store: CPU a result, \(what)", ours: Figure(samples.ours.map(\.microseconds)),
            baselineName: "C loop", baseline: Figure(samples.baseline.map(\.microseconds)), unit: "µs",
            target: .atMost(1.25))
        return isProcessorTimeShown ? [rate, time] : [rate]
    }

    static func sorted(_ checks: [CheckID], _ order: Order) -> [CheckID] {
        var random = SmallRandom(state: 7)
        switch order {
        case .byHost: return checks.sorted()
        case .scheduled: return checks.sorted { phase($0) < phase($1) }
        case .shuffled: return checks.sorted().shuffled(using: &random)
        }
    }

    private static func phase(_ check: CheckID) -> Int64 { Phase.milliseconds(of: check, interval: 60_000) }

    /// One result of each check, due in minute `round`.
    static func results(_ checks: [CheckID], round: Int, _ order: Order) -> [CheckResult] {
        checks.enumerated().map { number, check in
            let into = order == .scheduled ? phase(check) * 1000 : Int64(number * 600)
            let due = Timestamp(microseconds: 1_700_000_000_000_000 + Int64(round) * 60_000_000 + into)
            // One check of fifty has a lasting problem.
            let state = check.host.value % 50 == 0 ? CheckState.warning : .ok
            return CheckResult(
                check: check, due: due, started: due + .microseconds(700), ended: due + .milliseconds(9),
                state: state, cause: .exited, exitCode: state.rawValue, output: output(number, round),
                worker: "worker")
        }
    }

    /// 60 bytes of text and three values.
    private static func output(_ number: Int, _ round: Int) -> PluginOutput {
        let text =
            "HTTP OK: 200 OK - \(1000 + (number + round) % 9000) bytes in 0.\(100 + number % 900) s, host up"
        return PluginOutput(
            text: text + String(repeating: ".", count: max(0, 60 - text.utf8.count)),
            performanceText:
                "time=0.\(100 + number % 900)s;1;2;0 size=\(1000 + number % 9000)B;;;0 users=12;20;50;0")
    }

    /// A store with all checks and some rounds of results; returns the checks.
    private static func prepare(_ path: String) throws -> [CheckID] {
        try wait(atMost: .seconds(600)) {
            let store = try await open(path)
            let checks = try await fill(store)
            await store.close()
            return checks
        }
    }

    /// Makes all checks, with some rounds of results; returns them in the order of the timetable.
    static func fill(_ store: SQLStore) async throws -> [CheckID] {
        _ = try await store.add(Suite(name: "all"))
        for number in 0..<plugins {
            _ = try await store.add(
                Plugin(name: "p\(number)", script: "check_p\(number)", interval: 60, suites: ["all"]))
        }
        var names: [String] = []
        for number in 0..<hosts {
            names.append("host-\(number)")
            _ = try await store.add(
                Host(name: names[number], address: "10.0.\(number / 250).\(1 + number % 250)"))
        }
        var edit = SuiteEdit()
        edit.hosts = names
        _ = try await store.edit(suiteNamed: "all", edit)
        let checks = sorted(try await store.schedule().checks, .scheduled)
        for round in 0..<filled {
            try await record(results(checks, round: round, .scheduled), in: store, 1000)
        }
        return checks
    }

    private static func write(_ results: [CheckResult], to path: String, _ batch: Int) throws -> Sample {
        try wait(atMost: .seconds(300)) {
            let store = try await open(path)
            let (began, before) = (Clock.monotonicNanoseconds(), ProcessUsage.now().processorTime)
            try await record(results, in: store, batch)
            let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
            let used = (ProcessUsage.now().processorTime - before) / .seconds(1)
            await store.close()
            return Sample(
                rate: Double(results.count) / seconds, microseconds: used * 1e6 / Double(results.count))
        }
    }

    private static func loop(_ results: [CheckResult], to path: String, _ batch: Int) throws -> Sample {
        let loop = StoreLoop(
            path: path, settings: DatabaseFile.settings.joined(separator: ";"), batch: batch,
            piece: DatabaseFile.indexedPiece)
        let times = try loop.write(
            results.map(\.row))
        return Sample(rate: times.perSecond, microseconds: times.cpuMicrosecondsEach)
    }

    private static func open(_ path: String) async throws -> SQLStore {
        try await SQLStore.open(path: path, log: Log(part: "ppbench", level: .error)) { _ in }
    }

    static func record(_ results: [CheckResult], in store: SQLStore, _ batch: Int) async throws {
        var stored = 0
        for start in stride(from: 0, to: results.count, by: batch) {
            let end = min(start + batch, results.count)
            stored += try await store.record(Array(results[start..<end])).stored
        }
        guard stored == results.count else {
            throw BenchmarkFailure(description: "\(stored) of \(results.count) results were stored")
        }
    }

    static func wait<Value: Sendable>(
        atMost limit: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let latch = Latch<Result<Value, any Error>>()
        Task {
            do {
                latch.open(.success(try await body()))
            } catch {
                latch.open(.failure(error))
            }
        }
        guard let outcome = latch.wait(atMost: limit) else {
            throw BenchmarkFailure(description: "the store took more than \(limit)")
        }
        return try outcome.get()
    }
}

extension CheckResult {
    /// The result as the loops in C write it.
    var row: StoreLoop.Row {
        StoreLoop.Row(
            host: check.host.value, plugin: check.plugin.value, due: due.microseconds,
            started: started.microseconds, ended: ended.microseconds, state: state.rawValue,
            output: output.text,
            performanceData: output.performanceText)
    }
}

/// Numbers that are the same at every run (SplitMix64).
private struct SmallRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
