/// Finds the known name that a mistyped one was probably meant to be.
package enum Nearest {
    /// The nearest of `names`, when it is near enough to be a slip: a third of the letters, at least one.
    package static func name(to wanted: String, among names: [String]) -> String? {
        let letters = Array(wanted.lowercased().prefix(64))
        let best = names.map { (name: $0, distance: distance(letters, Array($0.lowercased()))) }
            .min { $0.distance < $1.distance }
        guard let best, best.distance <= max(1, min(letters.count, best.name.count) / 3) else { return nil }
        return best.name
    }

    /// The sentence for an unknown name: with the nearest known one, else with all of them.
    package static func sentence(unknown kind: String, _ wanted: String, among names: [String]) -> String {
        if let nearest = name(to: wanted, among: names) { return "unknown \(kind); did you mean \(nearest)?" }
        return names.isEmpty
            ? "unknown \(kind); none is known here" : "unknown \(kind); known: \(names.joined(separator: ", "))"
    }

    /// How many letters must be put in, taken out, changed, or swapped with the next.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(
                    previous[column] + (letter == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], other == left[row - 1] {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            before = previous
            previous = current
        }
        return previous[right.count]
    }
}
