import Log
import Posix

/// Disk space held back for the moment when the disk is full, so that deletions and edits still work then.
package struct DiskReserve: Sendable {
    private let path: String
    private let folder: String
    private let log: Log
    private(set) var isHeld = false
    /// Monotonic nanoseconds of the last attempt.
    private var lastAttempt: Int64?

    init(database path: String, log: Log) {
        self.path = path + ".reserve"
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        self.log = log
    }

    /// Takes the space when there is twice as much, at most one attempt a second; returns whether it is held.
    mutating func take(now: Int64 = Clock.monotonicNanoseconds()) -> Bool {
        if isHeld { return true }
        if let lastAttempt, now - lastAttempt < 1_000_000_000 { return false }
        lastAttempt = now
        do throws(PosixError) {
            if try DurableFile.size(of: path) != Self.bytes {
                guard try DurableFile.freeBytes(in: folder) >= 2 * Int(Self.bytes) else { return false }
                try DurableFile.allocate(path, bytes: Int(Self.bytes))
            }
            isHeld = true
        } catch {
            log.warning("cannot hold back disk space", ["reason": error.description])
        }
        return isHeld
    }

    /// Gives the space free; false when there was none.
    mutating func release() -> Bool {
        guard isHeld else { return false }
        isHeld = false
        do throws(PosixError) {
            try DurableFile.remove(path)
            log.error("the disk is full; results are not stored until there is space", ["released": path])
            return true
        } catch {
            log.error("cannot release the disk reserve", ["reason": error.description])
            return false
        }
    }

    private static let bytes: Int64 = 8 << 20
}
