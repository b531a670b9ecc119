import Testing

@testable import ICMP

@Suite("Echo ledger")
struct EchoLedgerTests {
    private static let identifier: UInt16 = 77
    private let target = ICMPAddress(ipv4: 0x7f00_0001)

    private func request(_ packets: Int = 1, wait: Int64 = 1_000_000_000) -> PingRequest {
        PingRequest(
            target: target, packets: packets, interval: 100_000_000, wait: wait, deadline: 10_000_000_000)
    }

    /// Sends all that is queued at `now`.
    private func send(_ ledger: inout EchoLedger, at now: Int64) -> [EchoPacket] {
        var batch: [EchoLedger.Outgoing] = []
        ledger.takeBatch(of: .ipv4, limit: 64, into: &batch)
        for echo in batch { ledger.sent(echo.place, at: now) }
        return batch.map { $0.packet(identifier: Self.identifier) }
    }

    private func answer(
        _ ledger: inout EchoLedger, _ packet: EchoPacket, from source: ICMPAddress? = nil, at time: Int64
    ) {
        ledger.received(
            .reply(packet), from: source ?? target, at: time, identifier: Self.identifier)
    }

    @Test("SE-B2: shortest, mean, longest and deviation are computed from the single round trips")
    func statistics() throws {
        var ledger = EchoLedger(now: 0)
        _ = ledger.start(request(3), client: 0, token: 5, at: 0)
        for (index, milliseconds) in [12.3, 5.1, 9.9].enumerated() {
            let now = Int64(index) * 100_000_000
            ledger.advance(to: now + 300_000)
            let packet = try #require(send(&ledger, at: now).first)
            answer(&ledger, packet, at: now + Int64(milliseconds * 1e6))
        }

        let report = try #require(ledger.finished.first?.report)
        #expect(report.sent == 3 && report.received == 3)
        #expect(report.shortest == 5_100_000 && report.longest == 12_300_000)
        #expect(abs(try #require(report.mean) - 9_100_000) < 1)
        #expect(abs(try #require(report.deviation) - 2_993_325.9) < 1)
    }

    @Test("SE-B2: total loss has no round-trip time, not one of zero")
    func totalLoss() throws {
        var ledger = EchoLedger(now: 0)
        _ = ledger.start(request(1), client: 0, token: 5, at: 0)
        _ = send(&ledger, at: 0)
        ledger.advance(to: 999_000_000)
        #expect(ledger.finished.isEmpty)

        ledger.advance(to: 1_001_000_000)

        let report = try #require(ledger.finished.first?.report)
        #expect(report.sent == 1 && report.received == 0 && report.lost == 1)
        #expect(report.mean == nil && report.shortest == nil && report.longest == nil)
        #expect(report.deviation == nil)
    }

    @Test("a reply with another nonce, sequence, identifier, place or source is foreign and answers nothing")
    func foreignReplies() throws {
        var ledger = EchoLedger(now: 0)
        _ = ledger.start(request(), client: 0, token: 5, at: 0)
        let right = try #require(send(&ledger, at: 0).first)
        var forgeries = [EchoPacket](repeating: right, count: 5)
        forgeries[0].nonce ^= 1
        forgeries[1].sequence ^= 1
        forgeries[2].identifier ^= 1
        forgeries[3].place += 1
        forgeries[4].place = .max

        for packet in forgeries { answer(&ledger, packet, at: 1000) }
        answer(&ledger, right, from: ICMPAddress(ipv4: 0x7f00_0002), at: 1000)

        #expect(ledger.finished.isEmpty)
        #expect(ledger.counters.foreign == 6 && ledger.counters.received == 0)
        answer(&ledger, right, at: 5000)
        #expect(ledger.finished.first?.report.received == 1)
    }

    @Test("a second reply is a duplicate, a reply after the wait is late; neither is received")
    func duplicatesAndLate() throws {
        var ledger = EchoLedger(now: 0)
        _ = ledger.start(request(3, wait: 150_000_000), client: 0, token: 5, at: 0)
        let first = try #require(send(&ledger, at: 0).first)
        answer(&ledger, first, at: 1_000_000)
        answer(&ledger, first, at: 1_100_000)
        ledger.advance(to: 100_300_000)
        let second = try #require(send(&ledger, at: 100_000_000).first)
        ledger.advance(to: 200_300_000)
        let third = try #require(send(&ledger, at: 200_000_000).first)
        answer(&ledger, second, at: 251_000_000)
        answer(&ledger, third, at: 252_000_000)

        let report = try #require(ledger.finished.first?.report)
        #expect(report.sent == 3 && report.received == 2)
        #expect(report.duplicates == 1 && report.late == 1)
    }

    @Test("a reply after the end of its request is counted as late, also when the row serves another by now")
    func afterTheEnd() throws {
        var ledger = EchoLedger(now: 0)
        _ = ledger.start(request(), client: 0, token: 1, at: 0)
        let old = try #require(send(&ledger, at: 0).first)
        ledger.advance(to: 2_000_000_000)
        answer(&ledger, old, at: 2_000_000_001)
        #expect(ledger.counters.late == 1)

        _ = ledger.start(request(), client: 0, token: 2, at: 2_100_000_000)
        _ = send(&ledger, at: 2_100_000_000)
        answer(&ledger, old, at: 2_200_000_000)
        #expect(ledger.finished.count == 1)
        #expect(ledger.counters.foreign == 1)
    }

