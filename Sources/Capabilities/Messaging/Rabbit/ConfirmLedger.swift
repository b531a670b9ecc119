/// What was published on one connection and not confirmed yet, by the number that the broker knows it by.
///
/// Numbers count from 1, one a publication.
struct ConfirmLedger<Message: Sendable> {
    private struct Entry {
        let message: Message
        var isReturned = false
    }

    /// Position 0 is publication `first`; those that are settled are nil.
    private var entries: [Entry?] = []
    /// Positions before this are settled and are dropped now and then.
    private var start = 0
    private var first: UInt64 = 1
    private(set) var count = 0

    /// What one confirmation settled, in the order of publication.
    struct Settled {
        /// The broker has these.
        var safe: [Message] = []
        /// No queue was there for these.
        var returned: [Message] = []
    }

    /// Notes a publication and returns its number.
    mutating func publish(_ message: Message) -> UInt64 {
        entries.append(Entry(message: message))
        count += 1
        return first + UInt64(entries.count) - 1
    }

    /// The broker said of this publication that no queue was there for it.
    mutating func markReturned(_ number: UInt64) {
        guard let position = position(of: number) else { return }
        entries[position]?.isReturned = true
    }

    /// The broker confirmed this publication, or all up to it.
    mutating func confirm(_ number: UInt64, upTo: Bool) -> Settled {
        var settled = Settled()
        settle(number, upTo) { entry in
            if entry.isReturned {
                settled.returned.append(entry.message)
            } else {
                settled.safe.append(entry.message)
            }
        }
        return settled
    }

    /// The broker refused this publication, or all up to it; returned are those that must be published again.
    mutating func refuse(_ number: UInt64, upTo: Bool) -> [Message] {
        var refused: [Message] = []
        settle(number, upTo) { refused.append($0.message) }
        return refused
    }

    /// Takes everything out that is not confirmed, in order, and begins anew with number 1.
    mutating func drain() -> [Message] {
        let rest = entries[start...].compactMap { $0?.message }
        self = ConfirmLedger()
        return rest
    }

    private func position(of number: UInt64) -> Int? {
        guard number >= first, number - first < UInt64(entries.count) else { return nil }
        return Int(number - first)
    }

    private mutating func settle(_ number: UInt64, _ upTo: Bool, _ body: (Entry) -> Void) {
        guard let last = position(of: number), last >= start else { return }
        for position in (upTo ? start : last)...last {
            guard let entry = entries[position].take() else { continue }
            count -= 1
            body(entry)
        }
        while start < entries.count, entries[start] == nil { start += 1 }
        guard start >= 4096 || start == entries.count else { return }
        entries.removeFirst(start)
        first += UInt64(start)
        start = 0
    }
}
