import CLinux
import Glibc

/// The signals that a program is told to end or to look again by.
package enum Signals {
    private static let awaited = [SIGTERM, SIGINT, SIGHUP]

    /// Blocks them in this thread and all that it starts, and ignores broken pipes; the first thing a program does.
    package static func block() {
        // A child's death would wake the main thread, which waits for nobody's.
        let blocked = awaited + [SIGCHLD]
        _ = pp_block_signals(blocked, Int32(blocked.count))
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Blocks this thread until one of them comes; returns its number.
    package static func wait() -> Int32 {
        while true {
            let number = pp_wait_signal(awaited, Int32(awaited.count))
            if number > 0 { return number }
        }
    }

    package static let hangUp = SIGHUP
}
