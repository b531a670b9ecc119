import CLinux
import Glibc

/// Tells which programs have ended: any thread adds them, one loop takes the ended ones.
///
/// The thread that starts a program adds its pidfd here itself, so that the loop is woken once a program, by its end.
package final class ExitWatch: Sendable {
    /// To be watched for reading by the reactor that takes from here.
    package let descriptor: Int32

    package init() throws(PosixError) {
        descriptor = try system("make an epoll descriptor") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
    }

    deinit { close(descriptor) }

    /// Tells `ticket` once when the process of `pidfd` has ended; closing the pidfd takes it back. False without memory.
    package func add(_ pidfd: Int32, ticket: UInt64) -> Bool {
        // One shot: a child that has just been made may hold copies of descriptors for a moment, also of closed ones.
        control(EPOLL_CTL_ADD, pidfd, ticket)
    }

    /// Tells it once more, for one that was told too early.
    package func addAgain(_ pidfd: Int32, ticket: UInt64) { _ = control(EPOLL_CTL_MOD, pidfd, ticket) }

    /// The tickets of programs that have ended since the last call, at most 256.
    package func take() -> [UInt64] {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { events in
            let count = epoll_wait(descriptor, events.baseAddress, Int32(events.count), 0)
            return (0..<max(0, Int(count))).map { events[$0].data.u64 }
        }
    }

    private func control(_ operation: Int32, _ pidfd: Int32, _ ticket: UInt64) -> Bool {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLONESHOT.rawValue
        event.data.u64 = ticket
        return epoll_ctl(descriptor, operation, pidfd, &event) == 0
    }
}
