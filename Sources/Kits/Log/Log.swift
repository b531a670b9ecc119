import Glibc
import Posix
import Synchronization

/// Writes events to standard error, one line each, as text for people or JSON for machines.
///
/// A line is one `write`, so that threads never mix. Values are escaped: no event can forge a second line or reach the
/// terminal with control characters. Secrets are never passed in.
package struct Log: Sendable {
    package enum Level: Int, Sendable, Comparable, CaseIterable {
        case debug, info, warning, error

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    package enum Format: String, Sendable, CaseIterable {
        case text, json
    }

    /// Where lines go; tests catch them here.
    package typealias Sink = @Sendable (String) -> Void

    private let level: Level
    private let format: Format
    private let part: String
    private let sink: Sink

    /// A log of one `part` of the program ("scheduler"); events below `level` are dropped.
    package init(
        part: String, level: Level = .info, format: Format = .text, sink: @escaping Sink = Log.standardError
    ) {
        self.part = part
        self.level = level
        self.format = format
        self.sink = sink
    }

    /// The same log under the name of another part.
    package func part(_ name: String) -> Log {
        Log(part: name, level: level, format: format, sink: sink)
    }

    package func debug(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.debug, message, fields)
    }

    package func info(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.info, message, fields)
    }

    package func warning(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:])
    {
        write(.warning, message, fields)
    }

    package func error(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.error, message, fields)
    }

    /// Writes a line to standard error; a closed or full one drops it, since a log must not stop checks.
    package static let standardError: Sink = { line in
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(2, bytes, bytes.count)
    }

    private func write(_ level: Level, _ message: () -> String, _ fields: KeyValuePairs<String, String>) {
        guard level >= self.level else { return }
        let time = LogTime.now()
        switch format {
        case .text: sink(textLine(time, level, message(), fields))
        case .json: sink(jsonLine(time, level, message(), fields))
        }
    }

    private func textLine(
        _ time: String, _ level: Level, _ message: String, _ fields: KeyValuePairs<String, String>
    ) -> String {
        let pairs = fields.map { " \($0.key)=\(LogText.quoted($0.value))" }.joined()
        return "\(time) \(level) \(part): \(LogText.escaped(message))\(pairs)"
    }

    private func jsonLine(
        _ time: String, _ level: Level, _ message: String, _ fields: KeyValuePairs<String, String>
    ) -> String {
        let all =
            [("time", time), ("level", "\(level)"), ("part", part), ("message", message)]
            + fields.map { ($0.key, $0.value) }
        return "{" + all.map { "\(LogText.json($0.0)):\(LogText.json($0.1))" }.joined(separator: ",") + "}"
    }
}
