import AMQP
import Foundation
import Posix
import TestSupport
import Testing

/// One broker for all tests of this target, with TLS that asks for a certificate.
enum SharedBroker {
    struct Started: Sendable {
        let broker: BrokerServer
        /// The folder with `ca.pem`, `server.pem`, `client.pem`, their keys, and `other-ca.pem`.
        let certificates: String
    }

    static let started = Task {
        let sandbox = try Sandbox()
        let certificates = try Certificates.make(in: sandbox)
        let broker = try await BrokerServer(in: sandbox, usesTLS: true) { port in
            """
            listeners.ssl.1 = 127.0.0.1:\(port)
            ssl_options.cacertfile = \(certificates)/ca.pem
            ssl_options.certfile = \(certificates)/server.pem
            ssl_options.keyfile = \(certificates)/server.key
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            """
        }
        return Started(broker: broker, certificates: certificates)
    }
}

enum Certificates {
    /// An authority with a certificate for `localhost` and one for a client, and another authority; returns the folder.
    static func make(in sandbox: Sandbox) throws -> String {
        let script = """
            set -e
            cd "$(dirname "$0")"
            for ca in ca other-ca; do
              openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=$ca \
                -keyout $ca.key -out $ca.pem
            done
            for name in server client; do
              openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost \
                -keyout $name.key -out $name.csr
              printf 'subjectAltName=DNS:localhost\\n' > $name.ext
              openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext \
                -out $name.pem
            done
            """
        let file = try sandbox.write("tls/make.sh", script)
        let result = try Sandbox.run("/bin/sh", [file])
        guard result.code == 0 else { throw EngineFailure(description: result.errors) }
        return sandbox.path + "/tls"
    }
}

/// The kit against a real broker.
@Suite("Connection to a broker", .enabled(if: BrokerServer.isAvailable), .timeLimit(.minutes(4)))
struct AMQPConnectionTests {
    private func connect(
        _ change: (inout AMQPServer) -> Void = { _ in }, bodyBytes: Int = 256 << 10
    ) async throws -> AMQPConnection {
        let broker = try await SharedBroker.started.value.broker
        var server = AMQPServer(host: "127.0.0.1", port: broker.port)
        change(&server)
        var limits = AMQPConnection.Limits()
        limits.bodyBytes = bodyBytes
        return try AMQPConnection(to: server, limits: limits)
    }

    /// The next events that are wanted, at most 20 seconds later.
    private func events(
        _ connection: AMQPConnection, _ count: Int, where isWanted: (AMQPEvent) -> Bool = { _ in true }
    ) throws -> [AMQPEvent] {
        let waker = try Waker()
        let end = Clock.monotonicNanoseconds() + 20_000_000_000
        var events: [AMQPEvent] = []
        while events.count < count, Clock.monotonicNanoseconds() < end {
            if let event = try connection.nextEvent() {
                if isWanted(event) { events.append(event) }
            } else {
                connection.wait(atMost: .milliseconds(100), orFor: waker)
            }
        }
        return events
    }

    private func newQueue(_ limit: Int? = nil) -> QueueDeclaration {
        QueueDeclaration(name: "test-\(UInt64.random(in: 0 ... .max))", limit: limit)
    }

