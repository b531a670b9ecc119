import API
import Log
import Messaging
import Model
import Posix
import Storage

/// A node at work: the long-running tasks, and how to end them in the right order.
actor RunningNode {
    /// Something that runs until its task is cancelled.
    typealias Work = @Sendable () async -> Void

    private let loops: Loops
    private let queues: NodeQueues
    /// Nil where this process does not have the role.
    private let scheduler: Scheduler?
    private let worker: Worker?
    private let recorder: Recorder?
    private let store: (any Store)?
    private let server: APIServer?
    private var recording: Task<Void, Never>?
    private var tasks: [Task<Void, Never>] = []

    /// Where the API listens, as a URL; nil without one.
    nonisolated let address: String?

    init(
        loops: Loops, queues: NodeQueues, scheduler: Scheduler?, worker: Worker?, recorder: Recorder?,
        store: (any Store)?, server: APIServer?, address: String?
    ) {
        self.loops = loops
        self.queues = queues
        self.scheduler = scheduler
        self.worker = worker
        self.recorder = recorder
        self.store = store
        self.server = server
        self.address = address
    }

    /// Begins recording and what runs beside checks.
    func start(_ works: [Work]) {
        if let recorder { recording = Task { await recorder.run() } }
        tasks = works.map { work in Task { await work() } }
    }

    /// No new run begins, running ones have `grace` to end, every result is recorded or safe at the broker, then all
    /// closes. Returns how many messages the broker did not confirm in time.
    func stop(within grace: Duration) async -> Int {
        await scheduler?.stop()
        await server?.stop()
        for task in tasks { task.cancel() }
        await worker?.stop(within: grace)
        recording?.cancel()
        await recording?.value
        for task in tasks { await task.value }
        let unconfirmed = await queues.close(within: grace)
        await store?.close()
        loops.core.stop()
        loops.icmp.stop()
        loops.ssh.stop()
        return unconfirmed
    }
}

/// The event loops: one for timetable, worker and local plugins, one for ICMP, which fills a core of its own where there is
/// much to ping, and one for SSH, whose handshakes take milliseconds.
struct Loops: Sendable {
    let core: EventLoop
    let icmp: EventLoop
    let ssh: EventLoop

    static func start() throws(StartFailure) -> Loops {
        do {
            let loops = Loops(
                core: try EventLoop(name: "core"), icmp: try EventLoop(name: "icmp"),
                ssh: try EventLoop(name: "ssh"))
            for loop in [loops.core, loops.icmp, loops.ssh] { loop.start() }
            return loops
        } catch {
            throw StartFailure("\(error)")
        }
    }
}
