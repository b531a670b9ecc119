import Foundation
import JSON
import TestSupport
import Testing

/// The engine with everything in PostgreSQL.
@Suite("PostgreSQL, end to end", .serialized)
struct PostgreSQLTests {
    /// An engine on a new database of `server`; the password is in a file.
    private func engine(_ server: PostgreSQLServer, _ database: String) throws -> EngineUnderTest {
        let sandbox = try Sandbox()
        let file = try sandbox.write("database.password", server.password + "\n", mode: 0o600)
        return try EngineUnderTest(
            in: sandbox,
            extra: "database: \(server.uri(database))\ndatabase_password_file: \(file)\n")
    }

    /// Due times of a check's history, in seconds, oldest first.
    private func dues(_ engine: EngineUnderTest) throws -> [Int] {
        let items = try engine.get("/history?host=h1&plugin=p1&limit=1000").json["items"]?.asArray ?? []
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        return try items.compactMap { $0["scheduled_at"]?.asString }.map {
            Int(try format.parse($0).timeIntervalSince1970)
        }.reversed()
    }

    @Test("a server that is killed under checks loses no result; they wait on disk and are replayed")
    func outage() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try server.makeDatabase("outage")
        let engine = try engine(server, "outage")
        try await engine.start()
        try engine.add(["script": "check_dummy", "arguments": "0 fine", "interval": 1])
        #expect(try await eventually { try dues(engine).count >= 2 })

