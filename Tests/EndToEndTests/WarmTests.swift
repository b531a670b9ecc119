import Foundation
import Glibc
import JSON
import TestSupport
import Testing

/// Warm plugins in the real engine, which finds the programs for them beside itself.
@Suite("Warm plugins, end to end")
struct WarmTests {
    @Test("a warm plugin is run by a helper, and both die with an engine that is killed")
    func killedEngine() async throws {
        let engine = try EngineUnderTest(in: Sandbox())
        let seen = engine.sandbox.path + "/seen"
        _ = try engine.sandbox.write(
            "plugins/check_warm",
            """
            #!/usr/bin/python3
            import os, sys, time
            helper = [p for p in os.listdir("/proc") if p.isdigit() and p != str(os.getpid()) and os.path.exists("/proc/" + p)
                and b"ppwarm.py" in open("/proc/%s/cmdline" % p, "rb").read()
                and open("/proc/%s/stat" % p).read().rsplit(")", 1)[1].split()[1] == str(os.getppid())]
            with open(sys.argv[1], "w") as file: file.write(" ".join([str(os.getpid())] + helper))
            print("fine", flush=True)
            time.sleep(float(sys.argv[2]))

            """, mode: 0o755)
        try await engine.start()
        #expect(try engine.post("/suites", ["name": "all"]).status == 201)
        let plugin: JSONValue = [
            "name": "warm", "script": "check_warm", "arguments": .string("\(seen) 0"), "interval": 1,
            "timeout": 60, "warm": true, "suites": ["all"],
        ]
        #expect(try engine.post("/plugins", plugin).status == 201)
        let host: JSONValue = ["name": "h", "address": "127.0.0.1", "suites": ["all"]]
        #expect(try engine.post("/hosts", host).status == 201)
        #expect(
            await eventually(within: 30) {
                let metrics = try? engine.raw("GET", "/metrics", token: engine.token)
                return metrics?.text.contains("ppalette_warm_runs_total{start=\"warm\"} 0") == false
            })
        #expect(try engine.patch("/plugins/warm", ["arguments": .string("\(seen) 50")]).status == 200)
        var pids: [Int32] = []
        #expect(
            await eventually(within: 10) {
                pids = engine.sandbox.text(of: "seen").split(separator: " ").compactMap { Int32($0) }
                return pids.count > 1 && pids.allSatisfy(isRunning)
            })
        engine.killHard()
        #expect(await eventually { !pids.contains(where: isRunning) })
    }

    /// Whether a process lives; one that nobody has reaped yet does not.
    private func isRunning(_ pid: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = status.lastIndex(of: ")")
        else { return false }
        return !status[end...].hasPrefix(") Z")
    }
}
