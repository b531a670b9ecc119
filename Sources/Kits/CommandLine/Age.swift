/// Durations in the two largest units that matter, as "3m 12s" or "2d 4h".
package enum Age {
    package static func text(seconds: Int64) -> String {
        let units: [(name: String, length: Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        let seconds = max(0, seconds)
        guard let index = units.firstIndex(where: { seconds >= $0.length }) else { return "0s" }
        let first = "\(seconds / units[index].length)\(units[index].name)"
        guard index + 1 < units.count else { return first }
        let rest = seconds % units[index].length / units[index + 1].length
        return rest == 0 ? first : first + " \(rest)\(units[index + 1].name)"
    }
}
