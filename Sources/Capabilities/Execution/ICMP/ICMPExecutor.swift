package import ICMP
package import Model
package import Names
package import Posix

/// Carries out the built-in ICMP check without a process; confined to the loop of its reactor.
///
/// Thousands of checks run at once: a check is a row here and one request of the ``Pinger`` a target.
/// Arguments and addresses are read once for each host and plugin, until either changes.
package final class ICMPExecutor: JobExecutor {
    private struct Run {
        let job: CheckJob
        let plan: PingPlan
        let started: Timestamp
        let deadline: Int64
        /// Reports that have come in, by target; empty where there is one target only.
        var reports: [PingReport?]
        var handle: EchoLedger.Handle?
        /// Those of targets beyond the first.
        var furtherHandles: [EchoLedger.Handle] = []
        /// Targets whose report is still missing.
        var missing: Int
    }

    private struct CachedPlan {
        let host: Shared<Host>
        let plugin: Shared<Plugin>
        let plan: Result<PingPlan, PingPlanError>
    }

    private let reactor: Reactor
    private let pinger: Pinger
    private let worker: String
    private let resolver: Resolver?
    private let userMacros: [String: String]
    private let onResult: ResultHandler
    private var client: Pinger.Client?
    private var runs: [Run?] = []
    private var freeRows: [Int] = []
    private var plans: [CheckID: CachedPlan] = [:]
    private var failures: [CheckResult] = []
    private var isStopping = false
    package private(set) var inFlight = 0

    /// Plans kept; beyond it all are read again, so that hosts long gone cost nothing.
    private static let mostPlans = 200_000

    /// Makes an executor that shares `pinger`; without a resolver, targets after `-H` must be addresses.
    package init(
        reactor: Reactor, pinger: Pinger, worker: String, resolver: Resolver? = nil,
        userMacros: [String: String] = [:], onResult: @escaping ResultHandler
    ) {
        self.reactor = reactor
        self.pinger = pinger
        self.worker = worker
        self.resolver = resolver
        self.userMacros = userMacros
        self.onResult = onResult
        client = pinger.addClient { [weak self] token, report in self?.take(report, token) }
    }

    package func start(_ job: CheckJob) {
        inFlight += 1
        let started = Timestamp.current()
        if isStopping {
            fail(job, started, .internal(Self.stopping))
            return
        }
        switch plan(for: job) {
        case .failure(let error): fail(job, started, .internal(error.sentence))
        case .success(let plan): run(job, plan, started)
        }
    }

    package func stop(within grace: Duration) {
        isStopping = true
        reactor.schedule(after: grace) { self.cutOff() }
    }

    private static let stopping = "engine is stopping"

    private func run(_ job: CheckJob, _ plan: PingPlan, _ started: Timestamp) {
        let count = plan.targets.count
        let deadline = Clock.monotonicNanoseconds() + plan.limit
        let run = Run(
            job: job, plan: plan, started: started, deadline: deadline,
            reports: count == 1 ? [] : Array(repeating: nil, count: count), missing: count)
        let row = freeRows.popLast() ?? runs.count
        if row == runs.count { runs.append(run) } else { runs[row] = run }
        for (index, target) in plan.targets.enumerated() {
            if let address = target.address {
                ping(address, row, index, plan, deadline)
            } else {
                lookUp(target.name, row, index)
            }
        }
    }

    private func ping(
        _ address: ICMPAddress, _ row: Int, _ index: Int, _ plan: PingPlan, _ deadline: Int64
    ) {
        guard let client, runs[row] != nil else { return }
        let request: PingRequest
        do {
            request = try plan.request(to: address, deadline: deadline)
        } catch {
            abandon(row, error.sentence)
            return
        }
        let handle = pinger.start(request, client: client, token: UInt64(row) << 32 | UInt64(index))
        if index == 0 { runs[row]?.handle = handle } else { runs[row]?.furtherHandles.append(handle) }
    }

    private func take(_ report: PingReport, _ token: UInt64) {
        let row = Int(token >> 32)
        // Taken out and put back: a copy would cost a reference count for each of its parts.
        guard var run = runs[row].take() else { return }
        run.missing -= 1
        if !run.reports.isEmpty { run.reports[Int(token & 0xffff_ffff)] = report }
        guard run.missing == 0 else {
            runs[row] = run
            return
        }
        freeRows.append(row)
        run.reports.isEmpty ? finish(run, report) : finish(run)
    }

    /// Ends a run with several targets.
    private func finish(_ run: Run) {
        let reports = zip(run.plan.targets, run.reports).map { ($0.name, $1 ?? PingReport()) }
        if let sentence = reports.lazy.compactMap({ Self.ownTrouble($0.1) }).first {
            tell(result(run.job, run.started, .internal(sentence), nil))
        } else {
            tell(PingVerdict(rules: run.plan.rules, reports: reports), of: run)
        }
    }

    private func finish(_ run: Run, _ report: PingReport) {
        if let sentence = Self.ownTrouble(report) {
            tell(result(run.job, run.started, .internal(sentence), nil))
        } else {
            tell(PingVerdict(rules: run.plan.rules, name: run.plan.targets[0].name, report: report), of: run)
        }
    }

    private func tell(_ verdict: PingVerdict, of run: Run) {
        let ending = Ending.exited(Int32(verdict.state.rawValue))
        tell(result(run.job, run.started, ending, verdict.output))
    }

    /// Why a report says nothing of its target; nil when it does.
    private static func ownTrouble(_ report: PingReport) -> String? {
        switch report.failure {
        case .noSocket(let sentence): return sentence
        case .noSource: return report.failure?.description
        default: break
        }
        guard report.sent == 0 else { return nil }
        return "no echo could be sent within the timeout: this machine has no room for more packets"
    }
}

