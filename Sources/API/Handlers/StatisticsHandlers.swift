import APIContract
import HTTPServer
import JSON
import Model
import Statistics

extension Service {
    /// The archive of the worker in the path; a name that cannot be a worker's is none (it would become a
    /// path).
    func worker(_ call: Call) throws(Problem) -> Archives.Subject {
        guard WorkerName.isValid(call.name) else { throw .notFound("worker", call.name) }
        return .worker(call.name)
    }

    func statistics(_ subject: Archives.Subject, _ call: Call) async throws(Problem) -> Response {
        let (from, to) = try span(call)
        let wanted = try names(subject, call)
        let points = call.query.integer("points") ?? 500
        let found = try await read { () async throws(StatisticsError) in
            try await parts.statistics.series(subject, from: from, to: to, points: points)
        }
        guard let found else { throw .notFound("worker", call.name) }
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        writer.member("step", .integer(Int64(found.step)))
        writer.name("series")
        writer.beginObject()
        for line in found.lines where wanted.isEmpty || wanted.contains(line.name) {
            write(line, &writer)
        }
        writer.endObject()
        writer.endObject()
        return Answer.json(200, writer)
    }

    func graph(_ subject: Archives.Subject, _ call: Call) async throws(Problem) -> Response {
        let (from, to) = try span(call)
        let request = GraphRequest(
            from: from, to: to, width: call.query.integer("width") ?? 900,
            height: call.query.integer("height") ?? 320, series: try names(subject, call))
        let image = try await read { () async throws(StatisticsError) in
            try await parts.statistics.graph(subject, request)
        }
        guard let image else { throw .notFound("worker", call.name) }
        return Answer.content("image/png", image)
    }

    private func write(_ line: Series.Line, _ writer: inout JSONWriter) {
        writer.name(line.name)
        writer.beginArray()
        for point in line.points {
            writer.beginArray()
            writer.value(point.time)
            if let value = point.value { writer.value(value) } else { writer.null() }
            writer.endArray()
        }
        writer.endArray()
    }

    private func span(_ call: Call) throws(Problem) -> (Int64, Int64) {
        let to = call.query.time("to") ?? call.now
        let from = call.query.time("from") ?? to + .seconds(-86400)
        guard from.seconds < to.seconds else {
            throw Problem(invalid: [FieldError(field: "from", reason: "must be before to")])
        }
        return (from.seconds, to.seconds)
    }

    private func names(_ subject: Archives.Subject, _ call: Call) throws(Problem) -> [String] {
        let known = subject == .global ? GlobalCounts.sourceNames : WorkerReport.sourceNames
        let wanted = (call.query.list("series") ?? []).unique
        for name in wanted where !known.contains(name) {
            let hint = NearestName.suggestion(for: name, among: known)
            let reason =
                "there is no series with this name"
                + (hint.isEmpty ? "; known: " + known.joined(separator: ", ") : hint)
            throw Problem(invalid: [FieldError(field: "series", reason: reason, value: .string(name))])
        }
        return wanted
    }

    private func read<Value>(
        _ body: () async throws(StatisticsError) -> Value
    ) async throws(Problem) -> Value {
        do throws(StatisticsError) {
            return try await body()
        } catch {
            throw Problem(error)
        }
    }
}
