/// Deadlines in order, smallest first and of equal ones the smallest number: a binary heap of plain pairs.
struct TimerHeap {
    private struct Entry: Comparable {
        var deadline: Int64
        var number: UInt64

        static func < (left: Self, right: Self) -> Bool {
            left.deadline == right.deadline ? left.number < right.number : left.deadline < right.deadline
        }
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }
    var first: Int64? { entries.first?.deadline }
    var firstNumber: UInt64? { entries.first?.number }

    mutating func insert(deadline: Int64, number: UInt64) {
        entries.append(Entry(deadline: deadline, number: number))
        siftUp(from: entries.count - 1)
    }

    /// Removes the smallest entry and returns its number; the heap must not be empty.
    mutating func removeFirst() -> UInt64 {
        let number = entries[0].number
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            siftDown(from: 0)
        }
        return number
    }

    /// Keeps the entries whose number passes, in one pass.
    mutating func keep(where isKept: (UInt64) -> Bool) {
        entries.removeAll { !isKept($0.number) }
        for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
    }

    private mutating func siftUp(from start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard entries[index] < entries[parent] else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(from start: Int) {
        var index = start
        while true {
            var smallest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < entries.count && entries[child] < entries[smallest] {
                smallest = child
            }
            guard smallest != index else { return }
            entries.swapAt(index, smallest)
            index = smallest
        }
    }
}
