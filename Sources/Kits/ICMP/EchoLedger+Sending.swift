extension EchoLedger {
    /// An echo that is to be sent now.
    package struct Outgoing: Sendable {
        package let place: Int32
        package let request: PingRequest
        package let sequence: UInt16
        package let nonce: UInt64

        /// The packet of this echo under the identifier of a socket.
        package func packet(identifier: UInt16) -> EchoPacket {
            EchoPacket(
                identifier: identifier, sequence: sequence, nonce: nonce, place: UInt32(bitPattern: place))
        }
    }

    /// Whether echoes of a family wait to be sent.
    package func hasQueued(_ family: ICMPAddress.Family) -> Bool { !queues[family.rawValue].isEmpty }

    /// How many echoes wait to be sent.
    package var queued: Int { queues[0].count + queues[1].count }

    /// Takes the next echoes of a family, at most `limit`, in the order they were queued.
    package mutating func takeBatch(of family: ICMPAddress.Family, limit: Int, into batch: inout [Outgoing]) {
        batch.removeAll(keepingCapacity: true)
        while batch.count < limit, let place = queues[family.rawValue].popFirst() {
            let echo = echoes[Int(place)]
            if echo.state == .abandoned {
                release(place)
                continue
            }
            batch.append(
                Outgoing(
                    place: place, request: bursts[Int(echo.burst)].request, sequence: echo.sequence,
                    nonce: echo.nonce))
        }
    }

    /// Notes that an echo of the last batch has left at `time`.
    package mutating func sent(_ place: Int32, at time: Int64) {
        let row = markAsAsked(place, .flying)
        echoes[Int(place)].sentAt = time
        counters.sent += 1
        waitForReplies(row, from: time)
    }

    /// Notes that the kernel refuses this echo: it counts as sent and lost.
    package mutating func refused(_ place: Int32, _ failure: PingFailure, at now: Int64) {
        let row = markAsAsked(place, .lost)
        bursts[Int(row)].report.failure = failure
        bursts[Int(row)].open -= 1
        waitForReplies(row, from: now)
        finishIfComplete(row)
    }

    /// Puts echoes that found no room back: the first, which was refused, behind all others, the rest to
    /// the front.
    ///
    /// The kernel may be short of room for this target only (a full neighbour table): others must not wait
    /// for it.
    package mutating func putBack(_ batch: ArraySlice<Outgoing>, of family: ICMPAddress.Family) {
        guard let refused = batch.first else { return }
        queues[family.rawValue].putBack(batch.dropFirst().map(\.place))
        queues[family.rawValue].append(refused.place)
    }

    private mutating func markAsAsked(_ place: Int32, _ state: EchoState) -> Int32 {
        let row = echoes[Int(place)].burst
        echoes[Int(place)].state = state
        bursts[Int(row)].report.sent += 1
        return row
    }

    /// The wait of a request counts from its last echo.
    private mutating func waitForReplies(_ row: Int32, from time: Int64) {
        let index = Int(row)
        guard bursts[index].report.sent == bursts[index].request.packets else { return }
        wheel.set(row, at: min(time + bursts[index].request.wait, bursts[index].request.deadline))
    }

    mutating func finishIfComplete(_ row: Int32) {
        let index = Int(row)
        let isComplete = bursts[index].open == 0 && bursts[index].asked == bursts[index].request.packets
        if isComplete || bursts[index].request.endsAtFirstReply && bursts[index].report.received > 0 {
            finish(row)
        }
    }
}
