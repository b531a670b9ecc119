import APIContract
import CommandLine
import JSON

/// Items of a list with how many there are in all.
struct Paging {
    var items: [JSONValue]
    var total: Int
    /// What is printed as JSON.
    var envelope: JSONValue
    /// Whether a single page was asked for.
    private let isOnePage: Bool

    /// Rows of a table unless `--limit` says otherwise.
    private static let tableLimit = 1000
    /// Items of JSON and CSV at most.
    private static let dataLimit = 1_000_000
    private static let largestPage = 1000

    /// The options of a list: its filters, and those for its pages.
    static func options(of endpoint: EndpointID) -> [OptionSpecification] {
        let limit = OptionSpecification(
            "limit", value: .integer, help: "Items at most, over all pages.",
            defaultText: "\(tableLimit) in a table, else none")
        return Endpoint.named(endpoint).query.flatMap { field in
            field.name == "page" ? field.options() + [limit] : field.options()
        }
    }

    /// Gets the page that is asked for, else page after page up to the limit.
    static func fetch(
        _ endpoint: EndpointID, _ session: Session, adding extra: [(name: String, value: String)] = []
    ) throws(Failure) -> Paging {
        let command = session.command
        if let limit = command.integer("limit"), limit < 1 {
            throw session.usage("--limit takes a number of at least 1, not '\(limit)'")
        }
        if command.isGiven("page") || command.isGiven("per-page") {
            let answer = try session.connection().call(endpoint, query: session.query(of: endpoint) + extra)
            return Paging(answer, isOnePage: true)
        }
        let filters = try session.query(of: endpoint, leavingOut: ["page", "per_page"]) + extra
        let limit = command.integer("limit") ?? (session.format == .table ? tableLimit : dataLimit)
        return try follow(endpoint, session, filters, limit: limit)
    }

    private static func follow(
        _ endpoint: EndpointID, _ session: Session, _ filters: [(name: String, value: String)], limit: Int
    ) throws(Failure) -> Paging {
        let size = min(limit, largestPage)
        var result = Paging(.null, isOnePage: false)
        for page in 1... {
            let query = filters + [("page", String(page)), ("per_page", String(size))]
            let part = Paging(try session.connection().call(endpoint, query: query), isOnePage: false)
            result.items += part.items.prefix(limit - result.items.count)
            result.total = part.total
            if part.items.count < size || result.items.count >= min(limit, part.total) { break }
        }
        result.envelope = .object([
            JSONMember("items", .array(result.items)), JSONMember("total", .integer(Int64(result.total))),
        ])
        return result
    }

    private init(_ answer: JSONValue, isOnePage: Bool) {
        items = answer["items"]?.asArray ?? []
        total = Int(answer["total"]?.asInteger ?? Int64(items.count))
        envelope = answer
        self.isOnePage = isOnePage
    }

    /// Whether nothing is missing.
    var isComplete: Bool { items.count >= total }

    /// Says on standard error how many items are not shown.
    func remarkOnMore(_ session: Session) {
        guard !isComplete else { return }
        let advice = isOnePage ? "--page shows further ones" : "--limit shows more, filters fewer"
        session.console.remark("\(total - items.count) more of \(total) are not shown; \(advice)")
    }
}
