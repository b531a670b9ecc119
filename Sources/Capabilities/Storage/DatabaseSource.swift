package import Log

/// Where a store's database is and how it is opened: a file or a server.
package protocol DatabaseSource: Sendable {
    /// The file, or the server with the database, for sentences.
    var name: String { get }
    var log: Log { get }
    /// Space held back for a full disk; nil where the disk is not ours.
    var reserve: DiskReserve? { get }

    /// A connection that writes; makes the tables or carries older ones over first.
    func open() throws(StoreError) -> Database
    /// A connection that only reads.
    func openReader() throws(StoreError) -> Database
}
