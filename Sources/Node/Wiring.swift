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
    let settings: Settings
    let sockets: ICMPSockets
    let paths: StateDirectory.Paths
    let log: Log

    private var roles: Set<Settings.Role> { Set(settings.roles) }

    /// What roles that use the database share.
    private struct Records {
        let scheduler: Scheduler?
        let store: any Store
        let archives: Archives
        let recorder: Recorder?
        let board: RunBoard
        let relay: EndRelay?
    }

    /// Starts every role of this process; throws sentences when one cannot start, and then the process ends.
    func start() async throws(StartFailure) -> RunningNode {
        let name = settings.worker.name.isEmpty ? Privileges.hostName : settings.worker.name
        guard WorkerName.isValid(name) else {
            throw StartFailure(
                "worker.name must be letters, digits, dots, dashes and underscores, not \"\(name)\"")
        }
        let loops = try Loops.start()
        let queues = try nodeQueues()
        let names = ReverseNames(loop: loops.icmp, log: log.part("names"))
        let records = roles == [.worker] ? nil : try await records(loops, queues)
        let worker = roles.contains(.worker) ? worker(name, loops, queues, records?.scheduler) : nil
        var tasks: [RunningNode.Work] = []
        var server: APIServer?
        var api: APIServer.Parts?
        if let records {
            let engine = RunningEngine(
                scheduler: records.scheduler, worker: worker, recorder: records.recorder,
                board: records.board,
                store: records.store, workers: WorkerBoard(store: records.store), queues: queues,
                sockets: sockets, startedAt: .now)
            if roles.contains(.api) { api = try apiParts(records, engine, names, isShared: queues.isShared) }
            if let api, !settings.initialObjects.isEmpty {
                try await InitialObjects(file: settings.initialObjects).load(into: api, log)
            }
            tasks += try await schedulerTasks(records, engine, name)
            tasks += recorderTasks(records)
        }
        if let worker {
            let maker = ExecutorMaker(
                settings: settings, worker: name, pings: try await pings(of: name, loops, names),
                ssh: loops.ssh, log: log)
            try await worker.start(maker)
            let reports = Heartbeat(
                worker: worker, results: queues.results, seconds: settings.worker.heartbeat,
                address: Privileges.hostName)
            tasks.append { await reports.run() }
        }
        if let api { server = try listen(api) }
        let running = RunningNode(
            loops: loops, queues: queues, scheduler: records?.scheduler, worker: worker,
            recorder: records?.recorder, store: records?.store, server: server,
            address: server.map { address(port: $0.port) })
        await running.start(tasks)
        return running
    }

    private func nodeQueues() throws(StartFailure) -> NodeQueues {
        switch try QueueChoice(settings) {
        case .local: return .local(settings)
        case .broker(let server):
            log.info("jobs and results go by the broker \(server.name)")
            return try .shared(settings, server, log)
        }
    }

    private func records(_ loops: Loops, _ queues: NodeQueues) async throws(StartFailure) -> Records {
        let scheduler =
            roles.contains(.scheduler)
            ? Scheduler(loop: loops.core, queues: queues.jobs, log: log.part("scheduler")) : nil
        let store = try await openStore(telling: scheduler)
        if let office = queues.office { try await open(office, store) }
        let archives = Archives(
            folder: paths.statistics, interval: settings.statisticsInterval, log: log.part("statistics"))
        let board = RunBoard()
        // With queues in memory the worker tells the scheduler itself.
        let relay = queues.finishes.map {
            EndRelay(scheduler: scheduler, outgoing: $0, listen: queues.hearing)
        }
        let recorder =
            roles.contains(.recorder) ? recorder(of: queues, store, archives, board, telling: relay) : nil
        return Records(
            scheduler: scheduler, store: store, archives: archives, recorder: recorder, board: board,
            relay: relay)
    }

    private func worker(
        _ name: String, _ loops: Loops, _ queues: NodeQueues, _ scheduler: Scheduler?
    ) -> Worker {
        let near = queues.isShared ? nil : scheduler
        return Worker(
            loop: loops.core, name: name, queues: queues.jobs,
            zones: Set(settings.worker.zones.map { HostZones.effective($0, inherited: "") }).sorted(),
            referenceTargets: settings.worker.referenceTargets, results: queues.results,
            waitsForSafety: queues.isShared, log: log.part("worker"),
            onFinished: { batch in near?.assumeIsolated { $0.finished(batch) } })
    }

    private func schedulerTasks(
        _ records: Records, _ engine: RunningEngine, _ name: String
    ) async throws(StartFailure) -> [RunningNode.Work] {
        guard let scheduler = records.scheduler else { return [] }
        let leadership = Leadership(
            store: records.store, scheduler: scheduler, relay: records.relay,
            node: "\(name)/\(UInt64.random(in: 0 ... .max))",
            log: log.part("scheduler"))
        let isLeading = try await begin(leadership)
        let sweeps = SweepTimer(
            store: records.store, engine: engine, scheduler: scheduler, log: log.part("discovery"))
        let changes = ChangeFollower(store: records.store, log: log.part("scheduler"))
        return [
            { await sweeps.run() }, { await changes.run() }, { await leadership.run(isLeading: isLeading) },
        ]
    }

    private func recorderTasks(_ records: Records) -> [RunningNode.Work] {
        guard let recorder = records.recorder else { return [] }
        return [{ await recorder.runStatistics() }, { await recorder.runRetention() }]
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

    private func openStore(telling scheduler: Scheduler?) async throws(StartFailure) -> SQLStore {
        do {
            return try await SQLStore.open(try databaseSource()) { change in
                guard let scheduler else { return }
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

    /// All nodes that use the database sign with the same key, which the first of them makes.
    private func open(_ office: TicketOffice, _ store: SQLStore) async throws(StartFailure) {
        let proposal = Secrets.base64URL(Secrets.random(TicketOffice.keySize))
        do {
            office.open(with: Array(try await store.secret(named: "tickets", orKeep: proposal).utf8))
        } catch {
            throw StartFailure(StoreSentence.of(error))
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
        of queues: NodeQueues, _ store: SQLStore, _ archives: Archives, _ board: RunBoard,
        telling relay: EndRelay?
    ) -> Recorder {
        let spool = ResultSpool(
            folder: paths.spool, limits: .init(bytes: settings.spoolMegabytes << 20), log: log.part("spool"))
        return Recorder(
            queue: queues.results, reception: queues.office.map { Reception(office: $0) }, store: store,
            archives: archives, spool: spool,
            settings: settings, log: log.part("recorder"),
            onReceived: { results in await relay?.tell(results) },
            onRecorded: { results in await board.recorded(results, in: store) })
    }

    private func apiParts(
        _ records: Records, _ engine: RunningEngine, _ names: ReverseNames, isShared: Bool
    ) throws(StartFailure) -> APIServer.Parts {
        do {
            let (token, isNew) = try TokenFile.load(path: paths.token)
            if isNew { log.info("an administrator token was made", ["file": paths.token]) }
            let folders = PluginFolders(paths: settings.pluginPaths)
            return APIServer.Parts(
                store: records.store, engine: engine, statistics: records.archives, token: AccessToken(token),
                userMacros: Set(settings.userMacros.keys), version: Version.text, now: { .now },
                // Other machines may have scripts that are not here.
                scriptRefusal: { isShared ? nil : folders.refusal(ofScript: $0) },
                reverseName: { await names.name(of: $0) })
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
