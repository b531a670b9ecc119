import Log
import Synchronization
import Testing

/// Keeps the lines that a log writes.
private final class Lines: Sendable {
    private let kept = Mutex<[String]>([])
    var all: [String] { kept.withLock { $0 } }
    func add(_ line: String) { kept.withLock { $0.append(line) } }
}

@Suite("Log lines")
struct LogTests {
    @Test("a text line has time, level, part, message and fields")
    func text() throws {
        let lines = Lines()
        Log(part: "scheduler", sink: { lines.add($0) }).info("hello", ["count": "3", "name": "a b"])
        let line = try #require(lines.all.first)

        #expect(line.hasSuffix(" info scheduler: hello count=3 name=\"a b\""))
        #expect(line.prefix(24).hasSuffix("Z"))
    }

    @Test("events below the level are dropped")
    func level() {
        let lines = Lines()
        let log = Log(part: "x", level: .warning, sink: { lines.add($0) })
        log.info("no")
        log.warning("yes")
        log.part("y").error("also")

        #expect(lines.all.count == 2)
        #expect(lines.all[1].contains(" error y: also"))
    }

    @Test("no value can forge a line or reach the terminal with control characters")
    func escapes() throws {
        let lines = Lines()
        Log(part: "x", sink: { lines.add($0) }).info("a\nb\u{1b}[31m", ["k": "v\n\"w"])
        let line = try #require(lines.all.first)

        #expect(!line.contains("\n") && !line.contains("\u{1b}"))
        #expect(line.contains("a\\x0ab\\x1b[31m k=\"v\\n\\\"w\""))
    }

    @Test("a JSON line is one object with the same members")
    func json() throws {
        let lines = Lines()
        Log(part: "x", format: .json, sink: { lines.add($0) }).error("said \"no\"", ["k": "\u{1}"])
        let line = try #require(lines.all.first)

        #expect(line.hasPrefix("{\"time\":\""))
        #expect(
            line.hasSuffix(
                "\"level\":\"error\",\"part\":\"x\",\"message\":\"said \\\"no\\\"\",\"k\":\"\\u0001\"}"))
    }
}
