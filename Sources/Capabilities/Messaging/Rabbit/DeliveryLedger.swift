/// Which deliveries of one connection are still open, so that each is settled once and many by one word.
///
/// The broker closes a channel on which a delivery is acknowledged twice.
struct DeliveryLedger {
    /// One word to the broker.
    struct Acknowledgement: Equatable {
        let tag: UInt64
        /// Whether it stands for all open deliveries before it as well.
        let upTo: Bool
    }

    /// The lowest delivery that is open.
    private var lowest: UInt64 = 1
    private var last: UInt64 = 0
    /// Those above the lowest that are settled.
    private var settled: Set<UInt64> = []

    /// How many deliveries are open.
    var count: Int { Int(last + 1 - lowest) - settled.count }

    mutating func deliver(_ tag: UInt64) { last = max(last, tag) }

    /// Settles one delivery; false when it is not open.
    mutating func settle(_ tag: UInt64) -> Bool {
        guard tag >= lowest, tag <= last, settled.insert(tag).inserted else { return false }
        while settled.remove(lowest) != nil { lowest += 1 }
        return true
    }

    /// Settles many; what to tell the broker, in rising order.
    mutating func acknowledge(_ tags: [UInt64]) -> [Acknowledgement] {
        let fresh = tags.filter { settle($0) }
        // All up to the lowest that is open are settled now; the highest of them speaks for the others.
        let highest = fresh.filter { $0 < lowest }.max()
        var words = highest.map { [Acknowledgement(tag: $0, upTo: true)] } ?? []
        words += fresh.filter { $0 >= lowest }.sorted().map { Acknowledgement(tag: $0, upTo: false) }
        return words
    }
}
