import JSON
import Log
import Model
import Posix

/// A file with the results that the database never takes, one JSON object a line; for people, never read back.
struct RefusedResults {
    /// Beyond this results are only counted and told.
    private static let limit: Int64 = 16 << 20

    let path: String
    let log: Log

    /// Never fails: what cannot be written is told in the log.
    func add(_ result: CheckResult, because reason: String) {
        do throws(PosixError) {
            let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
            try DurableFile.makeFolder(folder)
            guard try (DurableFile.size(of: path) ?? 0) < Self.limit else {
                log.error(
                    "a result is lost: the database refuses it, and the file for such is full", ["file": path]
                )
                return
            }
            var file = try DurableFile(appendingTo: path)
            try file.append(Self.line(result, reason))
            log.warning("the database refuses a result; it is set aside", ["file": path, "reason": reason])
        } catch {
            log.error(
                "a result is lost: the database refuses it, and it cannot be set aside",
                ["reason": error.description])
        }
    }

    private static func line(_ result: CheckResult, _ reason: String) -> [UInt8] {
        let line = JSONValue.object([
            JSONMember("reason", .string(reason)),
            JSONMember("host_id", .integer(result.check.host.value)),
            JSONMember("plugin_id", .integer(result.check.plugin.value)),
            JSONMember("scheduled_at", .string(result.due.rfc3339)),
            JSONMember("started_at", .string(result.started.rfc3339)),
            JSONMember("state", .string(result.state.name)),
            JSONMember("cause", .string(result.cause.rawValue)),
            JSONMember("output", .string(result.output.text)),
            JSONMember("long_output", .string(result.output.longText)),
            JSONMember("performance_data", .string(result.output.performanceText)),
            JSONMember("stderr", .string(result.output.errorText)),
            JSONMember("worker", .string(result.worker)),
        ])
        return line.bytes() + [UInt8(ascii: "\n")]
    }
}
