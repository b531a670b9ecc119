package import Statistics

/// Where the API gets curves and graphs from; ``Archives`` is one.
package protocol StatisticsSource: Sendable {
    /// As ``Archives/series(_:from:to:points:)``.
    func series(
        _ subject: Archives.Subject, from: Int64, to: Int64, points: Int
    ) async throws(StatisticsError) -> Series?
    /// As ``Archives/graph(_:_:)``.
    func graph(_ subject: Archives.Subject, _ request: GraphRequest) async throws(StatisticsError) -> [UInt8]?
}

extension Archives: StatisticsSource {}