    @Test("an unreachable message makes its echo lost with the reason; one about another target does nothing")
    func unreachable() throws {
        var ledger = EchoLedger(now: 0)
        _ = ledger.start(request(), client: 0, token: 1, at: 0)
        let packet = try #require(send(&ledger, at: 0).first)
        let router = ICMPAddress(ipv4: 0x0a00_0001)
        func error(_ target: ICMPAddress) -> ICMPMessage {
            .error(
                type: 3, code: 1, identifier: Self.identifier, sequence: packet.sequence, target: target)
        }

        ledger.received(error(router), from: router, at: 5, identifier: Self.identifier)
        #expect(ledger.finished.isEmpty)
        ledger.received(error(target), from: router, at: 5, identifier: Self.identifier)

        let report = try #require(ledger.finished.first?.report)
        #expect(report.received == 0 && report.sent == 1)
        #expect(report.failure?.description == "Host unreachable @ 10.0.0.1")
    }

    @Test("an echo that the kernel refuses is sent and lost, with the reason, and the others go on")
    func refusedByKernel() throws {
        var ledger = EchoLedger(now: 0)
        _ = ledger.start(request(2), client: 0, token: 1, at: 0)
        var batch: [EchoLedger.Outgoing] = []
        ledger.takeBatch(of: .ipv4, limit: 64, into: &batch)
        ledger.refused(batch[0].place, .notSent(101), at: 0)
        #expect(ledger.finished.isEmpty)
        ledger.advance(to: 100_300_000)
        let packet = try #require(send(&ledger, at: 100_000_000).first)
        answer(&ledger, packet, at: 100_500_000)

        let report = try #require(ledger.finished.first?.report)
        #expect(report.sent == 2 && report.received == 1)
        #expect(report.failure?.description == "Net unreachable (this machine has no route)")
    }

    @Test("echoes put back are taken again in their order")
    func putBack() {
        var ledger = EchoLedger(now: 0)
        for token in UInt64(0)..<10 { _ = ledger.start(request(), client: 0, token: token, at: 0) }
        var batch: [EchoLedger.Outgoing] = []
        ledger.takeBatch(of: .ipv4, limit: 6, into: &batch)
        let order = batch.map(\.place)
        ledger.putBack(batch[2...], of: .ipv4)

        var again: [EchoLedger.Outgoing] = []
        ledger.takeBatch(of: .ipv4, limit: 64, into: &again)

        #expect(again.prefix(4).map(\.place) == Array(order[2...]))
        #expect(again.count == 8)
    }

    @Test("a request that needs one reply ends at the first and sends no more")
    func endsAtFirstReply() throws {
        var ledger = EchoLedger(now: 0)
        var request = request(3)
        request.endsAtFirstReply = true
        _ = ledger.start(request, client: 0, token: 1, at: 0)
        let packet = try #require(send(&ledger, at: 0).first)
        answer(&ledger, packet, at: 1000)

        #expect(ledger.finished.first?.report.sent == 1)
        ledger.advance(to: 500_000_000)
        #expect(send(&ledger, at: 500_000_000).isEmpty)
        #expect(ledger.nextDeadline == nil && ledger.running == 0)
    }

    @Test("the deadline of a request bounds everything, also echoes that never found room")
    func deadline() {
        var ledger = EchoLedger(now: 0)
        _ = ledger.start(request(200), client: 0, token: 1, at: 0)
        ledger.advance(to: 11_000_000_000)

        #expect(ledger.finished.count == 1)
        #expect(ledger.finished.first?.report.sent == 0)
        #expect(send(&ledger, at: 11_000_000_000).isEmpty)
    }

    @Test(
        "SE-B3: 70,000 requests in flight, more than there are sequence numbers, each get their own answers")
    func manyInFlight() {
        var ledger = EchoLedger(now: 0)
        var packets: [(EchoPacket, ICMPAddress)] = []
        for number in UInt32(0)..<70_000 {
            let target = ICMPAddress(ipv4: 0x7f00_0000 + number)
            let request = PingRequest(
                target: target, packets: 1, interval: 0, wait: 1_000_000_000, deadline: 5_000_000_000)
            _ = ledger.start(request, client: 0, token: UInt64(number), at: 0)
            let sent = send(&ledger, at: 0)
            packets += sent.map { ($0, target) }
        }
        for (index, (packet, source)) in packets.enumerated().reversed() {
            ledger.received(
                .reply(packet), from: source, at: Int64(index) + 10_000, identifier: Self.identifier)
        }

        #expect(ledger.finished.count == 70_000)
        let isMixed = ledger.finished.contains { Int64($0.token) + 10_000 != $0.report.shortest }
        #expect(!isMixed)
    }

    @Test("the kernel's time stamp is used unless the wall clock was set meanwhile")
    func arrival() {
        #expect(Pinger.arrival(kernelTime: 990, monotonic: 500, wall: 1000) == 490)
        #expect(Pinger.arrival(kernelTime: 1010, monotonic: 500, wall: 1000) == 500)
        #expect(Pinger.arrival(kernelTime: 1, monotonic: 500, wall: 3_600_000_000_000) == 500)
        #expect(Pinger.arrival(kernelTime: 0, monotonic: 500, wall: 1000) == 500)
    }
}
