/// What is known of one script that is to be kept warm: what its runs use, and when a helper may be tried.
///
/// Decides only; times are nanoseconds of the monotonic clock.
struct WarmScript: Sendable {
    /// Modules that may be refused one by one before none is loaded any more.
    static let mostRefusedModules = 8
    /// Bytes of lessons that are kept.
    static let longestLessons = 60_000
    /// The first pause after a failure, and the longest.
    static let shortestPause: Int64 = 60_000_000_000
    static let longestPause: Int64 = 3_600_000_000_000

    /// What an earlier run used, as the helper told it; empty while nothing is known.
    private(set) var lessons: [[UInt8]] = []
    /// Why it runs cold; nil while nothing is wrong.
    private(set) var refusal: String?
    private var refusedModules = 0
    private var failures = 0
    private var stumbles = 0
    private var tryAt = Int64.min
    /// When it ran last.
    var lastRun = Int64.min

    /// Whether a helper may be started at `now`.
    func mayTry(at now: Int64) -> Bool { now >= tryAt }

    /// The helper took a run: whatever was wrong is over.
    mutating func succeeded() {
        (failures, stumbles) = (0, 0)
        refusal = nil
    }

    /// Keeps what the first run used; false when it is too much to keep.
    mutating func learn(_ told: [[UInt8]]) -> Bool {
        guard !told.isEmpty, told.reduce(0, { $0 + $1.count + 4 }) <= Self.longestLessons else {
            return false
        }
        lessons = told
        refusedModules = 0
        return true
    }

    /// The script is another one: its runs may use something else.
    mutating func forget() {
        lessons = []
        tryAt = .min
    }

    /// A module may not be loaded before the run; after some of them none is.
    mutating func refuse(module: [UInt8]) {
        refusedModules += 1
        let entry = Array("m".utf8) + module
        lessons.removeAll { refusedModules > Self.mostRefusedModules ? $0.first == entry[0] : $0 == entry }
        // Nothing at all would mean that nothing is known.
        if lessons.isEmpty { lessons = [Array("-".utf8)] }
    }

    /// No helper can be had: cold until a pause is over, which doubles each time.
    mutating func refuse(_ reason: String, at now: Int64) {
        refusal = reason
        failures += 1
        let doubled = Self.shortestPause << Int64(min(failures - 1, 10))
        tryAt = now + min(Self.longestPause, doubled)
    }

    /// A helper ended without need: the first two times in a row another one is tried at once. True when it pauses.
    mutating func stumbled(_ reason: String, at now: Int64) -> Bool {
        stumbles += 1
        guard stumbles > 2 else { return false }
        refuse(reason, at: now)
        return true
    }
}