        await server.killHard()
        #expect(
            await eventually {
                (try? engine.get("/health", token: nil).json["state"]?.asString) == "error"
            })
        #expect(engine.log.contains("results go to the spool: cannot reach postgresql://ppalette@127.0.0.1:"))
        try await Task.sleep(for: .seconds(3))
        try await server.start()
        #expect(
            await eventually { (try? engine.get("/health", token: nil).json["state"]?.asString) == "ok" })
        let begun = try dues(engine)
        #expect(try await eventually { try dues(engine).count >= begun.count + 2 })
        let all = try dues(engine)
        #expect(Set(zip(all, all.dropFirst()).map { $1 - $0 }) == [1], "\(all)")
        #expect(try await engine.stop() == 0)
        #expect(!engine.log.contains(server.password))
        // All of it is there at the next start, and nothing was left in the state directory.
        try await engine.start()
        #expect(try engine.get("/hosts/h1").status == 200)
        #expect(!FileManager.default.fileExists(atPath: engine.state + "/ppalette.db"))
        #expect(try await engine.stop() == 0)
    }

    @Test("a second engine stands by and takes over; what it edits the first one runs, and no run is doubled")
    func standby() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try server.makeDatabase("standby")
        let (first, second) = (try engine(server, "standby"), try engine(server, "standby"))
        try await first.start()
        try await second.start()
        #expect(second.log.contains("another scheduler drives the checks"))
        try second.add(["script": "check_dummy", "arguments": "0 fine", "interval": 1])
        #expect(try await eventually { try dues(second).count >= 3 })

        first.killHard()
        #expect(await eventually { second.log.contains("this scheduler took over") })
        let before = try dues(second).count
        #expect(try await eventually { try dues(second).count >= before + 3 })
        let all = try dues(second)
        #expect(Set(all).count == all.count)
        // The first comes back and finds its place taken.
        try await first.start()
        #expect(first.log.contains("stands by"))
        for engine in [first, second] { #expect(try await engine.stop() == 0) }
    }

    @Test("a wrong password or address is a sentence, and the engine does not start")
    func refusals() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        let sandbox = try Sandbox()
        func start(_ lines: String, _ environment: [String: String] = [:]) throws -> (
            code: Int32, errors: String
        ) {
            let file = try sandbox.write("ppalette.yaml", "state_dir: \(sandbox.path)/state\n" + lines)
            let run = try Sandbox.run(
                Sandbox.binaries + "/ppalette", ["run", "--config", file, "--listen", "127.0.0.1:0"],
                environment: environment)
            return (run.code, run.errors)
        }
        let wrong = try start(
            "database: \(server.uri("postgres"))\n", ["PPALETTE_DATABASE_PASSWORD": "n0t-this"])
        #expect(wrong.code == 1 && wrong.errors.contains("refuses us"), "\(wrong.errors)")
        #expect(!wrong.errors.contains("n0t-this"))
        let inside = try start("database: postgresql://u:s3cret@127.0.0.1/x\n")
        #expect(inside.code == 1 && inside.errors.contains("database_password_file"), "\(inside.errors)")
        #expect(!inside.errors.contains("s3cret"))
        let written = try start("database_password: s3cret\n")
        #expect(
            written.code == 1 && written.errors.contains("PPALETTE_DATABASE_PASSWORD"), "\(written.errors)")
        #expect(!written.errors.contains("s3cret"))
        let open = try sandbox.write("open.password", "x", mode: 0o644)
        let readable = try start("database: \(server.uri("x"))\ndatabase_password_file: \(open)\n")
        #expect(readable.code == 1 && readable.errors.contains("others can read it"), "\(readable.errors)")
    }

    @Test("an installation on SQLite is moved whole, with its history, and goes on")
    func moved() async throws {
        let server = try await PostgreSQLServer(in: Sandbox())
        try server.makeDatabase("moved")
        let sandbox = try Sandbox()
        let password = try sandbox.write("database.password", server.password, mode: 0o600)
        let old = try EngineUnderTest(in: sandbox)
        try await old.start()
        try old.add(["script": "check_dummy", "arguments": "1 'look at this' ", "interval": 1])
        #expect(try old.patch("/hosts/h1", ["labels": ["rack": "7"], "variables": ["x": "y"]]).status == 200)
        try old.post("/subnets", ["name": "lab", "network": "127.8.5.0/30", "suite": "s1"])
        try old.post("/subnets/lab/discoveries", [:])
        #expect(try await eventually { try dues(old).count >= 3 && old.log.contains("sweep of lab is over") })
        func move() throws -> (code: Int32, errors: String) {
            let run = try Sandbox.run(
                Sandbox.binaries + "/ppalette",
                [
                    "migrate", "--config", sandbox.path + "/ppalette.yaml", "--from", "sqlite", "--to",
                    server.uri("moved"),
                ], environment: ["PPALETTE_DATABASE_PASSWORD_FILE": password])
            return (run.code, run.errors)
        }
        let early = try move()
        #expect(early.code == 1 && early.errors.contains("another ppalette"), "\(early.errors)")
        // Nothing runs while both are compared.
        for host in ["h1", "127.8.5.1", "127.8.5.2"] {
            try old.patch("/hosts/\(host)", ["maintenance": true])
        }
        let paths = [
            "/hosts", "/plugins", "/suites", "/subnets", "/status", "/history?limit=1000", "/discoveries/1",
        ]
        #expect(await eventually { (try? old.get("/schedule").json["total"]?.asInteger) == 0 })
        try await Task.sleep(for: .seconds(1))
        let before = try paths.map { try old.get($0).json.text() }
        #expect(try await old.stop() == 0)

        let done = try move()
        #expect(done.code == 0 && done.errors.contains("all there"), "\(done.errors)")
        #expect(!done.errors.contains(server.password))
        let again = try move()
        #expect(again.code == 1 && again.errors.contains("is not empty"), "\(again.errors)")

        let new = try EngineUnderTest(
            in: sandbox, extra: "database: \(server.uri("moved"))\ndatabase_password_file: \(password)\n")
        try await new.start()
        #expect(try paths.map { try new.get($0).json.text() } == before)
        #expect(
            try new.post("/hosts", ["name": "h9", "address": "127.0.0.9", "suites": ["s1"]]).status == 201)
        #expect(
            await eventually { (try? new.status(host: "h9", plugin: "p1"))?["state"]?.asString == "warning" })
        #expect(try await new.stop() == 0)
    }
}