extension ICMPExecutor {
    private func plan(for job: CheckJob) -> Result<PingPlan, PingPlanError> {
        if let cached = plans[job.check], cached.host === job.host, cached.plugin === job.plugin {
            return cached.plan
        }
        let plan = Result { () throws(PingPlanError) in
            try PingPlan(host: job.host.value, plugin: job.plugin.value, userMacros: userMacros)
        }
        if plans.count >= Self.mostPlans { plans.removeAll() }
        plans[job.check] = CachedPlan(host: job.host, plugin: job.plugin, plan: plan)
        return plan
    }

    /// Finds the address of a target that was given by name, within the check's own time.
    private func lookUp(_ name: String, _ row: Int, _ index: Int) {
        guard let run = runs[row] else { return }
        guard let resolver else {
            abandon(row, "cannot ping \(name): write an address after -H")
            return
        }
        let family: Resolver.Family? = run.plan.options.family.map { $0 == .ipv4 ? .ipv4 : .ipv6 }
        let limit = Duration.nanoseconds(max(1, run.deadline - Clock.monotonicNanoseconds()))
        resolver.addresses(of: name, family: family, within: limit) { [weak self] result in
            guard let self, let now = self.runs[row], now.job.check == run.job.check,
                now.started == run.started
            else { return }
            switch result {
            case .success(let addresses):
                if let address = addresses.lazy.compactMap({ ICMPAddress($0) }).first {
                    self.ping(address, row, index, now.plan, now.deadline)
                } else {
                    self.abandon(row, "cannot ping \(name): it has no address")
                }
            case .failure(let error): self.abandon(row, "cannot ping \(name): \(error)")
            }
        }
    }

    /// Ends a run that cannot be carried out; what its other targets said is dropped.
    private func abandon(_ row: Int, _ sentence: String) {
        guard let run = runs[row] else { return }
        runs[row] = nil
        if let handle = run.handle { pinger.end(handle) }
        for handle in run.furtherHandles { pinger.end(handle) }
        // The row is used again only after the reports of its other targets have come in.
        reactor.schedule(after: .milliseconds(1)) { [weak self] in self?.freeRows.append(row) }
        fail(run.job, run.started, .internal(sentence))
    }

    private func cutOff() {
        for row in runs.indices where runs[row] != nil { abandon(row, Self.stopping) }
    }

    /// Tells a result that is known at once, but not from inside ``start(_:)``.
    private func fail(_ job: CheckJob, _ started: Timestamp, _ ending: Ending) {
        failures.append(result(job, started, ending, nil))
        guard failures.count == 1 else { return }
        reactor.schedule(at: 0) { [self] in
            let results = failures
            failures = []
            for result in results { tell(result) }
        }
    }

    private func tell(_ result: CheckResult) {
        inFlight -= 1
        onResult(result)
    }

    private func result(
        _ job: CheckJob, _ started: Timestamp, _ ending: Ending, _ output: PluginOutput?
    ) -> CheckResult {
        guard let output else {
            return CheckResult(of: job, started: started, ended: .current(), ending: ending, worker: worker)
        }
        return CheckResult(
            of: job, started: started, ended: .current(), ending: ending, output: output, worker: worker)
    }
}

extension Timestamp {
    /// The moment on the machine's wall clock.
    static func current() -> Timestamp { Timestamp(microseconds: Clock.wallNanoseconds() / 1000) }
}
