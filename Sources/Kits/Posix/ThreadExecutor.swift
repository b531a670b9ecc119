import Glibc
import Synchronization

/// A thread of its own for an actor whose C calls block (SQLite, librrd): never the shared pool.
// `@unchecked`: all state is behind the condition's mutex.
package final class ThreadExecutor: SerialExecutor, @unchecked Sendable {
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var jobs: [UnownedJob] = []
    private var isStopping = false

    /// Starts the thread at once.
    package init(name: String) {
        condition = .allocate(capacity: 1)
        mutex = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        mutex.initialize(to: pthread_mutex_t())
        pthread_cond_init(condition, nil)
        pthread_mutex_init(mutex, nil)
        Thread.start(named: name) { self.run() }
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        pthread_mutex_lock(mutex)
        jobs.append(unowned)
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Ends the thread once its queue is empty; the actor on it must not be called again.
    package func stop() {
        pthread_mutex_lock(mutex)
        isStopping = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    private func run() {
        while let batch = nextBatch() {
            for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    private func nextBatch() -> [UnownedJob]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while jobs.isEmpty, !isStopping { pthread_cond_wait(condition, mutex) }
        guard !jobs.isEmpty else { return nil }
        defer { jobs = [] }
        return jobs
    }
}
