/// How long to wait before a broker is tried again: from a second to five, as checks wait for it, never all at the same moment.
struct Backoff {
    static let shortest = Duration.seconds(1)
    static let longest = Duration.seconds(5)

    private var next = shortest

    /// The pause after one more failure; `chance` lies in 0..<1 and moves it by a quarter to either side.
    mutating func pause(chance: Double) -> Duration {
        defer { next = min(next * 2, Self.longest) }
        return next * (0.75 + chance / 2)
    }

    mutating func reset() { next = Self.shortest }
}
