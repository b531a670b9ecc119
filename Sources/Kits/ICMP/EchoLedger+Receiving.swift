extension EchoLedger {
    /// Takes a message in that came from `source` at `arrival`, on a socket with this identifier.
    ///
    /// A reply counts only if identifier, sequence, nonce and source are those of the request.
    package mutating func received(
        _ message: ICMPMessage, from source: ICMPAddress, at arrival: Int64, identifier: UInt16
    ) {
        switch message {
        case .reply(let packet) where packet.identifier == identifier:
            reply(packet, from: source, at: arrival)
        case .error(let type, let code, identifier, let sequence, let target):
            let failure = PingFailure.refused(type: type, code: code, family: source.family, by: source)
            error(failure, sequence: sequence, target: target)
        default: counters.foreign += 1
        }
    }

    private mutating func reply(_ packet: EchoPacket, from source: ICMPAddress, at arrival: Int64) {
        let place = Int(packet.place)
        guard place < echoes.count, echoes[place].nonce == packet.nonce, packet.nonce != 0,
            echoes[place].sequence == packet.sequence
        else {
            counters.foreign += 1
            return
        }
        let row = Int(echoes[place].burst)
        guard row >= 0, bursts[row].isRunning else {
            counters.late += 1
            return
        }
        guard bursts[row].request.target.matches(source) else {
            counters.foreign += 1
            return
        }
        switch echoes[place].state {
        case .flying: answer(place, row, roundTrip: arrival - echoes[place].sentAt)
        case .answered: repeated(row)
        case .lost: late(row)
        case .free, .queued, .abandoned: counters.foreign += 1
        }
    }

    private mutating func answer(_ place: Int, _ row: Int, roundTrip: Int64) {
        bursts[row].open -= 1
        if roundTrip > bursts[row].request.wait {
            echoes[place].state = .lost
            late(row)
        } else {
            echoes[place].state = .answered
            counters.received += 1
            // Times within a batch are interpolated, see Pinger: on loopback one may come out a little below zero.
            bursts[row].report.add(roundTrip: max(roundTrip, Self.shortestRoundTrip))
        }
        finishIfComplete(Int32(row))
    }

    /// Nanoseconds: what no round trip through the kernel is faster than.
    static let shortestRoundTrip: Int64 = 1000

    private mutating func repeated(_ row: Int) {
        bursts[row].report.duplicates += 1
        counters.duplicates += 1
    }

    private mutating func late(_ row: Int) {
        bursts[row].report.late += 1
        counters.late += 1
    }

    /// An error quotes eight bytes of our request, no nonce; all it can do is to make one echo lost.
    private mutating func error(_ failure: PingFailure, sequence: UInt16, target: ICMPAddress) {
        let place = Int(bySequence[Int(sequence)])
        guard place >= 0, echoes[place].sequence == sequence, echoes[place].state == .flying else {
            counters.foreign += 1
            return
        }
        let row = Int(echoes[place].burst)
        guard bursts[row].request.target.matches(target) else {
            counters.foreign += 1
            return
        }
        echoes[place].state = .lost
        bursts[row].report.failure = failure
        bursts[row].open -= 1
        finishIfComplete(Int32(row))
    }
}
