import AMQP
import Baselines
import Log
import Messaging
import Model
import Posix
import SQL
import Storage

/// Results into PostgreSQL, alone and out of a broker's queue, beside a bare loop of COPY in C of the same rows.
struct PostgresRate {
    static let benchmark = Benchmark(
        name: "postgres",
        summary: "results from RabbitMQ into PostgreSQL, status and history, beside COPY in C"
    ) { try PostgresRate().run(rounds: $0.rounds) }

    /// Results in one transaction, of ours at most.
    private static let batch = 1000

    private struct Places {
        let database: String
        let broker: Int
    }

    func run(rounds: Int) throws -> [BenchmarkRow] {
        let postgres = try LocalPostgres()
        let broker = try LocalBroker()
        try QueueRate.waitUntilUp(broker.port)
        let places = Places(database: postgres.address, broker: broker.port)
        Benchmarks.complain("postgres: filling a database with \(StoreWrites.count) checks")
        let checks = try Self.prepare(places)
        let loop = CopyLoop(address: places.database, batch: Self.batch)
        // The loop changes rows as ours does, and begins with as many.
        for round in 0..<StoreWrites.filled { _ = try loop.write(Self.results(checks, round).map(\.row)) }
        var (alone, queued, bare) = (StoreWrites.filled, StoreWrites.filled + 1000, StoreWrites.filled)
        Benchmarks.complain(
            "postgres: \(rounds) times \(StoreWrites.count) results, alone and from the broker")
        let store = try Turns.measure(
            rounds,
            ours: {
                alone += 1
                return try Self.store(Self.results(checks, alone), places)
            },
            baseline: {
                bare += 1
                return try loop.write(Self.results(checks, bare).map(\.row)).perSecond
            })
        let carried = try Turns.measure(
            rounds,
            ours: {
                queued += 1
                return try Self.carry(Self.results(checks, queued), places)
            },
            baseline: {
                bare += 1
                return try loop.write(Self.results(checks, bare).map(\.row)).perSecond
            })
        return [
            BenchmarkRow(
                what: "postgres: results from the broker, acknowledged", ours: Figure(carried.ours),
                baselineName: "COPY in C", baseline: Figure(carried.baseline), unit: "/s",
                target: .atLeast(0.6)),
            BenchmarkRow(
                what: "postgres: results into the store, batches of 1000", ours: Figure(store.ours),
                baselineName: "COPY in C", baseline: Figure(store.baseline), unit: "/s", target: .atLeast(0.6)
            ),
        ]
    }

    private static func results(_ checks: [CheckID], _ round: Int) -> [CheckResult] {
        StoreWrites.results(checks, round: round, .scheduled)
    }

    private static func open(_ places: Places) async throws -> SQLStore {
        let address = try PostgresAddress(uri: places.database, password: nil)
        return try await SQLStore.open(PostgresServer(address, log: Log(part: "ppbench", level: .error))) {
            _ in
        }
    }

    private static func prepare(_ places: Places) throws -> [CheckID] {
        try StoreWrites.wait(atMost: .seconds(600)) {
            let store = try await open(places)
            let checks = try await StoreWrites.fill(store)
            await store.close()
            return checks
        }
    }

    private static func store(_ results: [CheckResult], _ places: Places) throws -> Double {
        try StoreWrites.wait(atMost: .seconds(300)) {
            let store = try await open(places)
            let began = Clock.monotonicNanoseconds()
            try await StoreWrites.record(results, in: store, batch)
            let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
            await store.close()
            return Double(results.count) / seconds
        }
    }

    /// Puts results into a queue, then takes, stores and acknowledges them as a recorder does.
    private static func carry(_ results: [CheckResult], _ places: Places) throws -> Double {
        @Sendable func settings(_ ends: RabbitEnds) -> RabbitSettings {
            RabbitSettings(
                server: AMQPServer(host: "127.0.0.1", port: places.broker), queue: "results", ends: ends,
                capacity: 10_000, prefetch: 5000, limit: 200_000)
        }
        let log = Log(part: "queue", level: .warning)
        let filling = try RabbitQueue<Outcome>(settings(.publishing), log: log)
        var offered = 0
        while offered < results.count {
            let next = results[offered..<min(offered + 500, results.count)]
            let accepted = filling.offer(next.map(Outcome.check))
            offered += accepted
            if accepted == 0 { Machine.pause(.milliseconds(1)) }
        }
        guard filling.close(within: .seconds(60)) == 0 else {
            throw BenchmarkFailure(description: "the broker did not confirm all results")
        }
        return try StoreWrites.wait(atMost: .seconds(300)) {
            let store = try await open(places)
            let queue = try RabbitQueue<Outcome>(settings(.consuming), log: log)
            // Until the first comes: connecting is not what is measured.
            while queue.consuming?.delivered == 0 { try await Task.sleep(for: .milliseconds(1)) }
            let began = Clock.monotonicNanoseconds()
            var stored = 0
            while stored < results.count {
                let deliveries = queue.take(atMost: batch)
                guard !deliveries.isEmpty else {
                    try await Task.sleep(for: .milliseconds(1))
                    continue
                }
                let batch = deliveries.compactMap { delivery -> CheckResult? in
                    guard case .check(let result) = delivery.message else { return nil }
                    return result
                }
                stored += try await store.record(batch).stored
                queue.acknowledge(deliveries.map(\.tag))
            }
            let seconds = Double(Clock.monotonicNanoseconds() - began) / 1e9
            _ = queue.close(within: .seconds(10))
            await store.close()
            return Double(results.count) / seconds
        }
    }
}
