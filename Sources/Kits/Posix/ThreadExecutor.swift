/// A thread of its own for an actor whose C calls block (SQLite, librrd): never the shared pool.
package final class ThreadExecutor: SerialExecutor {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var isStopping = false
    }

    private let queue = Monitor(Queue())

    /// Starts the thread at once.
    package init(name: String) {
        Thread.start(named: name) { self.run() }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        queue.change { $0.jobs.append(unowned) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Ends the thread once its queue is empty; the actor on it must not be called again.
    package func stop() {
        queue.change { $0.isStopping = true }
    }

    private func run() {
        while let batch = nextBatch(), !batch.isEmpty {
            for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }

    /// The jobs that wait, once there are any; empty when the thread is to end.
    private func nextBatch() -> [UnownedJob]? {
        queue.wait { queue in
            guard !queue.jobs.isEmpty || queue.isStopping else { return nil }
            defer { queue.jobs = [] }
            return queue.jobs
        }
    }
}
