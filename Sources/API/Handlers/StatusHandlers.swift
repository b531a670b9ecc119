import APIContract
import HTTPServer
import JSON
import Model
import Storage

extension Service {
    func listStatus(_ call: Call) async throws(Problem) -> Response {
        let query = StatusQuery(
            page: call.page, states: call.states, host: call.query.string("host"),
            plugin: call.query.string("plugin"), suite: call.query.string("suite"),
            maintenance: call.query.boolean("maintenance"))
        let known = statusPages.find(query)
        let moment = known.flatMap { $0.isFresh(at: call.now) ? $0.moment : nil }
        let reading = try await stored { () async throws(StoreError) in
            try await parts.store.statuses(query, unlessStill: moment)
        }
        if let known, reading.page == nil { return Answer.json(known.body) }
        let list = reading.page ?? Page(items: [], total: 0)
        let page = StatusPage(list, query: query, moment: reading.moment, now: call.now, before: known)
        statusPages.keep(page)
        return Answer.json(page.body)
    }

    func listHistory(_ call: Call) async throws(Problem) -> Response {
        let values = call.query
        if let from = values.time("from"), let to = values.time("to"), from > to {
            throw Problem(invalid: [FieldError(field: "from", reason: "must not be after to")])
        }
        let query = HistoryQuery(
            states: call.states, host: values.string("host"), plugin: values.string("plugin"),
            suite: values.string("suite"), from: values.time("from"),
            to: values.time("to").map(\.endOfMillisecond),
            cursor: values.string("cursor"), limit: values.integer("limit") ?? 100)
        let page = try await stored { () async throws(StoreError) in try await parts.store.history(query) }
        var writer = JSONWriter(capacity: 64 + page.items.count * 512)
        writer.beginObject()
        writer.name("items")
        writer.beginArray()
        for item in page.items { writer.status(item, now: call.now) }
        writer.endArray()
        writer.member("cursor", JSONValue(page.cursor))
        writer.endObject()
        return Answer.json(200, writer)
    }
}

extension Timestamp {
    /// The last microsecond of the millisecond that people see, so that a time copied from an answer finds its row.
    fileprivate var endOfMillisecond: Timestamp {
        self + .microseconds(999 - microseconds % 1000)
    }
}
