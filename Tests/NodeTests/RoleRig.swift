import Log
import Model
import Statistics
import Storage
import Synchronization

import class Foundation.FileManager
import func Foundation.NSTemporaryDirectory
import struct Foundation.UUID

@testable import Node

/// A folder with a store in it, and the log lines of what uses them.
final class RoleRig: Sendable {
    let folder: String
    let store: FlakyStore
    private let lines = Mutex<[String]>([])

    init() async throws {
        folder = NSTemporaryDirectory() + "/pp-node-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let quiet = Log(part: "test", sink: { _ in })
        store = FlakyStore(try await SQLStore.open(path: folder + "/test.db", log: quiet) { _ in })
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)  // A left-over folder harms nobody.
    }

    var log: Log {
        Log(part: "test", level: .debug) { [weak self] line in self?.lines.withLock { $0.append(line) } }
    }

    /// How many log lines hold the words.
    func told(_ words: String) -> Int { lines.withLock { $0.count { $0.contains(words) } } }

    /// Makes one check and returns its host and plugin.
    func addCheck() async throws -> (host: Host, plugin: Plugin) {
        _ = try await store.add(Suite(name: "s"))
        let plugin = try await store.add(Plugin(name: "p", script: "check_p", suites: ["s"]))
        return (try await store.add(Host(name: "h", address: "192.0.2.1", suites: ["s"])), plugin)
    }
}

/// Whole seconds after a fixed moment.
func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_700_000_000 + seconds) }

func job(_ host: Host, _ plugin: Plugin, due: Int64) -> CheckJob {
    CheckJob(
        host: Shared(host), plugin: Shared(plugin), due: at(due), deadline: at(due + 60), isForced: true)
}

func result(_ host: Host, _ plugin: Plugin, due: Int64, text: String = "fine") -> CheckResult {
    CheckResult(
        check: CheckID(host: host.id, plugin: plugin.id), due: at(due), started: at(due), ended: at(due),
        state: .ok, cause: .exited, exitCode: 0, output: PluginOutput(text: text), worker: "w",
        keepsHistory: true)
}

/// Waits until `condition` holds, at most 20 seconds; returns whether it did.
func eventually(_ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await condition()
}
