import ICMP
import Model
import Posix
import Testing

@testable import Execution

@Suite("Discovery executor", .enabled(if: canPing, "needs CAP_NET_RAW or net.ipv4.ping_group_range"))
struct DiscoveryExecutorTests {
    private func job(_ network: String, id: Int64 = 1, name: String = "lab") -> DiscoveryJob {
        DiscoveryJob(id: id, subnet: Subnet(name: name, network: network), due: Timestamp(seconds: 0))
    }

    private func discover(_ jobs: DiscoveryJob..., looksUpNames: Bool = false) async throws
        -> [DiscoveryResult]
    {
        let bench = try PingBench(looksUpNames: looksUpNames)
        defer { bench.end() }
        return try await bench.discover(jobs)
    }

    @Test("C10, PP-B22: all of a subnet that answer are found, network and broadcast address are left out")
    func loopbackSubnet() async throws {
        let parts = try await discover(job("127.9.9.0/28"))
        let found = parts.flatMap { $0.responders.map(\.address) }

        #expect(Set(found) == Set((1...14).map { "127.9.9.\($0)" }) && found.count == 14)
        let last = try #require(parts.last)
        #expect(last.isFinished && last.scanned == 14 && last.total == 14 && last.failure == nil)
    }

    @Test("a responder comes with its name when it has one")
    func names() async throws {
        let parts = try await discover(job("127.0.0.1/32"), looksUpNames: true)
        let responder = try #require(parts.flatMap(\.responders).first)
        #expect(responder.address == "127.0.0.1")
        #expect(responder.name == "localhost")
    }

    @Test("a larger subnet is told in parts, the last one finished, no address twice")
    func parts() async throws {
        let parts = try await discover(job("127.9.4.0/22"))
        let found = parts.flatMap { $0.responders.map(\.address) }

        #expect(parts.count >= 4)
        #expect(parts.dropLast().allSatisfy { !$0.isFinished })
        #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.scanned <= $1.scanned })
        #expect(found.count == 1022 && Set(found).count == 1022)
        #expect(parts.last?.scanned == 1022)
    }

    @Test(
        "PP-B22: a network that is too large, IPv6 or none is refused with a sentence",
        arguments: [
            ("10.0.0.0/8", "more than 65536 addresses"), ("2001:db8::/64", "IPv6"),
            ("10.0.0.1/24", "host bits"), ("nonsense", "is not a network"),
        ])
    func refused(network: String, words: String) async throws {
        let parts = try await discover(job(network))
        #expect(parts.count == 1)
        #expect(parts[0].isFinished && parts[0].scanned == 0)
        #expect(parts[0].failure?.contains(words) == true, "\(parts[0].failure ?? "")")
    }

    @Test("PP-B22: a second round of a subnet is refused while the first runs, and another subnet is not")
    func overlapping() async throws {
        let parts = try await discover(
            job("127.9.1.0/27", id: 1), job("127.9.1.0/27", id: 2),
            job("127.9.2.0/30", id: 3, name: "other"))

        let second = try #require(parts.first { $0.id == 2 })
        #expect(second.isFinished && second.failure == "a round of subnet lab is already running")
        #expect(parts.last { $0.id == 1 }?.scanned == 30)
        #expect(parts.last { $0.id == 3 }?.scanned == 2)
    }

    @Test("without a socket a round ends with a failure that says how to get one")
    func noSocket() async throws {
        let error = ICMPError(
            family: .ipv4, raw: PosixError("open a socket", code: 1),
            datagram: PosixError("open a socket", code: 13))
        let bench = try PingBench(sockets: ICMPSockets(ipv4: .failure(error), ipv6: .failure(error)))
        defer { bench.end() }
        let parts = try await bench.discover([job("127.9.9.0/28")])

        let last = try #require(parts.last)
        #expect(last.isFinished && last.scanned == 14)
        #expect(last.failure?.contains("CAP_NET_RAW") == true)
    }
}

@Suite("Discovery round")
struct DiscoveryRoundTests {
    @Test("a part is told after a second of silence or 256 addresses, not before")
    func whenToTell() {
        var round = DiscoveryRound(id: 4, total: 1000, at: 0)
        for _ in 0..<255 { round.asked(answers: false) }
        #expect(round.nextPart(at: 500_000_000) == nil)
        round.asked(answers: false)
        #expect(round.nextPart(at: 500_000_000)?.scanned == 256)
        #expect(round.nextPart(at: 1_400_000_000) == nil)
        #expect(round.nextPart(at: 1_500_000_000)?.scanned == 256)
    }

    @Test("a round is not finished while a name is missing")
    func waitsForNames() {
        var round = DiscoveryRound(id: 4, total: 1, at: 0)
        round.asked(answers: true)
        round.swept()
        #expect(!round.isFinished)
        round.named("192.0.2.1", "web")

        let part = round.nextPart(at: 1)
        #expect(part?.isFinished == true)
        #expect(part?.responders == [.init(address: "192.0.2.1", name: "web")])
    }
}
