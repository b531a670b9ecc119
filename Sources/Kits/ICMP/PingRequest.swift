/// Some echoes to one address; times are nanoseconds of the monotonic clock.
package struct PingRequest: Sendable {
    package var target: ICMPAddress
    /// How many echoes, at least 1.
    package var packets: Int
    /// From one echo to the next.
    package var interval: Int64
    /// How long an echo may take; a reply after that is late and does not count as received.
    package var wait: Int64
    /// When all ends, whatever is still missing.
    package var deadline: Int64
    /// Bytes of payload, at least ``EchoPacket/smallestPayload``; the default is that of check_icmp.
    package var payload = 68
    /// Time to live; 0 is the system's.
    package var hops: UInt8 = 0
    /// The address to send from, of the target's family; nil is the system's choice.
    package var source: ICMPAddress?
    /// Whether one reply is enough.
    package var endsAtFirstReply = false

    package init(target: ICMPAddress, packets: Int, interval: Int64, wait: Int64, deadline: Int64) {
        self.target = target
        self.packets = max(1, packets)
        self.interval = max(0, interval)
        self.wait = max(1, wait)
        self.deadline = deadline
    }
}

/// What became of the echoes of one ``PingRequest``.
package struct PingReport: Equatable, Sendable {
    package internal(set) var sent = 0
    /// Echoes answered in time, each counted once.
    package internal(set) var received = 0
    /// Further replies to echoes that had been answered.
    package internal(set) var duplicates = 0
    /// Replies after the wait; their echoes are lost.
    package internal(set) var late = 0
    /// Nanoseconds; all are nil when nothing was received.
    package internal(set) var shortest: Int64?
    package internal(set) var longest: Int64?
    /// The last reason that was told for a loss.
    package internal(set) var failure: PingFailure?

    private var sum = 0.0
    private var sumOfSquares = 0.0

    package init() {}

    /// Mean round-trip time in nanoseconds.
    package var mean: Double? { received > 0 ? sum / Double(received) : nil }

    /// Standard deviation of the round-trip times in nanoseconds, what ping calls mdev.
    package var deviation: Double? {
        guard let mean else { return nil }
        return max(0, sumOfSquares / Double(received) - mean * mean).squareRoot()
    }

    package var lost: Int { sent - received }

    mutating func add(roundTrip: Int64) {
        received += 1
        sum += Double(roundTrip)
        sumOfSquares += Double(roundTrip) * Double(roundTrip)
        shortest = min(shortest ?? roundTrip, roundTrip)
        longest = max(longest ?? roundTrip, roundTrip)
    }
}

/// Why an echo was lost, when anything said so.
package enum PingFailure: Equatable, Sendable {
    /// A host or router answered with an ICMP error.
    case refused(type: UInt8, code: UInt8, family: ICMPAddress.Family, by: ICMPAddress)
    /// The kernel did not send it: the number of errno(3).
    case notSent(Int32)
    /// This machine does not have the address that the echo was to be sent from.
    case noSource(ICMPAddress)
    /// There is no socket of this family; the sentence says how to get one.
    case noSocket(String)
}
