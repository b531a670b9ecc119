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

    @Test("AP-B2: hundreds of silent neighbours neither delay nor lose the replies of others")
    func manySilentNeighbours() async throws {
        let namespaces = try Namespaces()
        let bench = try bench(namespaces)
        defer { bench.stop() }
        var requests = try (10..<210).map {
            try pingRequest("10.99.0.\($0)", packets: 5, wait: 1_000_000_000)
        }
        requests += try (1...200).map { try pingRequest("127.4.0.\($0)", packets: 5) }
        requests += [try pingRequest("10.99.0.2", packets: 5)]
        let reports = try await bench.ping(requests)

        #expect(reports.count == 401)
        #expect(reports.prefix(200).allSatisfy { $0.sent == 5 && $0.received == 0 })
        #expect(reports.suffix(201).allSatisfy { $0.sent == 5 && $0.received == 5 })
    }

    @Test(
        "echoes leave from the source address that was asked for",
        arguments: [("10.99.0", "/24", "/32"), ("fd99:", "/64 nodad", "/128")])
    func source(network: String, mask: String, one: String) async throws {
        let namespaces = try Namespaces()
        let dot = network.hasSuffix(":") ? ":" : "."
        let (near, second, far) = ("\(network)\(dot)21", "\(network)\(dot)22", "\(network)\(dot)23")
        try #require(namespaces.ip("addr add \(near)\(mask) dev \(namespaces.nearDevice)"))
        try #require(namespaces.ip("addr add \(second)\(mask) dev \(namespaces.nearDevice)"))
        try #require(namespaces.farIP("addr add \(far)\(mask) dev \(namespaces.farDevice)"))
        // Only what comes from the first address is answered.
        try #require(namespaces.farIP("route add blackhole \(second)\(one)"))
        let bench = try bench(namespaces)
        defer { bench.stop() }
        var requests = try [near, second, "\(network)\(dot)99"].map { source in
            var request = try pingRequest(far, packets: 2, wait: 1_000_000_000)
            request.source = ICMPAddress(source)
            return request
        }
        requests[0].hops = 9
        let reports = try await bench.ping(requests)

        #expect(reports.map(\.received) == [2, 0, 0])
        #expect(reports.map(\.sent) == [2, 2, 2])
        // The machine that runs the tests, not the namespace, says whose address the last one is.
        #expect(reports[2].failure == requests[2].source.map { .noSource($0) })
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
