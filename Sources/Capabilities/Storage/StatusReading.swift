/// A moment of a store: equal ones mean that nothing was committed in between.
package struct StoreMoment: Hashable, Sendable {
    /// Which connection it was read by, and that connection's count of foreign commits.
    private let connection: Int
    private let version: Int64

    init(connection: Int, version: Int64) {
        self.connection = connection
        self.version = version
    }
}

/// A list of current statuses with the moment that it shows.
package struct StatusReading: Sendable {
    /// Nil when the store knows none: then the list is always read.
    package var moment: StoreMoment?
    /// Nil when nothing was committed since the moment that the caller knows.
    package var page: Page<CheckStatus>?

    package init(moment: StoreMoment?, page: Page<CheckStatus>?) {
        self.moment = moment
        self.page = page
    }
}

extension Store {
    /// The list, read anew.
    package func statuses(
        _ query: StatusQuery, unlessStill moment: StoreMoment?
    ) async throws(StoreError) -> StatusReading {
        StatusReading(moment: nil, page: try await statuses(query))
    }
}
