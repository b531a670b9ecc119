import APIContract
import HTTPServer
import JSON
import Model
import Storage

extension Call {
    /// The part of the list that is asked for.
    var page: PageRequest {
        let sort = query.string("sort")
        let isDescending = sort?.hasPrefix("-") ?? false
        return PageRequest(
            page: query.integer("page") ?? 1, perPage: query.integer("per_page") ?? 50,
            sort: sort.map { isDescending ? String($0.dropFirst()) : $0 }, isDescending: isDescending)
    }

    /// Answers a page; `write` writes one item.
    func answer<Item>(_ list: Page<Item>, write: (Item, inout JSONWriter) -> Void) -> Response {
        var writer = JSONWriter(capacity: 64 + list.items.count * 512)
        writer.beginObject()
        writer.name("items")
        writer.beginArray()
        for item in list.items { write(item, &writer) }
        writer.endArray()
        writer.member("total", .integer(Int64(list.total)))
        writer.member("page", .integer(Int64(page.page)))
        writer.member("per_page", .integer(Int64(page.perPage)))
        writer.endObject()
        return Answer.json(200, writer)
    }

    /// Filters of a list of objects.
    func objects() throws(Problem) -> ObjectQuery {
        var label: LabelFilter?
        if let text = query.string("label") {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                let error = FieldError(
                    field: "label", reason: "must be a label as name=value", value: .string(text))
                throw Problem(invalid: [error])
            }
            label = LabelFilter(
                name: String(text[..<equals]), value: String(text[text.index(after: equals)...]))
        }
        return ObjectQuery(
            page: page, search: query.string("search"), suite: query.string("suite"),
            subnet: query.string("subnet"), maintenance: query.boolean("maintenance"), label: label)
    }

    /// The states that are asked for; empty for all.
    var states: [CheckState] { (query.list("state") ?? []).compactMap { CheckState(name: $0) } }
}

extension Timestamp {
    var json: JSONValue { .string(rfc3339) }
}
