import CCares
import Glibc
package import Posix

/// Looks up names and addresses without blocking; confined to the loop of its ``Reactor``.
///
/// /etc/hosts comes first, then the servers of /etc/resolv.conf. Every query has its own deadline, a bounded number is on
/// its way and a bounded number waits. Handlers are called on the loop, never from inside the call that asks.
package final class Resolver {
    package enum Family: Sendable {
        case ipv4
        case ipv6
    }

    /// Names a query; stays harmless when it is over.
    package struct Query: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    enum Question {
        case reverse([UInt8])
        case forward(String, Family?)
    }

    private struct Pending {
        let subject: String
        let question: Question
        let timer: Reactor.Timer
        let handler: (Result<[String], NamesError>) -> Void
        var isOnItsWay = false
    }

    private let reactor: Reactor
    let channel: ares_channel
    let link: ResolverLink
    private let maximumOnTheWay: Int
    private let maximumWaiting: Int
    private var pending: [UInt64: Pending] = [:]
    private var waiting: [UInt64] = []
    private var nextWaiting = 0
    private var onTheWay = 0
    private var lastNumber: UInt64 = 0
    private var watched: Set<Int32> = []
    private var timer: Reactor.Timer?

    /// Opens a channel; `servers` replaces those of /etc/resolv.conf, as "192.0.2.1:53,192.0.2.2".
    package init(
        reactor: Reactor, servers: String? = nil, maximumOnTheWay: Int = 64, maximumWaiting: Int = 100_000
    ) throws(NamesError) {
        self.reactor = reactor
        self.maximumOnTheWay = maximumOnTheWay
        self.maximumWaiting = maximumWaiting
        link = ResolverLink()
        channel = try Self.open(servers: servers, link)
        link.resolver = self
    }

    deinit {
        if let timer { reactor.cancel(timer) }
        for descriptor in watched { reactor.unwatch(descriptor) }
        ares_destroy(channel)
        for query in pending.values {
            reactor.cancel(query.timer)
            query.handler(.failure(NamesError(query.subject, .cancelled)))
        }
    }

    /// Asks for the name of an address; names that are no host names count as not found.
    @discardableResult
    package func name(
        of address: String, within limit: Duration, handler: @escaping (Result<String, NamesError>) -> Void
    ) -> Query {
        ask(address, Self.bytes(of: address).map { .reverse($0) }, within: limit) { result in
            handler(
                result.flatMap { names in
                    names.lazy.compactMap(HostName.clean).first.map { .success($0) }
                        ?? .failure(NamesError(address, .notFound))
                })
        }
    }

    /// Asks for the addresses of a name, of one family or of both; never empty.
    @discardableResult
    package func addresses(
        of name: String, family: Family? = nil, within limit: Duration,
        handler: @escaping (Result<[String], NamesError>) -> Void
    ) -> Query {
        ask(name, HostName.clean(name).map { .forward($0, family) }, within: limit) { result in
            handler(result.flatMap { $0.isEmpty ? .failure(NamesError(name, .notFound)) : .success($0) })
        }
    }

    /// Ends a query; its handler is called with `cancelled`.
    package func cancel(_ query: Query) { end(query.number, .failure(reason: .cancelled)) }

    /// Ends all queries.
    package func cancelAll() {
        for number in pending.keys.sorted() { end(number, .failure(reason: .cancelled)) }
        ares_cancel(channel)
    }

    /// Queries that are not over.
    package var unanswered: Int { pending.count }
}

extension Resolver {
    private enum Ending {
        case answered([String])
        case failure(reason: NamesError.Reason)
    }

    private func ask(
        _ subject: String, _ question: Question?, within limit: Duration,
        handler: @escaping (Result<[String], NamesError>) -> Void
    ) -> Query {
        lastNumber += 1
        let number = lastNumber
        guard let question, pending.count < maximumWaiting + maximumOnTheWay else {
            let error = NamesError(subject, question == nil ? .malformed : .tooMany)
            reactor.schedule(at: 0) { handler(.failure(error)) }
            return Query(number: number)
        }
        let timer = reactor.schedule(after: limit) { [weak self] in
            self?.end(number, .failure(reason: .timedOut))
        }
        pending[number] = Pending(subject: subject, question: question, timer: timer, handler: handler)
        waiting.append(number)
        // c-ares may call back at once: from the reactor, not from inside this call.
        reactor.schedule(at: 0) { [weak self] in self?.sendMore() }
        return Query(number: number)
    }

    private func sendMore() {
        while onTheWay < maximumOnTheWay, nextWaiting < waiting.count {
            let number = waiting[nextWaiting]
            nextWaiting += 1
            guard let query = pending[number] else { continue }
            pending[number]?.isOnItsWay = true
            onTheWay += 1
            send(query.question, number)
        }
        if nextWaiting == waiting.count || nextWaiting > 4096 {
            waiting.removeFirst(nextWaiting)
            nextWaiting = 0
        }
        setTimer()
    }

    /// c-ares is done with a query; whoever asked may have been told long before, at the deadline.
    func answered(_ number: UInt64, status: Int32, _ texts: [String]) {
        onTheWay -= 1
        if let query = pending[number] {
            let error = NamesError(query.subject, status: status)
            end(number, error.map { .failure(reason: $0.reason) } ?? .answered(texts))
        }
        guard nextWaiting < waiting.count else { return }
        reactor.schedule(at: 0) { [weak self] in self?.sendMore() }
    }

    private func end(_ number: UInt64, _ ending: Ending) {
        guard let query = pending.removeValue(forKey: number) else { return }
        reactor.cancel(query.timer)
        switch ending {
        case .answered(let texts): query.handler(.success(texts))
        case .failure(let reason): query.handler(.failure(NamesError(query.subject, reason)))
        }
    }

    /// c-ares opened, changed or is about to close a socket.
    func watch(_ descriptor: Int32, read: Bool, write: Bool) {
        var interest: Reactor.Interest = []
        if read { interest.insert(.read) }
        if write { interest.insert(.write) }
        if interest.isEmpty {
            watched.remove(descriptor)
            reactor.unwatch(descriptor)
            return
        }
        do {
            if watched.insert(descriptor).inserted {
                try reactor.watch(descriptor, for: interest) { [weak self] ready in
                    self?.process(descriptor, ready)
                }
            } else {
                try reactor.change(descriptor, to: interest)
            }
        } catch {
            // The query then ends at its deadline, which is what an unusable socket amounts to.
            watched.remove(descriptor)
        }
    }

    private func process(_ descriptor: Int32, _ ready: Reactor.Interest) {
        let isBroken = !ready.isDisjoint(with: .hangUp)
        let none = Int32(ARES_SOCKET_BAD)
        ares_process_fd(
            channel, isBroken || ready.contains(.read) ? descriptor : none,
            isBroken || ready.contains(.write) ? descriptor : none)
        setTimer()
    }

    /// Sets the timer to when c-ares wants to try again or give up.
    private func setTimer() {
        if let timer { reactor.cancel(timer) }
        timer = nil
        var delay = timeval()
        guard ares_timeout(channel, nil, &delay) != nil else { return }
        let wait = Duration.seconds(delay.tv_sec) + .microseconds(delay.tv_usec)
        timer = reactor.schedule(after: wait) { [weak self] in
            guard let self else { return }
            ares_process_fd(self.channel, Int32(ARES_SOCKET_BAD), Int32(ARES_SOCKET_BAD))
            self.setTimer()
        }
    }
}
