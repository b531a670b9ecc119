import API
import Execution
import HTTPServer
import ICMP
import Log
import Messaging
import Model
import Posix
import Secrets
import Statistics
import Storage

/// Makes the objects that settings ask for and ties them together; the only place that knows which queue and which store.
struct Wiring {
    /// Results that may wait for the recorder before the worker holds them back.
    private static let resultQueueSize = 200_000

    let settings: Settings
    let sockets: ICMPSockets
    let paths: StateDirectory.Paths
    let log: Log

    /// Starts every role; throws sentences when one cannot start, and then the process ends.
    func start() async throws(StartFailure) -> RunningNode {
        let loops = try Loops.start()
        let queues = JobQueues.local(capacity: settings.jobQueueSize)
        let results = LocalQueue<Outcome>(capacity: Self.resultQueueSize)
        let name = settings.worker.name.isEmpty ? Privileges.hostName : settings.worker.name
        guard WorkerName.isValid(name) else {
            throw StartFailure(
                "worker.name must be letters, digits, dots, dashes and underscores, not \"\(name)\"")
        }
        let scheduler = Scheduler(loop: loops.core, queues: queues, log: log.part("scheduler"))
        let store = try await openStore(telling: scheduler)
        let archives = Archives(
            folder: paths.statistics, interval: settings.statisticsInterval, log: log.part("statistics"))
        let worker = Worker(
            loop: loops.core, name: name, queues: queues, results: results, log: log.part("worker"),
            onFinished: { batch in scheduler.assumeIsolated { $0.finished(batch) } })
        let board = RunBoard()
        let recorder = await recorder(of: results, store, archives, board)
        let engine = RunningEngine(
            scheduler: scheduler, worker: worker, recorder: recorder, board: board, store: store,
            queues: queues,
            sockets: sockets, startedAt: .now)
        let names = ReverseNames(loop: loops.icmp, log: log.part("names"))
        let parts = try apiParts(store, engine, archives, names)
        if !settings.initialObjects.isEmpty {
            try await InitialObjects(file: settings.initialObjects).load(into: parts, log)
        }
        let maker = ExecutorMaker(
            settings: settings, worker: name, pings: try await pings(of: name, loops, names), ssh: loops.ssh,
            log: log)
        try await worker.start(maker)
        let leadership = Leadership(
            store: store, scheduler: scheduler, node: "\(name)/\(UInt64.random(in: 0 ... .max))",
            log: log.part("scheduler"))
        let isLeading = try await begin(leadership)
        let server = try listen(parts)
        let running = RunningNode(
            loops: loops, scheduler: scheduler, worker: worker, recorder: recorder, store: store,
            server: server,
            address: address(port: server.port))
        await running.start(
            reports: Heartbeat(
                worker: worker, results: results, seconds: settings.worker.heartbeat,
                address: Privileges.hostName),
            sweeps: SweepTimer(
                store: store, engine: engine, scheduler: scheduler, log: log.part("discovery")),
            changes: ChangeFollower(store: store, log: log.part("scheduler")), leadership: leadership,
            isLeading: isLeading)
        return running
    }

    /// What pings, on the loop of its own.
    private func pings(
        of worker: String, _ loops: Loops, _ names: ReverseNames
    ) async throws(StartFailure) -> PingLoop {
        var parts = PingLoop.Parts(sockets: sockets, worker: worker)
        parts.userMacros = settings.userMacros
        parts.limits.perSecond = settings.discoveryRate
        parts.resolver = { names.assumeIsolated { Confined($0.resolver()) }.value }
        do {
            return try await PingLoop.start(on: loops.icmp, for: loops.core, parts)
        } catch {
            throw StartFailure("\(error)")
        }
    }

    private func openStore(telling scheduler: Scheduler) async throws(StartFailure) -> SQLStore {
        do {
            return try await SQLStore.open(try databaseSource()) { change in
                scheduler.loop.post { scheduler.assumeIsolated { $0.apply(change) } }
            }
        } catch let failure as StartFailure {
            throw failure
        } catch let error as StoreError {
            throw StartFailure(StoreSentence.of(error))
        } catch {
            throw StartFailure("\(error)")
        }
    }

    private func databaseSource() throws(StartFailure) -> any DatabaseSource {
        switch try DatabaseChoice(settings) {
        case .sqlite: DatabaseFile(path: paths.database, log: log.part("store"))
        case .postgresql(let address): PostgresServer(address, log: log.part("store"))
        }
    }

    private func begin(_ leadership: Leadership) async throws(StartFailure) -> Bool {
        do {
            return try await leadership.begin()
        } catch {
            throw StartFailure(StoreSentence.of(error))
        }
    }

    private func recorder(
        of results: LocalQueue<Outcome>, _ store: SQLStore, _ archives: Archives, _ board: RunBoard
    ) async -> Recorder {
        let spool = ResultSpool(
            folder: paths.spool, limits: .init(bytes: settings.spoolMegabytes << 20), log: log.part("spool"))
        return Recorder(
            queue: results, store: store, archives: archives, spool: spool, settings: settings,
            log: log.part("recorder"), onRecorded: { await board.recorded($0, in: store) })
    }

    private func apiParts(
        _ store: SQLStore, _ engine: RunningEngine, _ archives: Archives, _ names: ReverseNames
    ) throws(StartFailure) -> APIServer.Parts {
        do {
            let (token, isNew) = try TokenFile.load(path: paths.token)
            if isNew { log.info("an administrator token was made", ["file": paths.token]) }
            let folders = PluginFolders(paths: settings.pluginPaths)
            return APIServer.Parts(
                store: store, engine: engine, statistics: archives, token: AccessToken(token),
                userMacros: Set(settings.userMacros.keys), version: Version.text, now: { .now },
                scriptRefusal: { folders.refusal(ofScript: $0) }, reverseName: { await names.name(of: $0) })
        } catch {
            throw StartFailure("\(error)")
        }
    }

    private func listen(_ parts: APIServer.Parts) throws(StartFailure) -> APIServer {
        do {
            var limits = HTTPListener.Limits()
            // Plugins' pipes and SSH sessions need descriptors too.
            limits.connections = min(limits.connections, Int(OpenFiles.raise() / 4))
            let server = APIServer(
                listen: try ListenAddress(settings.listen), parts: parts, limits: limits,
                log: log.part("api"))
            try server.start()
            return server
        } catch {
            throw StartFailure("\(error)")
        }
    }

    private func address(port: Int) -> String {
        let host = settings.listen.prefix(
            upTo: settings.listen.lastIndex(of: ":") ?? settings.listen.endIndex)
        return "http://\(host):\(port)"
    }
}
