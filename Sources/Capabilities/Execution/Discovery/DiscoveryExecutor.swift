package import ICMP
package import Model
package import Names
package import Posix

/// Sweeps subnets for addresses that answer, beside the checks; confined to the loop of its reactor.
///
/// A round is told in parts, at least one a second, and ends with a part that is finished, whatever
/// happens. A subnet has one round at a time. Network and broadcast addresses are left out; IPv6 and
/// networks beyond ``IPNetwork/maximumSweep`` are refused.
package final class DiscoveryExecutor {
    /// Takes the parts of rounds on the loop, never from inside ``start(_:)``.
    package typealias Handler = (DiscoveryResult) -> Void

    private struct Running {
        var round: DiscoveryRound
        let subnet: Subnet
        let sweep: Sweeper.Sweep
        var queries: [String: Resolver.Query] = [:]
    }

    private let reactor: Reactor
    private let sweeper: Sweeper
    private let resolver: Resolver?
    private let onResult: Handler
    private var rounds: [Int64: Running] = [:]
    private var timer: Reactor.Timer?
    private var isStopping = false

    /// Rounds at once; a further one is refused.
    private static let mostRounds = 16
    /// How long a reverse name may take.
    private static let nameLimit = Duration.seconds(5)

    /// Makes an executor that shares `pinger` with the checks; without a resolver no names are looked up.
    package init(
        reactor: Reactor, pinger: Pinger, resolver: Resolver?, limits: Sweeper.Limits = Sweeper.Limits(),
        onResult: @escaping Handler
    ) {
        self.reactor = reactor
        self.resolver = resolver
        self.onResult = onResult
        sweeper = Sweeper(reactor: reactor, pinger: pinger, limits: limits)
    }

    /// Rounds that run.
    package var inFlight: Int { rounds.count }

    /// Starts a round, or tells soon why it cannot be started.
    package func start(_ job: DiscoveryJob) {
        switch addresses(for: job) {
        case .failure(let refusal): refuse(job, refusal.sentence)
        case .success(let addresses): start(job, addresses)
        }
    }

    /// Ends every round within `grace`; what is cut off is told as finished, with a failure.
    package func stop(within grace: Duration) {
        isStopping = true
        reactor.schedule(after: grace) {
            for id in self.rounds.keys.sorted() { self.cutOff(id) }
        }
    }

    private struct Refusal: Error {
        let sentence: String
    }

    private func addresses(for job: DiscoveryJob) -> Result<UsableAddresses, Refusal> {
        let name = job.subnet.name
        if isStopping { return .failure(Refusal(sentence: Self.stopping)) }
        if rounds[job.id] != nil || rounds.values.contains(where: { $0.subnet.name == name }) {
            return .failure(Refusal(sentence: "a round of subnet \(name) is already running"))
        }
        guard rounds.count < Self.mostRounds else {
            return .failure(
                Refusal(sentence: "subnet \(name) is not swept: \(rounds.count) rounds are running already"))
        }
        do {
            let network = try IPNetwork(job.subnet.network)
            if let refusal = network.sweepRefusal { return .failure(Refusal(sentence: refusal)) }
            return .success(network.usableAddresses)
        } catch {
            return .failure(Refusal(sentence: "subnet \(name) cannot be swept: \(error)"))
        }
    }

    private static let stopping = "the engine was stopped before the sweep was over"

    private func refuse(_ job: DiscoveryJob, _ sentence: String) {
        let result = DiscoveryResult(
            id: job.id, scanned: 0, total: 0, responders: [], isFinished: true, failure: sentence,
            assignment: job.assignment)
        reactor.schedule(at: 0) { [self] in onResult(result) }
    }

    private func start(_ job: DiscoveryJob, _ addresses: UsableAddresses) {
        let id = job.id
        let all = addresses.lazy.compactMap { ICMPAddress(bytes: $0.bytes) }
        let sweep = sweeper.sweep(all) { [weak self] event in self?.take(event, id) }
        let round = DiscoveryRound(
            id: id, total: addresses.count, at: Clock.monotonicNanoseconds(), assignment: job.assignment)
        rounds[id] = Running(round: round, subnet: job.subnet, sweep: sweep)
        tick()
    }

    private func take(_ event: Sweeper.Event, _ id: Int64) {
        switch event {
        case .asked(let address, let answers):
            rounds[id]?.round.asked(answers: answers)
            if answers { name(address.description, id) }
        case .failed(let sentence): rounds[id]?.round.failed(sentence)
        case .finished: rounds[id]?.round.swept()
        }
        tellPart(id)
    }

    private func name(_ address: String, _ id: Int64) {
        guard let resolver else {
            rounds[id]?.round.named(address, nil)
            return
        }
        rounds[id]?.queries[address] = resolver.name(of: address, within: Self.nameLimit) {
            [weak self] result in
            self?.rounds[id]?.queries[address] = nil
            // A name that cannot be had is no failure of the round: the address then serves as the name.
            self?.rounds[id]?.round.named(address, try? result.get())
            self?.tellPart(id)
        }
    }

    private func tellPart(_ id: Int64) {
        guard let part = rounds[id]?.round.nextPart(at: Clock.monotonicNanoseconds()) else { return }
        if part.isFinished { rounds[id] = nil }
        onResult(part)
    }

    /// Looks at every round twice a second, so that a silent network is told of too.
    private func tick() {
        guard timer == nil, !rounds.isEmpty else { return }
        timer = reactor.schedule(after: .milliseconds(500)) { [weak self] in
            guard let self else { return }
            self.timer = nil
            for id in self.rounds.keys.sorted() { self.tellPart(id) }
            self.tick()
        }
    }

    private func cutOff(_ id: Int64) {
        guard var running = rounds.removeValue(forKey: id) else { return }
        sweeper.cancel(running.sweep)
        for query in running.queries.values { resolver?.cancel(query) }
        running.round.failed(Self.stopping)
        onResult(running.round.lastPart())
    }
}
