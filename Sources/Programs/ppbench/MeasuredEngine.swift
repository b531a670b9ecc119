import CommandLine
import HTTPClient
import JSON
import Log
import Model
import Posix
import Storage

/// Why a figure could not be measured.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String
}

/// A real engine in a folder of its own, filled through the store before it starts.
struct MeasuredEngine: ~Copyable {
    let port: Int
    // The program goes before the folder that it writes to.
    private let program: Program
    private let home: TemporaryFolder
    private let client: HTTPClient
    private let token: String

    /// Starts the `ppalette` that stands beside this program, on a database that `fill` has filled and with a
    /// configuration in YAML.
    init(
        configuration: String = "", _ fill: @escaping @Sendable (any Store) async throws -> Void
    ) throws {
        let home = try TemporaryFolder()
        let folder = home.path
        let port = try Machine.freePort()
        try Self.prepare(folder + "/ppalette.db", fill)
        try SmallFile.write(Array(configuration.utf8), to: folder + "/ppalette.yaml")
        let client = try HTTPClient()
        let program = try Program(
            Machine.programFolder + "/ppalette",
            [
                "run", "--config", folder + "/ppalette.yaml", "--state-dir", folder, "--listen",
                "127.0.0.1:\(port)",
            ], output: folder + "/engine.log")
        token = try Self.waitForToken(folder + "/admin.token")
        self.home = home
        self.port = port
        self.client = client
        self.program = program
    }

    var folder: String { home.path }

    /// Stops the engine without ending it, so that another program has the machine for itself.
    func pause() { ProcessControl.signal(pid: program.pid, .stop) }

    /// Lets the engine go on after ``pause()``.
    func resume() { ProcessControl.signal(pid: program.pid, .goOn) }

    /// The header that opens the API.
    var authorization: String { "Authorization: Bearer " + token }

    /// Processor time and memory of the engine itself, without its plugins.
    struct Usage {
        let cpuSeconds: Double
        let residentMebibytes: Double
    }

    /// The engine's counters and gauges by name with labels, as Prometheus reads them.
    func metrics() throws -> [String: Double] {
        let response = try send("GET", "/metrics")
        var values: [String: Double] = [:]
        for line in response.text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            values[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return values
    }

    func usage() throws -> Usage {
        let values = try metrics()
        return Usage(
            cpuSeconds: values["process_cpu_seconds_total"] ?? 0,
            residentMebibytes: (values["process_resident_memory_bytes"] ?? 0) / 1_048_576)
    }

    /// Waits until the API answers; returns nanoseconds of the monotonic clock then.
    func waitUntilUp(within limit: Duration) throws -> Int64 {
        try poll(within: limit, "the engine did not start; see \(folder)/engine.log") {
            (try? send("GET", "/api/v1/health").status) == 200
        }
    }

    /// Asks every few milliseconds until `isDone`; returns when that was.
    @discardableResult
    func poll(within limit: Duration, _ failure: String, _ isDone: () throws -> Bool) throws -> Int64 {
        let end = Clock.monotonicNanoseconds() + limit.nanoseconds
        while Clock.monotonicNanoseconds() < end {
            if try isDone() { return Clock.monotonicNanoseconds() }
            Machine.pause(.milliseconds(2))
        }
        throw BenchmarkFailure(description: failure)
    }

    @discardableResult
    func send(_ method: String, _ path: String, _ body: JSONValue? = nil) throws -> HTTPResponse {
        var headers: [(name: String, value: String)] = [(name: "Authorization", value: "Bearer " + token)]
        if body != nil { headers.append((name: "Content-Type", value: "application/json")) }
        return try client.send(
            HTTPRequest(
                method: method, url: "http://127.0.0.1:\(port)\(path)", headers: headers, body: body?.bytes())
        )
    }

    private static func prepare(
        _ path: String, _ fill: @escaping @Sendable (any Store) async throws -> Void
    ) throws {
        let latch = Latch<Result<Bool, any Error>>()
        Task {
            do {
                let store = try await SQLStore.open(path: path, log: Log(part: "ppbench", level: .error)) {
                    _ in
                }
                try await fill(store)
                await store.close()
                latch.open(.success(true))
            } catch {
                latch.open(.failure(error))
            }
        }
        guard let outcome = latch.wait(atMost: .seconds(600)) else {
            throw BenchmarkFailure(description: "filling the database took more than ten minutes")
        }
        _ = try outcome.get()
    }

    private static func waitForToken(_ path: String) throws -> String {
        let end = Clock.monotonicNanoseconds() + Duration.seconds(60).nanoseconds
        while Clock.monotonicNanoseconds() < end {
            if let text = try? SmallFile.text(at: path), text.count > 20 {
                return String(text.prefix { !$0.isWhitespace })
            }
            Machine.pause(.milliseconds(1))
        }
        throw BenchmarkFailure(description: "the engine wrote no token to \(path)")
    }
}
