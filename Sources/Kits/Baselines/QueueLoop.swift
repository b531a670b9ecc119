import CBaselines

/// The simplest pair of loops in C that carries messages through a broker: confirmed, acknowledged, persistent.
package struct QueueLoop: Sendable {
    package let port: Int
    package let queue: String
    /// Bytes of each message.
    package let size: Int

    package init(port: Int, queue: String, size: Int) {
        self.port = port
        self.queue = queue
        self.size = size
    }

    /// Carries `count` messages; throws unless all were confirmed and acknowledged.
    package func carry(_ count: Int) throws(BaselineError) -> LoopTimes {
        var carried = pp_baseline_carried()
        let code = "127.0.0.1".withCString { address in
            queue.withCString { queue in
                var plan = pp_baseline_queue_plan(
                    address: address, queue: queue, port: Int32(port), count: Int32(count), size: Int32(size),
                    window: 4096, prefetch: 2000)
                return pp_baseline_queue(&plan, &carried)
            }
        }
        guard code == 0, carried.confirmed >= count, carried.acknowledged == count else {
            throw BaselineError(
                what: "carry messages",
                reason: "\(carried.confirmed) confirmed and \(carried.acknowledged) taken of \(count)")
        }
        return LoopTimes(count: count, elapsed: carried.elapsed, cpu: carried.cpu)
    }
}
