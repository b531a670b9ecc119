import Model

/// The sentence for a name that is not known.
enum Nearest {
    /// With the nearest known name, else with all of them.
    static func sentence(unknown kind: String, _ wanted: String, among names: [String]) -> String {
        if let nearest = NearestName.nearest(to: wanted, among: names) {
            return "unknown \(kind); did you mean \(nearest)?"
        }
        return names.isEmpty
            ? "unknown \(kind); none is known here"
            : "unknown \(kind); known: \(names.joined(separator: ", "))"
    }
}
