import Testing

@testable import Messaging

/// What is published and not confirmed.
@Suite("Ledger of publications")
struct ConfirmLedgerTests {
    private func ledger(_ count: Int) -> ConfirmLedger<Int> {
        var ledger = ConfirmLedger<Int>()
        for number in 1...count { #expect(ledger.publish(number) == UInt64(number)) }
        return ledger
    }

    @Test("a confirmation settles one, or all up to it, and each only once")
    func confirmations() {
        var ledger = ledger(6)

        #expect(ledger.confirm(2, upTo: false).safe == [2])
        #expect(ledger.confirm(4, upTo: true).safe == [1, 3, 4])
        #expect(ledger.confirm(4, upTo: true).safe == [])
        #expect(ledger.confirm(99, upTo: false).safe == [])
        #expect(ledger.count == 2)
        #expect(ledger.drain() == [5, 6])
        #expect(ledger.count == 0)
        #expect(ledger.publish(7) == 1)
    }

    @Test("what was returned is not safe when it is confirmed")
    func returned() {
        var ledger = ledger(3)
        ledger.markReturned(2)
        let settled = ledger.confirm(3, upTo: true)

        #expect(settled.safe == [1, 3])
        #expect(settled.returned == [2])
    }

    @Test("what is refused comes back in order")
    func refused() {
        var ledger = ledger(4)
        _ = ledger.confirm(1, upTo: false)

        #expect(ledger.refuse(3, upTo: true) == [2, 3])
        #expect(ledger.drain() == [4])
    }

    @Test("numbers go on over many more publications than are open at once")
    func many() {
        var ledger = ConfirmLedger<Int>()
        var safe: [Int] = []
        for number in 0..<50_000 {
            let tag = ledger.publish(number)
            // Every second one late, so that there always is a gap.
            if tag % 2 == 0 { safe += ledger.confirm(tag, upTo: false).safe }
            if tag % 100 == 0 { safe += ledger.confirm(tag, upTo: true).safe }
        }
        #expect(ledger.count == 0)
        #expect(safe.sorted() == Array(0..<50_000))
    }
}

/// What is delivered and not settled.
@Suite("Ledger of deliveries")
struct DeliveryLedgerTests {
    private typealias Word = DeliveryLedger.Acknowledgement

    private func ledger(_ count: UInt64) -> DeliveryLedger {
        var ledger = DeliveryLedger()
        for tag in 1...count { ledger.deliver(tag) }
        return ledger
    }

    @Test("an unbroken front is acknowledged by one word, the others one by one")
    func words() {
        var ledger = ledger(10)

        #expect(ledger.acknowledge([3, 1, 2]) == [Word(tag: 3, upTo: true)])
        #expect(ledger.acknowledge([6, 8]) == [Word(tag: 6, upTo: false), Word(tag: 8, upTo: false)])
        #expect(ledger.count == 5)
        // 6 is settled already: the word must name an open one.
        #expect(ledger.acknowledge([5, 4]) == [Word(tag: 5, upTo: true)])
        #expect(ledger.acknowledge([7]) == [Word(tag: 7, upTo: true)])
        #expect(ledger.acknowledge([9, 10]) == [Word(tag: 10, upTo: true)])
        #expect(ledger.count == 0)
    }

    @Test("what is settled already, or was never delivered, is not told again")
    func twice() {
        var ledger = ledger(3)
        #expect(ledger.settle(2) == true)
        #expect(ledger.settle(2) == false)

        #expect(ledger.acknowledge([2, 2, 4, 0]) == [])
        #expect(ledger.acknowledge([1, 1]) == [Word(tag: 1, upTo: true)])
    }
}

/// Pauses between tries.
@Suite("Back-off")
struct BackoffTests {
    @Test("pauses double from one second to five, moved by a quarter at most, and begin anew")
    func pauses() {
        var backoff = Backoff()

        #expect(
            (0..<5).map { _ in backoff.pause(chance: 0.5) } == [1, 2, 4, 5, 5].map { .seconds($0) })
        #expect(backoff.pause(chance: 0) == .seconds(3.75))
        #expect(backoff.pause(chance: 1) == .seconds(6.25))
        backoff.reset()
        #expect(backoff.pause(chance: 0.5) == .seconds(1))
    }
}
