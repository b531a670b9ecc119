import Glibc
import Posix
import Synchronization
import Testing

@testable import ICMP

/// Runs a pinger on a loop of its own and collects its reports.
final class PingerBench: Sendable {
    private let loop: EventLoop
    private let reports = Mutex<[UInt64: PingReport]>([:])
    // Touched on the loop only.
    private nonisolated(unsafe) var pinger: Pinger?
    private nonisolated(unsafe) var client: Pinger.Client?

    init(sockets: ICMPSockets = .open()) throws {
        loop = try EventLoop(name: "pinger-test")
        loop.start()
        loop.post { [self] in
            pinger = try? Pinger(reactor: loop.reactor, sockets: sockets)
            client = pinger?.addClient { [self] token, report in
                reports.withLock { $0[token] = report }
            }
        }
    }

    func stop() {
        loop.post { [self] in pinger = nil }
        loop.stop()
    }

    /// Starts all requests at once and waits for their reports, 20 s at most.
    func ping(_ requests: [PingRequest]) async throws -> [PingReport] {
        loop.post { [self] in
            guard let pinger, let client else { return }
            for (token, request) in requests.enumerated() {
                pinger.start(request, client: client, token: UInt64(token))
            }
        }
        let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
        while Clock.monotonicNanoseconds() < deadline {
            let all = reports.withLock { $0 }
            if all.count == requests.count { return requests.indices.compactMap { all[UInt64($0)] } }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("no reports within 20 s")
        return []
    }

    /// Messages that the kernel dropped, and our counters.
    func totals() async -> (dropped: UInt64, counters: EchoLedger.Counters)? {
        await withCheckedContinuation { continuation in
            loop.post { [self] in continuation.resume(returning: pinger.map { ($0.dropped, $0.counters) }) }
        }
    }
}

func pingRequest(
    _ address: String, packets: Int = 3, interval: Int64 = 5_000_000, wait: Int64 = 2_000_000_000
) throws -> PingRequest {
    PingRequest(
        target: try #require(ICMPAddress(address)), packets: packets, interval: interval, wait: wait,
        deadline: Clock.monotonicNanoseconds() + 15_000_000_000)
}

/// Whether raw ICMP sockets can be opened here.
let hasRawSockets = (try? ICMPSocket(.ipv4, .raw)) != nil
/// Whether this machine has an IPv6 loopback.
let hasIPv6: Bool = {
    guard let socket = try? ICMPSocket(.ipv6, .raw) else { return false }
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_addr.__in6_u.__u6_addr8.15 = 1
    return withUnsafePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
        }
    }
}()

