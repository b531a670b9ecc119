import CLinux
import Glibc

/// Starts programs on threads of its own, since starting one blocks its thread until the program runs.
///
/// Two threads keep two cores busy. When all of them have been stuck for half a second (a program on a dead network
/// mount), one more is added, up to ``mostThreads``.
package final class Spawner: Sendable {
    /// Takes an outcome on a spawning thread.
    package typealias Delivery = @Sendable (SpawnOutcome) -> Void

    private struct Queue {
        var requests: [SpawnRequest] = []
        var first = 0
        var threads = 0
        var idle = 0
        var lastProgress: Int64 = 0
        var isStopping = false

        var waiting: Int { requests.count - first }

        mutating func take() -> SpawnRequest {
            let request = requests[first]
            first += 1
            if first == requests.count {
                requests.removeAll(keepingCapacity: true)
                first = 0
            }
            return request
        }
    }

    private enum Next {
        case request(SpawnRequest)
        case end
    }

    package static let mostThreads = 16
    private static let stuckAfter: Int64 = 500_000_000

    private let queue = Monitor(Queue())
    private let deliver: Delivery
    private let isConfined: Bool

    /// Starts `threads` threads at once; outcomes go to `deliver`.
    ///
    /// What `confined` threads start can change limits and scheduling of no other process, and gain no privileges.
    package init(threads: Int = 2, confined isConfined: Bool = false, deliver: @escaping Delivery) {
        self.deliver = deliver
        self.isConfined = isConfined
        for _ in 0..<threads { addThread() }
    }

    /// Queues requests; the outcome of each is delivered whatever happens, except after ``stop()``.
    package func spawn(_ requests: [SpawnRequest]) {
        let now = Clock.monotonicNanoseconds()
        queue.change(wakingAll: requests.count > 1) { queue in
            if queue.waiting == 0, queue.idle > 0 { queue.lastProgress = now }
            queue.requests += requests
        }
        relieve()
    }

    /// Adds a thread when requests wait and all threads are stuck; call about once a second while runs are open.
    package func relieve() {
        let now = Clock.monotonicNanoseconds()
        let mustGrow = queue.withLock { queue in
            queue.waiting > 0 && queue.idle == 0 && now - queue.lastProgress > Self.stuckAfter
                && queue.threads < Self.mostThreads
        }
        if mustGrow { addThread() }
    }

    /// Ends the threads once the queue is empty. Programs still running die with the thread that started them.
    package func stop() {
        queue.change(wakingAll: true) { $0.isStopping = true }
    }

    private func addThread() {
        queue.withLock { queue in
            queue.threads += 1
            queue.lastProgress = Clock.monotonicNanoseconds()
        }
        Thread.start(named: "spawner") { self.run() }
    }

    private func run() {
        // Whether it can be had was found out before; what starts without it still has its rules.
        if isConfined { _ = ProcessIsolation.confineThread() }
        // At once, as early descriptors have low numbers.
        var ends = SpawnEnds()
        var arguments = SpawnArguments()
        let ignored = pp_ignored_signals()
        while let request = next() {
            var call = pp_spawn()
            call.ignored_signals = ignored
            let result = Self.start(request, &call, &ends, &arguments)
            queue.withLock { $0.lastProgress = Clock.monotonicNanoseconds() }
            deliver(SpawnOutcome(ticket: request.ticket, askedAt: request.askedAt, result: result))
        }
    }

    /// The next request, once there is one; nil when the thread is to end.
    private func next() -> SpawnRequest? {
        queue.withLock { $0.idle += 1 }
        let next = queue.wait { queue -> Next? in
            if queue.waiting > 0 { return .request(queue.take()) }
            return queue.isStopping ? .end : nil
        }
        queue.withLock { $0.idle -= 1 }
        guard case .request(let request) = next else { return nil }
        return request
    }

    private static func start(
        _ request: SpawnRequest, _ call: inout pp_spawn, _ ends: inout SpawnEnds,
        _ arguments: inout SpawnArguments
    ) -> Result<SpawnedProcess, SpawnFailure> {
        do {
            try ends.open()
            defer { ends.clear() }
            let output = try ends.pipe(to: ends.output)
            let errors = try ends.pipe(to: ends.errors)
            call.standard_input = ends.input
            call.standard_output = ends.output
            call.standard_error = ends.errors
            call.cgroup = request.cgroup ?? -1
            call.may_gain_privileges = request.mayGainPrivileges ? 1 : 0
            call.ruleset = request.isolation?.ruleset ?? 0
            call.tag = request.tag
            call.channel = request.channel ?? 0
            let lists = [request.paths, request.arguments, request.environment]
            let isClean = arguments.withVectors(lists) { vectors in
                call.paths = UnsafePointer(vectors[0])
                call.arguments = vectors[1]
                call.environment = UnsafePointer(vectors[2])
                pp_spawn(&call)
            }
            guard isClean else { return .failure(SpawnFailure(step: .arguments, code: EINVAL)) }
            guard call.pid > 0 else { return .failure(failure(of: call, request)) }
            return .success(
                SpawnedProcess(
                    pid: call.pid, pidfd: call.pidfd, output: output.take(), errors: errors.take(),
                    isInCgroup: call.is_in_cgroup != 0,
                    startedAt: Clock.monotonicNanoseconds(), startedAtWall: Clock.wallNanoseconds()))
        } catch {
            return .failure(SpawnFailure(step: .pipe, code: error.code))
        }
    }

    private static func failure(of call: pp_spawn, _ request: SpawnRequest) -> SpawnFailure {
        let step: SpawnFailure.Step =
            switch call.failed_step {
            case PP_SPAWN_EXEC: .execute
            case PP_SPAWN_CLONE: .clone
            default: .preparation
            }
        let index = Int(call.path_index)
        let path = index < request.paths.count ? request.paths[index] : ""
        return SpawnFailure(step: step, code: call.error, path: path)
    }
}
