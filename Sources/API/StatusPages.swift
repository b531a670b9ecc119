import HTTPServer
import JSON
import Model
import Storage
import Synchronization

/// The last lists of statuses as they were sent, so that what has not changed is not written again.
///
/// A list is sent again while the store says that nothing was committed since and none of its rows has become stale. In
/// a list that was read anew only those rows are written anew that differ from what was read before.
final class StatusPages: Sendable {
    /// Lists kept at once, and bytes of all of them; those used longest ago go first.
    private static let limit = 16
    private static let byteLimit = 32 << 20

    private let kept = Mutex<[StatusPage]>([])

    /// The list that was the last answer to this query.
    func find(_ query: StatusQuery) -> StatusPage? {
        kept.withLock { pages in
            guard let index = pages.lastIndex(where: { $0.query == query }) else { return nil }
            let page = pages.remove(at: index)
            pages.append(page)
            return page
        }
    }

    /// Keeps a list in the place of an older one of its query.
    func keep(_ page: StatusPage) {
        guard page.moment != nil, page.body.count <= Self.byteLimit / 4 else { return }
        kept.withLock { pages in
            pages.removeAll { $0.query == page.query }
            pages.append(page)
            var bytes = pages.reduce(0) { $0 + $1.body.count }
            while pages.count > Self.limit || bytes > Self.byteLimit {
                bytes -= pages.removeFirst().body.count
            }
        }
    }
}

/// A list of statuses as it is sent, with what it was written from.
final class StatusPage: Sendable {
    private struct Row: Sendable {
        let status: CheckStatus
        let isStale: Bool
        /// Where its object is in the body.
        let range: Range<Int>
    }

    private struct Name: Hashable, Sendable {
        let host: String
        let plugin: String

        init(_ status: CheckStatus) {
            host = status.host
            plugin = status.plugin
        }
    }

    let query: StatusQuery
    let moment: StoreMoment?
    let body: SharedBytes
    private let rows: [Row]
    private let places: [Name: Int]
    /// When it was written, and the first moment after which one of its rows is stale.
    private let written: Timestamp
    private let freshUntil: Timestamp

    /// Writes a list at `now`; rows that were the same in `before` are taken over from there.
    init(
        _ list: Page<CheckStatus>, query: StatusQuery, moment: StoreMoment?, now: Timestamp,
        before: StatusPage?
    ) {
        var writer = JSONWriter(capacity: 256 + max(list.items.count * 512, before?.body.count ?? 0))
        var rows: [Row] = []
        var places: [Name: Int] = [:]
        rows.reserveCapacity(list.items.count)
        places.reserveCapacity(list.items.count)
        var freshUntil = Timestamp(microseconds: .max)
        writer.beginObject()
        writer.name("items")
        writer.beginArray()
        for (index, status) in list.items.enumerated() {
            let isStale = status.isStale(at: now)
            if !isStale { freshUntil = min(freshUntil, status.freshUntil) }
            let name = Name(status)
            // A comma goes before every object but the first.
            let start = writer.bytes.count + min(index, 1)
            if let (page, range) = before?.written(status, name, isStale) {
                writer.taken { page.body.append(range, to: &$0) }
            } else {
                writer.status(status, now: now)
            }
            rows.append(Row(status: status, isStale: isStale, range: start..<writer.bytes.count))
            places[name] = index
        }
        writer.endArray()
        writer.member("total", .integer(Int64(list.total)))
        writer.member("page", .integer(Int64(query.page.page)))
        writer.member("per_page", .integer(Int64(query.page.perPage)))
        writer.endObject()
        self.query = query
        self.moment = moment
        self.rows = rows
        self.places = places
        self.freshUntil = freshUntil
        written = now
        body = SharedBytes(writer.bytes)
    }

    /// Whether it says at `now` what it said when it was written, as long as the store is the same.
    func isFresh(at now: Timestamp) -> Bool { now >= written && now <= freshUntil }

    /// Where this status is, when it was written before and is the same in every field.
    private func written(_ status: CheckStatus, _ name: Name, _ isStale: Bool) -> (StatusPage, Range<Int>)? {
        guard let place = places[name] else { return nil }
        let row = rows[place]
        return row.isStale == isStale && row.status == status ? (self, row.range) : nil
    }
}

extension CheckStatus {
    /// After this it is stale.
    fileprivate var freshUntil: Timestamp {
        guard let due, !maintenance else { return Timestamp(microseconds: .max) }
        return due + .seconds(3 * interval + timeout)
    }
}
