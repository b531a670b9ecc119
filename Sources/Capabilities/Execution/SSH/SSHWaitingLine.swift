/// Commands that wait for a channel, first come first served; taking the first costs the same however many wait.
struct SSHWaitingLine {
    private var entries: [SSHPool.Waiting] = []
    private var head = 0

    var isEmpty: Bool { head == entries.count }
    var first: SSHPool.Waiting? { isEmpty ? nil : entries[head] }

    mutating func append(_ waiting: SSHPool.Waiting) { entries.append(waiting) }

    /// Puts one back that had been taken.
    mutating func prepend(_ waiting: SSHPool.Waiting) {
        if head > 0 {
            head -= 1
            entries[head] = waiting
        } else {
            entries.insert(waiting, at: 0)
        }
    }

    mutating func removeFirst() {
        head += 1
        guard head > 64, head * 2 > entries.count else { return }
        entries.removeFirst(head)
        head = 0
    }

    /// Takes all of one kind out, in order.
    mutating func takeAll(_ isWanted: (SSHPool.Waiting) -> Bool) -> [SSHPool.Waiting] {
        guard entries[head...].contains(where: isWanted) else { return [] }
        let all = entries[head...]
        entries = all.filter { !isWanted($0) }
        head = 0
        return all.filter(isWanted)
    }
}
