import CommandLine
import Execution
import ICMP
import Log
import Model
import Posix

/// One life of the engine: takes what needs privileges, gives them up, starts, waits for a signal, stops.
struct Lifecycle {
    /// Running plugins may take this long to end when the engine stops.
    static let grace = Duration.seconds(5)

    let configuration: Configuration

    /// Returns the exit code after the engine has ended.
    func run() throws(StartFailure) -> Int32 {
        let settings = configuration.settings
        let log = Log(part: "node", level: settings.logLevel, format: settings.logFormat)
        let sockets = ICMPSockets.open()
        // Who checks nothing needs none.
        if settings.roles.contains(.worker) {
            for failure in sockets.failures { log.warning("\(failure)") }
        }
        try dropPrivileges()
        try hideMemory(settings)
        checkDescriptors(settings, log)
        let state = try StateDirectory(taking: settings.stateDirectory)
        let running = try start(settings, sockets, state.paths, log)
        if let address = running.address {
            sayWhatIsNext(address, token: state.paths.token, log)
        } else {
            log.info("at work as \(settings.roles.map(\.rawValue).joined(separator: ", "))")
        }
        waitForEnd(log)
        stop(running, log)
        _ = consume state
        return Node.Exit.done
    }

    /// One line in the log; people at a terminal get the commands to go on with.
    private func sayWhatIsNext(_ listening: String, token: String, _ log: Log) {
        let environment = Surroundings.environment()
        let folder = Surroundings.workingFolder ?? "/"
        let steps = FirstSteps(
            listening: listening, tokenFile: token, program: Swift.CommandLine.arguments.first ?? "",
            searchPath: environment["PATH"] ?? "", workingFolder: folder, isProgram: Surroundings.isProgram)
        log.info(
            "the API listens on \(listening)", ["token": token, "next": steps.ppadm + " show status"])
        let isForPeople = Terminal(descriptor: 2, environment: environment).isTerminal
        guard isForPeople, configuration.settings.logFormat == .text else { return }
        Surroundings.write(steps.text(in: folder).utf8, to: 2)
    }

    private func dropPrivileges() throws(StartFailure) {
        guard !Privileges.isRoot else { return }
        do {
            try Privileges.dropCapabilities()
        } catch {
            throw StartFailure("\(error)")
        }
    }

    /// Plugins are of the same user: none of them is to trace the engine or to read its memory.
    private func hideMemory(_ settings: Settings) throws(StartFailure) {
        guard settings.worker.isolation != .off else { return }
        do {
            try Privileges.hideMemory()
        } catch {
            throw StartFailure("\(error)")
        }
    }

    /// Each running plugin takes three descriptors; a limit that is too low is said before it hurts.
    private func checkDescriptors(_ settings: Settings, _ log: Log) {
        let limit = OpenFiles.raise()
        let needed = 4 * settings.worker.concurrency + 256
        guard limit < needed else { return }
        log.warning(
            "worker.concurrency \(settings.worker.concurrency) needs \(needed) open files and the limit is \(limit); "
                + "raise it (LimitNOFILE= in the unit, ulimit -n in a shell) or lower worker.concurrency")
    }

    private func start(
        _ settings: Settings, _ sockets: ICMPSockets, _ paths: StateDirectory.Paths, _ log: Log
    ) throws(StartFailure) -> RunningNode {
        let latch = Latch<Result<RunningNode, StartFailure>>()
        Task(priority: .medium) {
            do throws(StartFailure) {
                let wiring = Wiring(settings: settings, sockets: sockets, paths: paths, log: log)
                latch.open(.success(try await wiring.start()))
            } catch {
                latch.open(.failure(error))
            }
        }
        guard let outcome = latch.wait(atMost: .seconds(600)) else {
            throw StartFailure("the engine did not start within ten minutes; see the log above")
        }
        return try outcome.get()
    }

    private func waitForEnd(_ log: Log) {
        while true {
            let signal = Signals.wait()
            guard signal == Signals.hangUp else { return }
            log.info("objects are changed through the API; restart to read the configuration file again")
        }
    }

    private func stop(_ running: RunningNode, _ log: Log) {
        log.info("stopping; running checks have \(Self.grace.components.seconds) s to end")
        let latch = Latch<Bool>()
        Task(priority: .medium) {
            let unconfirmed = await running.stop(within: Self.grace)
            if unconfirmed > 0 {
                log.error(
                    "\(unconfirmed) messages were not confirmed by the broker; their checks are run again elsewhere"
                )
            }
            latch.open(true)
        }
        if latch.wait(atMost: Self.grace + .seconds(20)) == nil {
            log.error("the engine did not stop in time; what was recorded is safe")
        } else {
            log.info("stopped")
        }
    }
}
