/// First in, first out, in one array that is used round and round and grows by doubling.
struct Ring<Element> {
    private var storage: [Element?] = []
    private var head = 0
    private(set) var count = 0

    mutating func append(_ element: Element) {
        if count == storage.count { grow() }
        storage[(head + count) & (storage.count - 1)] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = storage[head].take()
        head = (head + 1) & (storage.count - 1)
        count -= 1
        return element
    }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(16, 2 * storage.count))
        for offset in 0..<count { larger.append(storage[(head + offset) & (storage.count - 1)]) }
        while larger.count < max(16, 2 * storage.count) { larger.append(nil) }
        storage = larger
        head = 0
    }
}
