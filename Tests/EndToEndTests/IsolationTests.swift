import Foundation
import Glibc
import JSON
import Posix
import TestSupport
import Testing

/// What a plugin may try against the engine that runs it; both have the same user.
@Suite("Isolation, end to end")
struct IsolationEndToEndTests {
    static var isPossible: Bool { (try? ProcessIsolation(.init()))??.extent.stopsSignals == true }
    /// The engine as root, and as a user without any privilege; only root can try both.
    static let users: [UInt32?] = canChangeUser ? [nil, 65_534] : [nil]
    /// Whether the programs can be run by another user where they stand.
    private static var canChangeUser: Bool {
        let words = [
            "--reuid=65534", "--regid=65534", "--clear-groups", Sandbox.binaries + "/ppalette", "version",
        ]
        return getuid() == 0 && (try? Sandbox.run("/usr/bin/setpriv", words).code) == 0
    }

    /// Tries everything and says what it could do.
    private func hostile(_ state: String) -> String {
        """
        #!/bin/sh
        could=
        try() { if ( eval "$2" ) >/dev/null 2>&1; then could="$could $1"; fi; }
        try kill "kill -KILL $PPID"
        try stop "kill -STOP $PPID"
        try memory "exec 3</proc/$PPID/mem"
        try environment "cat /proc/$PPID/environ | grep ."
        try descriptors "ls /proc/$PPID/fd/0"
        try limits "prlimit --pid $PPID --nofile=5:5"
        try priority "renice -n 19 -p $PPID"
        try token "cat \(state)/admin.token"
        try database "cat \(state)/ppalette.db"
        try overwrite ": >>\(state)/ppalette.db"
        try spool "mkdir -p \(state)/spool/made"
        try delete "mv \(state)/statistics \(state)/gone"
        for other in $(pgrep -f check_neighbour); do try neighbour "kill -KILL $other"; done
        mktemp -u >/dev/null && file=$(mktemp) && rm "$file" || could="$could not-even-a-file-in-tmp"
        pgrep -f check_neighbour >/dev/null || could="$could not-even-see-its-neighbour"
        test -z "$could" && echo "held" || { echo "could$could"; exit 2; }
        """
    }

    private func prepared(_ user: UInt32?) throws -> EngineUnderTest {
        let engine = try EngineUnderTest(in: Sandbox(protected: true))
        try engine.sandbox.write("plugins/check_hostile", hostile(engine.state), mode: 0o755)
        try engine.sandbox.write("plugins/check_neighbour", "#!/bin/sh\nsleep 30\n", mode: 0o755)
        try FileManager.default.createDirectory(atPath: engine.state, withIntermediateDirectories: true)
        if let user { _ = chown(engine.state, user, user) }
        return engine
    }

    /// Runs the hostile plugin beside its neighbour and returns what it said.
    private func verdict(_ engine: EngineUnderTest) async throws -> String {
        try engine.add(["script": "check_hostile", "interval": 86_400, "timeout": 20])
        try engine.add(
            host: "h2", address: "127.0.0.2", plugin: "p2", suite: "s2",
            ["script": "check_neighbour", "interval": 86_400, "timeout": 60])
        try engine.post("/checks", ["host": "h2", "plugin": "p2", "wait": 0])
        let answer = try engine.post("/checks", ["host": "h1", "plugin": "p1", "wait": 25])
        return (answer.json["result"] ?? answer.json)["output"]?.asString ?? answer.json.text()
    }

    @Test(
        "a plugin can neither end the engine, nor read its memory and files, nor end its neighbour",
        .enabled(if: isPossible, "this kernel has no Landlock with scopes"), arguments: users)
    func full(user: UInt32?) async throws {
        let engine = try prepared(user)
        try await engine.start(user: user)

        #expect(try await verdict(engine) == "held")
        #expect(
            engine.log.contains(
                "plugins are isolated: they cannot look into other processes, signal them or use files"))
        #expect(try await engine.stop() == 0)
    }

    @Test("with worker.isolation: processes files are open, and nothing else is", .enabled(if: isPossible))
    func processes() async throws {
        let engine = try prepared(nil)
        try await engine.start(environment: ["PPALETTE_WORKER_ISOLATION": "processes"])
        let words = try await verdict(engine).split(separator: " ")

        #expect(words == ["could", "token", "database", "overwrite", "spool", "delete"])
    }

    @Test("with worker.isolation: off a plugin can end the engine, which the log says")
    func off() async throws {
        let engine = try prepared(nil)
        try engine.sandbox.write("plugins/check_kill", "#!/bin/sh\nkill -KILL $PPID\n", mode: 0o755)
        try await engine.start(environment: ["PPALETTE_WORKER_ISOLATION": "off"])
        #expect(engine.log.contains("plugins are not isolated (worker.isolation: off)"))
        try engine.add(["script": "check_kill", "interval": 1])

        #expect(await eventually { engine.process?.isRunning == false })
    }
}
