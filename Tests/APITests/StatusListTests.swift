import JSON
import Model
import Storage
import Synchronization
import Testing

/// A clock that a test sets.
private final class SetClock: Sendable {
    private let time = Mutex(TestAPI.now)

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }
}

@Suite("Lists of statuses that are asked for again")
struct StatusListTests {
    @Test("after every change a list that was sent before says what one that was never asked for says")
    func followsEveryChange() async throws {
        let clock = SetClock()
        try await TestAPI.running(clock: { clock.now }) { api async throws in
            try await Self.fill(api)
            var page = 100
            var earlier: [JSONValue] = []
            let changes: [@Sendable () async throws -> Void] = [
                { try await api.record(state: .critical, output: PluginOutput(text: "bad")) },
                {
                    try await api.record(
                        state: .critical, output: PluginOutput(text: "bad", performanceText: "a=1;2"),
                        due: TestAPI.now + .seconds(1))
                },
                {
                    try await api.record(
                        state: .ok, output: PluginOutput(text: "x"), due: TestAPI.now + .seconds(2))
                },
                { _ = try await api.patch("/hosts/web1", #"{"name":"web0"}"#) },
                { _ = try await api.patch("/plugins/load", #"{"name":"burden"}"#) },
                { clock.now = TestAPI.now + .seconds(3600) },
                { _ = try await api.patch("/plugins/burden", #"{"interval":7200}"#) },
                { _ = try await api.patch("/plugins/burden", #"{"interval":1}"#) },
                { _ = try await api.patch("/hosts/web0", #"{"maintenance":true}"#) },
                { clock.now = TestAPI.now },
                { _ = try await api.delete("/hosts/web0") },
            ]
            for (number, change) in changes.enumerated() {
                _ = try await api.get("/status")
                try await change()
                page += 1
                let again = try await api.get("/status")
                let anew = try await api.get("/status?per_page=\(page)")
                #expect(again.items == anew.items && again["total"] == anew["total"], "change \(number)")
                if number < 7 { #expect(again.items != earlier, "change \(number) is seen") }
                #expect(try await api.get("/status").raw.body == again.raw.body, "change \(number)")
                earlier = again.items
            }
        }
    }

    @Test("a status becomes stale by time alone, and is not when the clock goes back")
    func staleByTime() async throws {
        let clock = SetClock()
        try await TestAPI.running(clock: { clock.now }) { api async throws in
            try await api.addExample()
            try await api.record(output: PluginOutput(text: "x"))
            let limit = TestAPI.now + .seconds(3 * Plugin.defaultInterval + Plugin.defaultTimeout)
            for (time, isStale) in [
                (TestAPI.now, false), (limit, false), (limit + .microseconds(1), true), (limit, false),
            ] {
                clock.now = time
                #expect(try await api.get("/status").items.first?["stale"] == .bool(isStale))
            }
        }
    }

    @Test("lists with other filters, orders and pages are not taken for each other")
    func toldApart() async throws {
        try await TestAPI.running { api async throws in
            try await Self.fill(api)
            try await api.record(output: PluginOutput(text: "x"))
            let totals = [
                ("/status", 3), ("/status?host=web2", 1), ("/status?state=critical", 1),
                ("/status?per_page=2", 3),
                ("/status?per_page=2&page=2", 3), ("/status?plugin=load", 3), ("/status?suite=none", 0),
            ]
            for _ in 0..<2 {
                for (path, total) in totals {
                    #expect(try await api.get(path)["total"] == .integer(Int64(total)), "\(path)")
                }
            }
            let first = try await api.get("/status?per_page=2").items
            let second = try await api.get("/status?per_page=2&page=2").items
            let whole = try await api.get("/status").items
            #expect(first.count == 2 && second.count == 1 && first + second == whole)
            let ascending = try await api.get("/status?sort=host").items
            #expect(ascending.reversed() == (try await api.get("/status?sort=-host").items))
        }
    }

    /// Three hosts with one check.
    private static func fill(_ api: TestAPI) async throws {
        try await api.addExample()
        for number in 2...3 {
            let body = #"{"name":"web\#(number)","address":"127.0.0.\#(number)","suites":["base"]}"#
            #expect(try await api.post("/hosts", body).status == 201)
        }
    }
}