@Suite("Pinger", .enabled(if: hasRawSockets, "needs CAP_NET_RAW"))
struct PingerTests {
    @Test("loopback answers over IPv4 with round trips in order")
    func loopback() async throws {
        let bench = try PingerBench()
        defer { bench.stop() }
        let report = try #require(try await bench.ping([pingRequest("127.0.0.1")]).first)

        #expect(report.sent == 3 && report.received == 3 && report.failure == nil)
        let (shortest, longest) = (try #require(report.shortest), try #require(report.longest))
        let mean = try #require(report.mean)
        #expect(shortest > 0 && Double(shortest) <= mean && mean <= Double(longest))
    }

    @Test("loopback answers over IPv6", .enabled(if: hasIPv6, "needs ::1"))
    func loopbackIPv6() async throws {
        let bench = try PingerBench()
        defer { bench.stop() }
        let report = try #require(try await bench.ping([pingRequest("::1")]).first)
        #expect(report.sent == 3 && report.received == 3)
    }

    @Test("large packets come back whole and count", arguments: [16, 68, 1400, 60_000])
    func sizes(payload: Int) async throws {
        let bench = try PingerBench()
        defer { bench.stop() }
        var request = try pingRequest("127.0.0.1", packets: 1)
        request.payload = payload
        request.hops = 3
        let report = try #require(try await bench.ping([request]).first)
        #expect(report.received == 1)
    }

    @Test("B21, SE-B3: 10,000 targets at once are all answered, none is mixed up, nothing is dropped unseen")
    func manyTargets() async throws {
        let bench = try PingerBench()
        defer { bench.stop() }
        let requests = (0..<10_000).map { number in
            PingRequest(
                target: ICMPAddress(ipv4: 0x7f01_0000 + UInt32(number)), packets: 2, interval: 10_000_000,
                wait: 5_000_000_000, deadline: Clock.monotonicNanoseconds() + 15_000_000_000)
        }
        let reports = try await bench.ping(requests)
        let totals = try #require(await bench.totals())

        #expect(totals.dropped == 0)
        #expect(reports.count == 10_000)
        #expect(reports.allSatisfy { $0.sent == 2 && $0.received == 2 && $0.duplicates == 0 })
        #expect(totals.counters.received == 20_000)
    }

    @Test("F30: forged replies with our identifier and the right source are foreign, whatever their sequence")
    func forgedReplies() async throws {
        let sockets = ICMPSockets.open()
        let identifier = try sockets.socket(.ipv4).get().identifier
        let bench = try PingerBench(sockets: sockets)
        defer { bench.stop() }
        let forger = FileDescriptor(owning: socket(AF_INET, Int32(SOCK_RAW.rawValue), Int32(IPPROTO_ICMP)))
        for sequence in UInt16(0)..<1000 {
            let packet = EchoPacket(identifier: identifier, sequence: sequence, nonce: 7, place: 0)
            forge(packet, from: forger.raw)
        }
        let requests = try (1...50).map { try pingRequest("127.6.0.\($0)", packets: 2) }
        let reports = try await bench.ping(requests)

        #expect(reports.allSatisfy { $0.received == 2 && $0.duplicates == 0 && $0.late == 0 })
        #expect(await bench.totals()?.counters.foreign ?? 0 >= 1000)
    }

    /// Sends an echo reply to 127.0.0.1.
    private func forge(_ packet: EchoPacket, from descriptor: Int32) {
        var words = packet.words(for: .ipv4)
        // Type 0 in place of 8 makes the checksum larger by 8 in its first byte, with the carry.
        let sum = UInt16(truncatingIfNeeded: words.0 >> 16)
        let (raised, carried) = sum.addingReportingOverflow(8)
        words.0 = words.0 & ~0xffff_ffff | UInt64(raised + (carried ? 1 : 0)) << 16
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, &words, 24, 0, $0, length)
            }
        }
    }

    @Test("F30: two pingers at once with sockets of their own never take each other's replies")
    func twoPingers() async throws {
        let (left, right) = (try PingerBench(), try PingerBench())
        defer {
            left.stop()
            right.stop()
        }
        let requests = try (0..<500).map { try pingRequest("127.2.0.\($0 % 250)", packets: 2) }
        async let first = left.ping(requests)
        async let second = right.ping(requests)
        let reports = try await first + second

        #expect(reports.count == 1000)
        #expect(reports.allSatisfy { $0.received == 2 && $0.duplicates == 0 && $0.late == 0 })
    }

    @Test("AP-B2: a target that the kernel refuses is lost with its reason and costs the others nothing")
    func oneBadTarget() async throws {
        let bench = try PingerBench()
        defer { bench.stop() }
        var requests = try (1...100).map { try pingRequest("127.3.0.\($0)", packets: 1) }
        // A broadcast address: the kernel refuses it to a socket without SO_BROADCAST.
        requests.insert(try pingRequest("255.255.255.255", packets: 1), at: 50)
        let reports = try await bench.ping(requests)

        try #require(reports.count == 101)
        for (index, report) in reports.enumerated() { #expect(report.received == (index == 50 ? 0 : 1)) }
        guard case .notSent = try #require(reports[50].failure) else {
            Issue.record("expected a refusal of the kernel, got \(String(describing: reports[50].failure))")
            return
        }
    }

    @Test("without a socket every request ends with a sentence that says how to get one")
    func noSockets() async throws {
        let error = ICMPError(
            family: .ipv4, raw: PosixError("open a socket", code: EPERM),
            datagram: PosixError("open a socket", code: EACCES))
        let bench = try PingerBench(sockets: ICMPSockets(ipv4: .failure(error), ipv6: .failure(error)))
        defer { bench.stop() }
        let report = try #require(try await bench.ping([pingRequest("127.0.0.1")]).first)

        #expect(report.received == 0)
        #expect(report.failure?.description.contains("CAP_NET_RAW") == true)
        #expect(report.failure?.description.contains("net.ipv4.ping_group_range") == true)
    }

    @Test("the receive buffer that the kernel granted is known")
    func receiveBuffer() throws {
        #expect(try ICMPSocket(.ipv4, .raw).receiveBuffer >= 200_000)
    }
}