    @Test("what is published is confirmed, delivered whole and gone when acknowledged")
    func roundTrip() async throws {
        let connection = try await connect()
        let queue = newQueue()
        let bodies: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 7, count: 200_000)]
        try connection.declare(queue)
        try connection.confirmPublications()
        for (index, body) in bodies.enumerated() {
            try connection.publish(body, to: queue.name, number: UInt64(index + 1))
        }
        var confirmed: Set<UInt64> = []
        while confirmed.count < 3 {
            guard case .confirmed(let number, let upTo)? = try events(connection, 1).first else { break }
            confirmed.formUnion(upTo ? 1...number : number...number)
        }
        #expect(confirmed == [1, 2, 3])
        try connection.consume(from: queue.name, prefetch: 10)
        let delivered = try events(connection, 3)
        #expect(
            delivered
                == bodies.enumerated().map {
                    .delivered(tag: UInt64($0.offset + 1), isRedelivered: false, body: $0.element)
                })
        try connection.acknowledge(3, upTo: true)
        connection.close()

        let second = try await connect()
        try second.askDepth(of: queue.name)
        #expect(try events(second, 1) == [.depth(queue: queue.name, messages: 0, consumers: 0)])
    }

    @Test("without acknowledgement a message comes again, marked; refused for good it becomes a dead letter")
    func redelivery() async throws {
        let dead = newQueue()
        var queue = newQueue()
        queue.deadLetterQueue = dead.name
        let first = try await connect()
        try first.declare(dead)
        try first.declare(queue)
        try first.publish([5], to: queue.name, number: 1)
        try first.consume(from: queue.name, prefetch: 10)
        #expect(try events(first, 1) == [.delivered(tag: 1, isRedelivered: false, body: [5])])
        first.close()

        let second = try await connect()
        try second.consume(from: queue.name, prefetch: 10)
        #expect(try events(second, 1) == [.delivered(tag: 1, isRedelivered: true, body: [5])])
        try second.reject(1, requeue: false)
        let third = try await connect()
        try third.consume(from: dead.name, prefetch: 10)
        #expect(try events(third, 1) == [.delivered(tag: 1, isRedelivered: false, body: [5])])
    }

    @Test("a publication for which there is no queue is returned before it is confirmed")
    func unroutable() async throws {
        let connection = try await connect()
        try connection.confirmPublications()
        try connection.publish([1], to: "no-such-queue", number: 1)

        #expect(
            try events(connection, 2) == [
                .returned(number: 1, reason: "NO_ROUTE"), .confirmed(number: 1, upTo: false),
            ])
    }

    @Test("a full queue refuses what comes")
    func full() async throws {
        let connection = try await connect()
        let queue = newQueue(2)
        try connection.declare(queue)
        try connection.confirmPublications()
        for number in 1...3 {
            try connection.publish([1], to: queue.name, number: UInt64(number))
        }
        let answers = try events(connection, 1) { if case .refused = $0 { true } else { false } }

        #expect(answers.first == .refused(number: 3, upTo: false))
    }

    @Test("a quorum queue that is full refuses as well, if not at once")
    func fullQuorum() async throws {
        let connection = try await connect()
        var queue = newQueue(2)
        queue.kind = .quorum
        try connection.declare(queue)
        try connection.confirmPublications()
        var number: UInt64 = 0
        let isRefused = try await eventually {
            number += 1
            try connection.publish([1], to: queue.name, number: number)
            while let event = try connection.nextEvent() {
                if case .refused = event { return true }
            }
            return false
        }
        #expect(isRefused)
    }

    @Test("prefetch bounds what is delivered before the first acknowledgement")
    func prefetch() async throws {
        let connection = try await connect()
        let queue = newQueue()
        try connection.declare(queue)
        for number in 1...5 {
            try connection.publish([UInt8(number)], to: queue.name, number: UInt64(number))
        }
        try connection.consume(from: queue.name, prefetch: 2)
        #expect(try events(connection, 2).count == 2)
        try connection.askDepth(of: queue.name)
        #expect(try events(connection, 1) == [.depth(queue: queue.name, messages: 3, consumers: 1)])
        try connection.acknowledge(2, upTo: true)
        #expect(try events(connection, 2).count == 2)
    }

    @Test("a body beyond the limit is dropped and told, and the next one is whole")
    func oversized() async throws {
        let connection = try await connect(bodyBytes: 1000)
        let queue = newQueue()
        try connection.declare(queue)
        try connection.publish(Array(repeating: 1, count: 300_000), to: queue.name, number: 1)
        try connection.publish([2], to: queue.name, number: 2)
        try connection.consume(from: queue.name, prefetch: 10)

        #expect(
            try events(connection, 2) == [
                .oversized(tag: 1, bytes: 300_000), .delivered(tag: 2, isRedelivered: false, body: [2]),
            ])
    }

    @Test("the deletion of its queue is told to a consumer")
    func deleted() async throws {
        let broker = try await SharedBroker.started.value.broker
        let connection = try await connect()
        let queue = newQueue()
        try connection.declare(queue)
        try connection.consume(from: queue.name, prefetch: 10)
        try broker.control(["delete_queue", queue.name])

        #expect(try events(connection, 1) == [.consumerCancelled])
    }

    @Test("a queue with other arguments closes the channel with 406, one that is not there with 404")
    func declarations() async throws {
        let queue = newQueue(5)
        try await connect().declare(queue)
        var other = queue
        other.limit = 6

        let mismatch = await #expect(throws: AMQPError.self) { try await connect().declare(other) }
        #expect(mismatch?.kind == .channelClosed(code: 406))
        let missing = await #expect(throws: AMQPError.self) { try await connect().findQueue("not-there") }
        #expect(missing?.kind == .channelClosed(code: 404))
        #expect(missing?.description.contains("not-there") == true)
    }

    @Test("a wrong password and a wrong virtual host are told, and the password is not")
    func logins() async throws {
        let wrong = await #expect(throws: AMQPError.self) {
            _ = try await connect { $0.password = Password("geheim") }
        }
        #expect(wrong?.kind == .login)
        #expect(wrong?.description.contains("cannot log in to the broker at guest@127.0.0.1") == true)
        #expect(wrong?.description.contains("geheim") == false)
        let unknown = await #expect(throws: AMQPError.self) {
            _ = try await connect { $0.virtualHost = "nowhere" }
        }
        #expect(unknown?.kind == .login)
        #expect(unknown?.description.contains("virtual host nowhere") == true)
    }

    @Test("TLS connects with the right authority, name and client certificate")
    func encrypted() async throws {
        let started = try await SharedBroker.started.value
        let connection = try await connect { $0.useTLS(started) }
        let queue = newQueue()
        try connection.declare(queue)
        try connection.publish([1, 2], to: queue.name, number: 1)
        try connection.consume(from: queue.name, prefetch: 1)

        #expect(try events(connection, 1) == [.delivered(tag: 1, isRedelivered: false, body: [1, 2])])
    }

    @Test("TLS refuses another authority, another name and a client without a certificate")
    func untrusted() async throws {
        let started = try await SharedBroker.started.value
        let refusals: [(String, (inout AMQPServer) -> Void)] = [
            ("not signed by an authority", { $0.tls?.authorities = started.certificates + "/other-ca.pem" }),
            ("for another name", { $0.host = "127.0.0.1" }),
            ("cannot", { $0.tls?.certificate = nil }),
            ("cannot use the certificate", { $0.tls?.key = started.certificates + "/server.key" }),
            ("cannot read the authorities", { $0.tls?.authorities = "/nonexistent" }),
        ]
        for (reason, change) in refusals {
            let error = await #expect(throws: AMQPError.self) {
                _ = try await connect {
                    $0.useTLS(started)
                    change(&$0)
                }
            }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "none")")
        }
    }
}

extension AMQPServer {
    fileprivate mutating func useTLS(_ started: SharedBroker.Started) {
        host = "localhost"
        port = started.broker.tlsPort
        tls = TLS(
            authorities: started.certificates + "/ca.pem", certificate: started.certificates + "/client.pem",
            key: started.certificates + "/client.key")
    }
}
