import Glibc
import Posix
import Synchronization
import Testing

@testable import Names

/// A name server on loopback that answers PTR questions for 10.1.2.3 and stays silent for all else.
final class FakeNameServer: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let asked = Atomic<Int>(0)

    init(silent: Bool = false) throws {
        descriptor = try Posix.system("open a socket") { socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let fd = descriptor
        withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(fd, $0, length)
                _ = getsockname(fd, $0, &length)
            }
        }
        port = UInt16(bigEndian: name.sin_port)
        Thread.start(named: "fake-dns") { [self] in serve(silent: silent) }
    }

    var questions: Int { asked.load(ordering: .relaxed) }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func serve(silent: Bool) {
        var buffer = [UInt8](repeating: 0, count: 512)
        while true {
            var from = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let count = withUnsafeMutablePointer(to: &from) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
                }
            }
            guard count > 12 else { break }
            asked.add(1, ordering: .relaxed)
            if silent { continue }
            let answer = Self.answer(Array(buffer.prefix(count)))
            _ = withUnsafePointer(to: &from) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(descriptor, answer, answer.count, 0, $0, length)
                }
            }
        }
        close(descriptor)
    }

    /// The PTR record "Host-7.example.org", or one of no host name for 10.1.2.4, or "no such name".
    private static func answer(_ question: [UInt8]) -> [UInt8] {
        let text = String(decoding: question[12...], as: UTF8.self)
        var answer = question
        answer[2] = 0x81
        answer[3] = 0x80
        guard text.hasPrefix("\u{1}3\u{1}2") || text.hasPrefix("\u{1}4\u{1}2") else {
            answer[3] = 0x83
            return answer
        }
        let label = text.hasPrefix("\u{1}3") ? "Host-7" : "a;reboot"
        let name = [UInt8(label.utf8.count)] + label.utf8 + [7] + "example".utf8 + [3] + "org".utf8 + [0]
        answer[7] = 1
        return answer + [0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, UInt8(name.count)] + name
    }
}

@Suite("Resolver")
struct ResolverTests {
    /// Looks something up on a loop of its own.
    private func ask<Value: Sendable>(
        servers: String? = nil, onTheWay: Int = 64, waiting: Int = 100,
        _ body: @escaping @Sendable (Resolver, @escaping @Sendable (Value) -> Void) -> Void
    ) async throws -> Value {
        let loop = try EventLoop(name: "names-test")
        loop.start()
        let held = Held()
        let value = await withCheckedContinuation { (continuation: CheckedContinuation<Value, Never>) in
            loop.post {
                do {
                    let resolver = try Resolver(
                        reactor: loop.reactor, servers: servers, maximumOnTheWay: onTheWay,
                        maximumWaiting: waiting)
                    held.resolver = resolver
                    body(resolver) { continuation.resume(returning: $0) }
                } catch { Issue.record("cannot make a resolver: \(error)") }
            }
        }
        loop.post { held.resolver = nil }
        loop.stop()
        return value
    }

    /// Keeps the resolver of a test; touched on its loop only.
    private final class Held: Sendable {
        nonisolated(unsafe) var resolver: Resolver?
    }

    @Test("/etc/hosts is consulted for names and addresses")
    func hostsFile() async throws {
        let name: Result<String, NamesError> = try await ask { resolver, done in
            resolver.name(of: "127.0.0.1", within: .seconds(5), handler: done)
        }
        let addresses: Result<[String], NamesError> = try await ask { resolver, done in
            resolver.addresses(of: "localhost", family: .ipv4, within: .seconds(5), handler: done)
        }
        #expect(try name.get() == "localhost")
        #expect(try addresses.get().contains("127.0.0.1"))
    }

    @Test("a server's answer is the name; one that is no host name is none")
    func reverse() async throws {
        let server = try FakeNameServer()
        defer { server.stop() }
        let servers = "127.0.0.1:\(server.port)"
        for (address, expected) in [
            ("10.1.2.3", "Host-7.example.org"), ("10.1.2.4", nil), ("10.9.9.9", nil),
        ] {
            let result: Result<String, NamesError> = try await ask(servers: servers) { resolver, done in
                resolver.name(of: address, within: .seconds(5), handler: done)
            }
            #expect((try? result.get()) == expected)
        }
    }

    @Test("a query ends at its own deadline when nobody answers")
    func deadline() async throws {
        let server = try FakeNameServer(silent: true)
        defer { server.stop() }
        let result: Result<String, NamesError> = try await ask(servers: "127.0.0.1:\(server.port)") {
            $0.name(of: "10.1.2.3", within: .milliseconds(50), handler: $1)
        }
        #expect(result == .failure(NamesError("10.1.2.3", .timedOut)))
    }

    @Test("at most so many queries are on their way, the others wait and all end")
    func bounded() async throws {
        let server = try FakeNameServer()
        defer { server.stop() }
        let found: Int = try await ask(servers: "127.0.0.1:\(server.port)", onTheWay: 2) { resolver, done in
            let results = Count()
            for _ in 0..<50 {
                resolver.name(of: "10.1.2.3", within: .seconds(20)) { result in
                    if (try? result.get()) == "Host-7.example.org" { results.found += 1 }
                    results.ended += 1
                    if results.ended == 50 { done(results.found) }
                }
            }
        }
        #expect(found == 50)
    }

    @Test("a query beyond the bound is refused, not kept")
    func tooMany() async throws {
        let server = try FakeNameServer(silent: true)
        defer { server.stop() }
        let result: Result<String, NamesError> = try await ask(
            servers: "127.0.0.1:\(server.port)", onTheWay: 1, waiting: 2
        ) { resolver, done in
            for _ in 0..<3 { resolver.name(of: "10.1.2.3", within: .seconds(20)) { _ in } }
            resolver.name(of: "10.1.2.3", within: .seconds(20), handler: done)
        }
        #expect(result == .failure(NamesError("10.1.2.3", .tooMany)))
    }

    @Test("cancelling ends queries")
    func cancelling() async throws {
        let server = try FakeNameServer(silent: true)
        defer { server.stop() }
        let result: Result<String, NamesError> = try await ask(servers: "127.0.0.1:\(server.port)") {
            resolver, done in
            let query = resolver.name(of: "10.1.2.3", within: .seconds(20), handler: done)
            resolver.cancel(query)
            resolver.cancelAll()
        }
        #expect(result == .failure(NamesError("10.1.2.3", .cancelled)))
    }

    @Test("what is no address is refused with a sentence", arguments: ["", "host", "1.2.3.4.5"])
    func malformed(text: String) async throws {
        let result: Result<String, NamesError> = try await ask {
            $0.name(of: text, within: .seconds(1), handler: $1)
        }
        #expect(result == .failure(NamesError(text, .malformed)))
    }

    private final class Count: Sendable {
        nonisolated(unsafe) var found = 0
        nonisolated(unsafe) var ended = 0
    }

    @Test(
        "host names lose their final point; what is none is refused",
        arguments: [
            ("web.example.org.", "web.example.org"), ("_dns.a-b", "_dns.a-b"), ("", nil), (".", nil),
            ("a..b", nil), ("-a", nil), ("a b", nil), ("a\nb", nil), ("ü", nil), ("$(x)", nil),
            (String(repeating: "a", count: 64), nil),
        ])
    func hostNames(text: String, expected: String?) { #expect(HostName.clean(text) == expected) }
}
