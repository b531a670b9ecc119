/// A command line that cannot be understood; programs exit with status 2.
package struct UsageError: Error, Equatable {
    /// What is wrong and what is accepted.
    package var message: String
    /// The command whose help says more, as "ppadm add host".
    package var command: String

    package init(_ message: String, command: String) {
        self.message = message
        self.command = command
    }
}

/// Finds what a person most likely meant.
enum Nearest {
    /// The candidate closest to `text`; nil when none is near.
    static func match(_ text: String, in candidates: [String]) -> String? {
        if text.count >= 2, let longer = candidates.first(where: { $0.hasPrefix(text) }) { return longer }
        let allowed = max(1, text.count / 3)
        return candidates.map { (distance: distance(text, $0), name: $0) }
            .filter { $0.distance <= allowed }
            .min { $0.distance < $1.distance }?.name
    }

    /// How many single edits (insert, drop, replace, swap of neighbours) turn one text into the other.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.lowercased())
        let right = Array(right.lowercased())
        var rows = [Array(0...right.count)]
        for row in 1..<(left.count + 1) {
            var line = [row]
            for column in 1..<(right.count + 1) {
                let differs = left[row - 1] == right[column - 1] ? 0 : 1
                var best = min(
                    rows[row - 1][column] + 1, line[column - 1] + 1, rows[row - 1][column - 1] + differs)
                let isSwap =
                    row > 1 && column > 1 && left[row - 1] == right[column - 2]
                    && left[row - 2] == right[column - 1]
                if isSwap { best = min(best, rows[row - 2][column - 2] + 1) }
                line.append(best)
            }
            rows.append(line)
        }
        return rows[left.count][right.count]
    }
}
