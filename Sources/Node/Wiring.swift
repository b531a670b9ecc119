import API
import Execution
import HTTPServer
import ICMP
import Log
import Messaging
import Model
import Names
import Posix
import Scheduling
import Secrets
import Statistics
import Storage

/// Makes the objects that settings ask for and ties them together; the only place that knows which queue and which store.
enum Wiring {
    /// Starts every role; on failure nothing is left running.
    static func start(
        _ settings: Settings, _ sockets: ICMPSockets, _ paths: StateDirectory.Paths, _ log: Log
    ) async throws(StartFailure) -> RunningNode {
        let loops = try makeLoops()
        let queues = JobQueues.local(capacity: settings.jobQueueSize)
        let results = LocalQueue<Outcome>(capacity: 200_000)
        let name = workerName(settings)
        let scheduler = Scheduler(loop: loops.core, queues: queues, log: log.part("scheduler"))
        let store = try await openStore(paths, scheduler, log)
        let archives = Archives(
            folder: paths.statistics, interval: settings.statisticsInterval, log: log.part("statistics"))
        let worker = Worker(
            loop: loops.core, name: name, queues: queues, results: results, log: log.part("worker"),
            onFinished: { batch in scheduler.assumeIsolated { $0.finished(batch) } })
        let board = RunBoard()
        let recorder = try await makeRecorder(settings, paths, results, store, archives, board, log)
        try await loadInitialObjects(settings, into: store, log)
        await worker.start(
            ExecutorMaker(settings: settings, sockets: sockets, worker: name, ssh: loops.ssh, log: log))
        await start(scheduler, from: store, log)
        let engine = RunningEngine(
            scheduler: scheduler, worker: worker, recorder: recorder, board: board, store: store,
            queues: queues,
            metricsSource: EngineMetrics(workerName: name), startedAt: .now)
        let server = try await startAPI(settings, paths, store, engine, archives, loops.core, log)
        let running = RunningNode(
            loops: loops, scheduler: scheduler, worker: worker, recorder: recorder, store: store,
            server: server)
        await running.startTasks(settings: settings, name: name, engine: engine, results: results)
        return running
    }
}
