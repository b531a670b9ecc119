import CLinux
import Glibc
package import Posix
import Synchronization

/// Wakes the one thread that waits for it and for a socket; many calls before it wakes are one.
package final class Waker: Sendable {
    private let descriptor: FileDescriptor
    private let isCalled = Atomic(false)

    package init() throws(PosixError) {
        let raw = try system("make an event descriptor") {
            eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        }
        descriptor = FileDescriptor(owning: raw)
    }

    /// From any thread.
    package func wake() {
        guard !isCalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        // It can only fail when the counter is full, and then the thread is being woken.
        _ = write(descriptor.raw, &one, 8)
    }

    /// Blocks until somebody calls ``wake()``, at most `limit`.
    package func wait(atMost limit: Duration) { wait(atMost: limit, orFor: -1) }

    /// Blocks until there is something to read from `socket`, or somebody wakes us, at most `limit`.
    func wait(atMost limit: Duration, orFor socket: Int32) {
        var places = [
            pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        let milliseconds = Int32(clamping: (limit.nanoseconds + 999_999) / 1_000_000)
        // Interrupted by a signal is as good as woken: the caller looks again.
        _ = poll(&places, 2, max(0, milliseconds))
        guard places[0].revents != 0 else { return }
        var count: UInt64 = 0
        _ = read(descriptor.raw, &count, 8)
        isCalled.store(false, ordering: .releasing)
    }
}
