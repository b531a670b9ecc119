import Glibc
import Posix
import Testing

@testable import ICMP

@Suite("Pinger on a real cable", .enabled(if: Namespaces.arePossible, "needs root and network namespaces"))
struct NamespaceTests {
    private func bench(_ namespaces: Namespaces) throws -> PingerBench {
        let sockets = try #require(namespaces.inside { ICMPSockets.open() })
        return try PingerBench(sockets: sockets)
    }

    @Test("a silent address is lost with the neighbour's verdict, an answering one beside it is not")
    func silentAddress() async throws {
        let namespaces = try Namespaces()
        let bench = try bench(namespaces)
        defer { bench.stop() }
        let reports = try await bench.ping([
            pingRequest("10.99.0.3", packets: 2, wait: 1_000_000_000), pingRequest("10.99.0.2", packets: 2),
        ])

        #expect(reports.count == 2)
        #expect(reports[0].sent == 2 && reports[0].received == 0 && reports[0].mean == nil)
        #expect(reports[1].sent == 2 && reports[1].received == 2)
    }

    @Test("an unanswered neighbour is told as host unreachable when we wait for the kernel to give up")
    func hostUnreachable() async throws {
        let namespaces = try Namespaces()
        let bench = try bench(namespaces)
        defer { bench.stop() }
        let request = try pingRequest("10.99.0.3", packets: 1, wait: 12_000_000_000)
        let report = try #require(try await bench.ping([request]).first)

        #expect(report.received == 0)
        #expect(report.failure?.description == "Host unreachable @ 10.99.0.1")
    }

    @Test(
        "a target that a route refuses is lost with a reason",
        arguments: [
            ("blackhole", "routes drop it"), ("prohibit", "permission denied"),
            ("unreachable", "Host unreachable"),
        ])
    func refusedByRoute(kind: String, words: String) async throws {
        let namespaces = try Namespaces()
        try #require(namespaces.ip("route add \(kind) 10.98.0.0/24"))
        let bench = try bench(namespaces)
        defer { bench.stop() }
        let reports = try await bench.ping([
            pingRequest("10.98.0.7", packets: 2), pingRequest("10.99.0.2", packets: 2),
        ])

        #expect(reports[0].sent == 2 && reports[0].received == 0)
        #expect(reports[0].failure?.description.contains(words) == true)
        #expect(reports[1].received == 2)
    }

    @Test("a machine without a route says so")
    func noRoute() async throws {
        let namespaces = try Namespaces()
        let bench = try bench(namespaces)
        defer { bench.stop() }
        let report = try #require(try await bench.ping([pingRequest("192.0.2.1", packets: 1)]).first)
        #expect(report.failure?.description == "Net unreachable (this machine has no route)")
    }

    @Test("datagram sockets, whose identifier the kernel chooses, ping and learn of refusals alike")
    func datagramSockets() async throws {
        let namespaces = try Namespaces()
        try #require(namespaces.command("sh -c 'echo 0 2147483647 > /proc/sys/net/ipv4/ping_group_range'"))
        let opened = namespaces.inside { () -> ICMPSockets in
            let missing = PosixError("open a socket", code: EPERM)
            let none = ICMPError(family: .ipv6, raw: missing, datagram: missing)
            guard let socket = try? ICMPSocket(.ipv4, .datagram) else {
                return ICMPSockets(ipv4: .failure(none), ipv6: .failure(none))
            }
            return ICMPSockets(ipv4: .success(socket), ipv6: .failure(none))
        }
        let bench = try PingerBench(sockets: try #require(opened))
        defer { bench.stop() }
        let reports = try await bench.ping([
            pingRequest("10.99.0.2", packets: 3), pingRequest("127.0.0.1", packets: 3),
            pingRequest("10.99.0.3", packets: 1, wait: 12_000_000_000),
        ])

        #expect(reports.count == 3)
        #expect(reports[0].received == 3 && reports[1].received == 3)
        #expect(reports[2].failure?.description == "Host unreachable @ 10.99.0.1")
    }
}
