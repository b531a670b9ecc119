import Glibc

/// Lets a thread wait once for a value that another makes.
// `@unchecked`: the value is behind the condition's mutex.
package final class Latch<Value: Sendable>: @unchecked Sendable {
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value?

    package init() {
        condition = .allocate(capacity: 1)
        mutex = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        mutex.initialize(to: pthread_mutex_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Gives the value; later ones are dropped.
    package func open(_ value: Value) {
        pthread_mutex_lock(mutex)
        if self.value == nil { self.value = value }
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Blocks this thread until there is a value, at most `limit`; nil after that.
    package func wait(atMost limit: Duration) -> Value? {
        let deadline = Clock.monotonicNanoseconds() + max(0, limit.nanoseconds)
        var end = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while value == nil {
            if pthread_cond_timedwait(condition, mutex, &end) != 0 { break }
        }
        return value
    }
}
