import Glibc

/// A value that threads change one at a time and wait on: a mutex with its condition variable.
// `@unchecked`: the value is behind the mutex.
package final class Monitor<State>: @unchecked Sendable {
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // Deadlines must not move with the wall clock.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Looks at or changes the value; wakes nobody.
    package func withLock<Result>(_ body: (inout State) -> sending Result) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Changes the value and wakes one thread that waits, or all.
    package func change(wakingAll: Bool = false, _ body: (inout State) -> Void) {
        pthread_mutex_lock(mutex)
        body(&state)
        if wakingAll { pthread_cond_broadcast(condition) } else { pthread_cond_signal(condition) }
        pthread_mutex_unlock(mutex)
    }

    /// Blocks this thread until `body` returns something, asked anew after each change; nil after `limit` (nil: never).
    package func wait<Result>(
        atMost limit: Duration? = nil, _ body: (inout State) -> sending Result?
    ) -> sending Result? {
        let deadline = limit.map { Clock.monotonicNanoseconds() + $0.nanoseconds }
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&state) { return result }
            guard sleep(until: deadline) else { return nil }
        }
    }

    /// Waits for one change; false when the deadline has passed.
    private func sleep(until deadline: Int64?) -> Bool {
        guard let deadline else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        var end = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &end) != ETIMEDOUT
    }
}
