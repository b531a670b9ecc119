import Foundation
import Glibc
import Synchronization
import Testing

/// How much is done: a short form for every change, a long one for `make torture`.
enum Extent {
    static let isFull = ProcessInfo.processInfo.environment["TORTURE"] == "full"

    /// Whether the engine was built with a sanitizer.
    static let isSanitized = ProcessInfo.processInfo.environment["SANITIZER"] != nil

    static func pick<Value>(_ short: Value, _ full: Value) -> Value { isFull ? full : short }
}

/// One thing that is done to the engine, with what was seen; ends as a row of the table.
final class Scenario {
    private let what: String
    private let injected: String
    private var seen: [String] = []
    private var broken: [String] = []
    private var skipped: String?

    private init(_ what: String, _ injected: String) {
        self.what = what
        self.injected = injected
        Report.progress("\(what): \(injected)")
    }

    /// Runs `body` and writes its row, whatever happens.
    static func run(
        _ what: String, injected: String, _ body: (Scenario) async throws -> Void
    ) async throws {
        let scenario = Scenario(what, injected)
        defer { scenario.end() }
        do {
            try await body(scenario)
        } catch {
            scenario.broken.append("\(error)")
            throw error
        }
    }

    /// A fact for the table.
    func see(_ fact: String) {
        seen.append(fact)
        Report.progress("  \(fact)")
    }

    /// A rule that must hold; `isHeld` false fails the test.
    func hold(
        _ isHeld: Bool, _ rule: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(isHeld, "\(what): \(rule)", sourceLocation: sourceLocation)
        if !isHeld { broken.append(rule) }
    }

    /// A rule about time, which only the long form insists on: it has the machine for itself.
    func holdInTime(
        _ isHeld: Bool, _ rule: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        guard Extent.isFull else { return }
        hold(isHeld, rule, sourceLocation: sourceLocation)
    }

    /// This machine does not let it be tried.
    func skip(_ reason: String) { skipped = reason }

    private func end() {
        let verdict =
            broken.isEmpty
            ? skipped.map { "not tried: \($0)" } ?? "held" : "BROKEN: " + broken.joined(separator: "; ")
        let row = [what, injected, seen.joined(separator: ", "), verdict]
        Report.add(row.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") })
    }
}

/// The table of all scenarios, printed when the process ends.
enum Report {
    private static let rows = Mutex<[[String]]>([])
    private static let began = ContinuousClock.now

    static func progress(_ line: String) {
        let seconds = (ContinuousClock.now - began).components.seconds
        write("[\(seconds) s] \(line)\n")
    }

    private static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    static func add(_ row: [String]) {
        let isFirst = rows.withLock { rows in
            rows.append(row)
            return rows.count == 1
        }
        if isFirst { atexit { Report.show() } }
    }

    /// One block a scenario, as what was seen needs room.
    private static func show() {
        let all = rows.withLock { $0 }
        let width = all.map { $0[0].count }.max() ?? 0
        var text = "\nWHAT, INJECTED, SEEN, VERDICT\n"
        for row in all {
            let name = row[0].padding(toLength: width + 2, withPad: " ", startingAt: 0)
            let indent = String(repeating: " ", count: width + 2)
            text += name + row[1] + "\n" + indent + row[2] + "\n" + indent + row[3] + "\n"
        }
        let broken = all.count { $0[3].hasPrefix("BROKEN") }
        text += "\(all.count) scenarios, \(broken) broken\n"
        write(text)
    }
}
