package import Posix

/// Asks many addresses whether they answer, beside the checks and without hurry; confined to the loop of its pinger.
///
/// An address that answers once is asked no more. Sweeps share one rate and one limit of addresses asked at once, and take
/// turns.
package final class Sweeper {
    /// How addresses are asked.
    package struct Limits: Sendable {
        /// Echoes to an address that stays silent.
        package var packets = 3
        /// Time to the next echo, and how long each may take.
        package var interval = Duration.milliseconds(500)
        package var wait = Duration.seconds(1)
        /// Addresses that are being asked at the same time.
        package var outstanding = 2048
        /// Echoes a second, over all sweeps.
        package var perSecond = 2000

        package init() {}
    }

    /// Names a sweep; stays harmless when it is over.
    package struct Sweep: Hashable, Sendable {
        fileprivate let number: UInt32
    }

    /// What a sweep tells, never from inside a call.
    package enum Event: Sendable {
        /// The address answered, or not.
        case asked(ICMPAddress, answers: Bool)
        /// There is no socket or every address was refused; the sentence says why. `finished` follows.
        case failed(String)
        /// Every address has been asked.
        case finished
    }

    private struct Running {
        let addresses: AnyIterator<ICMPAddress>
        let handler: (Event) -> Void
        var asked: UInt32 = 0
        var isExhausted = false
        /// Addresses that are being asked, by their number.
        var open: [UInt32: (address: ICMPAddress, handle: EchoLedger.Handle)] = [:]
        var hasFailed = false
    }

    private let reactor: Reactor
    private let pinger: Pinger
    private let limits: Limits
    private var rate: RateLimit
    private var client: Pinger.Client?
    private var sweeps: [UInt32: Running] = [:]
    private var order: [UInt32] = []
    private var lastNumber: UInt32 = 0
    private var outstanding = 0
    private var timer: Reactor.Timer?

    package init(reactor: Reactor, pinger: Pinger, limits: Limits = Limits()) {
        self.reactor = reactor
        self.pinger = pinger
        self.limits = limits
        // Counted in addresses, each of which may cost all its echoes.
        rate = RateLimit(perSecond: max(1, limits.perSecond / max(1, limits.packets)))
        client = pinger.addClient { [weak self] token, report in self?.take(report, token) }
    }

    /// Starts asking `addresses`, in their order; they are made one by one, as their turn comes.
    package func sweep(_ addresses: some Sequence<ICMPAddress>, handler: @escaping (Event) -> Void) -> Sweep {
        lastNumber += 1
        sweeps[lastNumber] = Running(addresses: AnyIterator(addresses.makeIterator()), handler: handler)
        order.append(lastNumber)
        wake(at: Clock.monotonicNanoseconds())
        return Sweep(number: lastNumber)
    }

    /// Ends a sweep; nothing more is told of it.
    package func cancel(_ sweep: Sweep) {
        guard let running = sweeps.removeValue(forKey: sweep.number) else { return }
        order.removeAll { $0 == sweep.number }
        for (_, handle) in running.open.values { pinger.end(handle) }
    }

    private func wake(at deadline: Int64) {
        guard timer == nil else { return }
        timer = reactor.schedule(at: deadline) { [weak self] in
            self?.timer = nil
            self?.askMore()
        }
    }

    /// Asks as many addresses as rate and limit allow, one of each sweep in turn.
    private func askMore() {
        let now = Clock.monotonicNanoseconds()
        var isAnyLeft = true
        while isAnyLeft {
            isAnyLeft = false
            for number in order where sweeps[number]?.isExhausted == false {
                guard outstanding < limits.outstanding else { return }
                guard rate.take(at: now) else { return wake(at: rate.nextTime) }
                askNext(number)
                isAnyLeft = true
            }
        }
    }

    private func askNext(_ number: UInt32) {
        guard let running = sweeps[number], let client else { return }
        guard let address = running.addresses.next() else {
            sweeps[number]?.isExhausted = true
            finishIfDone(number)
            return
        }
        let interval = limits.interval.nanoseconds
        let wait = limits.wait.nanoseconds
        var request = PingRequest(
            target: address, packets: limits.packets, interval: interval, wait: wait,
            deadline: Clock.monotonicNanoseconds() + Int64(limits.packets) * max(interval, wait) + wait)
        request.endsAtFirstReply = true
        let index = running.asked
        let token = UInt64(number) << 32 | UInt64(index)
        let handle = pinger.start(request, client: client, token: token)
        sweeps[number]?.open[index] = (address, handle)
        sweeps[number]?.asked = index + 1
        outstanding += 1
    }

    private func take(_ report: PingReport, _ token: UInt64) {
        outstanding -= 1
        let number = UInt32(token >> 32)
        let index = UInt32(token & 0xffff_ffff)
        if !order.isEmpty { wake(at: max(rate.nextTime, 0)) }
        guard let running = sweeps[number], let (address, _) = running.open[index] else { return }
        sweeps[number]?.open[index] = nil
        if case .noSocket(let sentence) = report.failure, !running.hasFailed {
            sweeps[number]?.hasFailed = true
            running.handler(.failed(sentence))
        }
        running.handler(.asked(address, answers: report.received > 0))
        finishIfDone(number)
    }

    private func finishIfDone(_ number: UInt32) {
        guard let running = sweeps[number], running.isExhausted, running.open.isEmpty else { return }
        finish(number)
    }

    private func finish(_ number: UInt32) {
        guard let running = sweeps.removeValue(forKey: number) else { return }
        order.removeAll { $0 == number }
        running.handler(.finished)
    }
}
