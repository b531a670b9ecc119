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
        pthread_cond_init(condition, nil)
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
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        let nanoseconds = Int64(end.tv_nsec) + limit.nanoseconds
        end.tv_sec += Int(nanoseconds / 1_000_000_000)
        end.tv_nsec = Int(nanoseconds % 1_000_000_000)
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while value == nil {
            if pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT { break }
        }
        return value
    }
}
