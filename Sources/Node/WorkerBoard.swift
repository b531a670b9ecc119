import Model
import Posix
import Storage

/// The last reports of all workers as the store had them a moment ago, so that nobody who asks for the health waits for a
/// database that stands still.
actor WorkerBoard {
    /// Nanoseconds for which a reading is good.
    private static let freshness: Int64 = 1_000_000_000

    private let store: any Store
    private var known: [WorkerReport] = []
    private var readAt: Int64 = 0
    private var isReading = false

    init(store: any Store) { self.store = store }

    /// What was read last; an older reading is renewed meanwhile.
    var reports: [WorkerReport] {
        let now = Clock.monotonicNanoseconds()
        if !isReading, now - readAt > Self.freshness {
            isReading = true
            Task { await read() }
        }
        return known
    }

    private func read() async {
        // A store that cannot be read says so itself.
        if let read = try? await store.workers() { known = read }
        readAt = Clock.monotonicNanoseconds()
        isReading = false
    }
}
