import API
import APIContract
import JSON
import Model
import Testing

@Suite("The engine over the API")
struct EngineTests {
    private func report(_ name: String, _ sentAt: Timestamp) -> WorkerReport {
        WorkerReport(
            name: name, sentAt: sentAt, version: "9.9", address: "127.0.0.1", heartbeat: 20, workerCount: 4,
            workerAlive: 4, inFlight: 2, inputQueueSize: 3, throughput: 1.5, latencyMilliseconds: 2,
            executionMilliseconds: 3, ramUsed: 1000, cpu: 0.1)
    }

    @Test("the timetable is listed in pages with the declared fields")
    func schedule() async throws {
        try await TestAPI.running { api async throws in
            api.engine.state.withLock { state in
                state.entries = (0..<5).map {
                    ScheduleEntry(
                        host: "h\($0)", plugin: "p", interval: 30, nextRun: TestAPI.now, skipped: $0)
                }
            }
            let answer = try await api.get("/schedule?per_page=2&page=3&sort=host")
            #expect(answer["total"] == 5 && answer.items.count == 1)
            let entry = try #require(answer.items.first)
            #expect(entry.asObject?.map(\.name) == Resource.scheduleEntry.fields.map(\.name))
            #expect(entry["last_run"] == .null && entry["lateness_ms"] == .null && entry["skipped"] == 4)
        }
    }

    @Test("a worker is in doubt after three silent heartbeats, in error after ten, and gone after a day")
    func workers() async throws {
        try await TestAPI.running { api async throws in
            let silences = [60, 61, 200, 201, 86_400, 86_401].map(Duration.seconds)
            var reports = zip("abcdef", silences).map { report("\($0)", TestAPI.now + (.zero - $1)) }
            var isolated = report("g", TestAPI.now)
            isolated.condition = .isolated
            var stopped = report("h", TestAPI.now + .seconds(-5000))
            stopped.condition = .stopped
            reports += [isolated, stopped]
            try await api.store.record(reports)
            let answer = try await api.get("/workers")
            let states = answer.items.compactMap { $0["state"]?.asString }
            #expect(states == ["alive", "warning", "warning", "error", "error", "isolated", "stopped"])
            #expect(answer.items.first?.asObject?.map(\.name) == Resource.worker.fields.map(\.name))
            #expect(try await api.get("/workers?sort=-name&per_page=1").items.first?["name"] == "h")
        }
    }

    @Test("queues tell what waits in them and who takes from them")
    func queues() async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.get("/queues")
            #expect(answer.items.first?.asObject?.map(\.name) == Resource.queue.fields.map(\.name))
            #expect(answer.items.first?["waiting"] == 3 && answer.items.first?["zone"] == .null)
        }
    }

    @Test("statistics come as series of pairs, graphs as PNG")
    func statistics() async throws {
        try await TestAPI.running { api async throws in
            for minute in 0..<5 {
                var counts = GlobalCounts()
                counts.checksOK = 7
                let time = TestAPI.now + .seconds(60 * (minute - 6))
                await api.archives.record(counts, at: time, now: TestAPI.now)
            }
            await api.archives.record([report("w1", TestAPI.now)], now: TestAPI.now)
            let answer = try await api.get("/statistics/global?from=-10m&series=checks_ok")
            #expect(answer.status == 200 && answer["step"] == 60)
            #expect(answer["series"]?.asObject?.map(\.name) == ["checks_ok"])
            let points = try #require(answer["series"]?["checks_ok"]?.asArray)
            #expect(points.contains { $0[1] == 7 } && points.contains { $0[1] == .null })
            #expect(try await api.get("/statistics/workers/w1").status == 200)
            let image = try await api.get(
                "/graphs/global.png?from=-1h&width=500&height=200&series=checks_ok,hosts_all")
            #expect(image.status == 200 && image.raw.header("Content-Type") == "image/png")
            #expect(image.raw.body.starts(with: [0x89, 0x50, 0x4e, 0x47]))
            #expect(try await api.get("/graphs/workers/w1.png").raw.body.starts(with: [0x89, 0x50]))
        }
    }

    @Test(
        "PP-B16: the name of a worker never becomes a path",
        arguments: [
            "..%2F..%2Fetc%2Fpasswd", "%2e%2e%2Fglobal", "..", ".global", "-x", "a:b", "nosuch", "a%20b",
        ])
    func workerNames(name: String) async throws {
        try await TestAPI.running { api async throws in
            #expect(try await api.get("/statistics/workers/\(name)").status == 404)
            #expect(try await api.get("/graphs/workers/\(name).png").status == 404)
        }
    }

    @Test("health is open to all, its details are not")
    func health() async throws {
        try await TestAPI.running { api async throws in
            let open = try await api.send("GET", "/health", token: nil)
            #expect(open.status == 200 && open["state"] == "ok" && open["version"] == .null)
            #expect(open.json.asObject?.map(\.name) == Resource.health.fields.map(\.name))
            #expect(try await api.get("/health")["version"] == "9.9")
            api.engine.state.withLock {
                $0.parts.append(.init(name: "queue", level: .warning, detail: "nearly full"))
            }
            #expect(try await api.get("/health")["parts"]?[1]?["detail"] == "nearly full")
            let hidden = try await api.send("GET", "/health", token: nil)
            #expect(hidden.status == 200 && hidden["state"] == "warning")
            #expect(hidden["parts"]?[1] == ["name": "queue", "state": "warning", "detail": nil])
            api.engine.state.withLock { $0.parts.append(.init(name: "disk", level: .error, detail: "full")) }
            #expect(try await api.get("/health").status == 503)
        }
    }

    @Test("metrics are written for Prometheus")
    func metrics() async throws {
        try await TestAPI.running { api async throws in
            let answer = try await api.get("//metrics")
            #expect(answer.status == 200)
            #expect(answer.raw.header("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
            #expect(answer.raw.text.contains("ppalette_checks_total{state=\"ok\"} 5\n"))
        }
    }
}
