import CLinux
import Glibc

/// Numbers of echoes that wait to be sent, first in, first out.
struct EchoQueue: Sendable {
    private var places: [Int32] = []
    private var head = 0

    var isEmpty: Bool { head == places.count }
    var count: Int { places.count - head }

    mutating func append(_ place: Int32) { places.append(place) }

    mutating func popFirst() -> Int32? {
        guard head < places.count else { return nil }
        defer { head += 1 }
        if head > 4096, head * 2 > places.count {
            places.removeFirst(head)
            head = 0
        }
        return places[head]
    }

    /// Puts echoes back to the front, in their order.
    mutating func putBack(_ again: some Collection<Int32>) {
        places.replaceSubrange(0..<head, with: again)
        head = 0
    }
}

/// Random numbers from the kernel, fetched by the page.
struct NonceSource: Sendable {
    private var numbers: [UInt64] = []

    mutating func next() -> UInt64 {
        while true {
            if let number = numbers.popLast() { return number }
            refill()
        }
    }

    private mutating func refill() {
        numbers = [UInt64](repeating: 0, count: 256)
        let wanted = numbers.count * 8
        // Beyond 256 bytes a signal may cut getrandom(2) short; it does not fail once the pool is ready.
        while getrandom(&numbers, wanted, 0) != wanted {}
    }
}
