/// What the built-in ICMP check is told, in the words of `check_icmp`.
package struct ICMPOptions: Hashable, Sendable {
    /// Limits of one state: a value at or above one of them gives it.
    package struct Limits: Hashable, Sendable {
        /// Round trip average.
        package var roundTrip: Duration
        /// Lost packets in percent, 0 to 100.
        package var lossPercent: Int

        package init(roundTrip: Duration, lossPercent: Int) {
            self.roundTrip = roundTrip
            self.lossPercent = lossPercent
        }
    }

    /// Targets: addresses or names; empty for the host's own address.
    package var hosts: [String] = []
    package var warning = Limits(roundTrip: .milliseconds(200), lossPercent: 40)
    package var critical = Limits(roundTrip: .milliseconds(500), lossPercent: 80)
    /// Packets to each target.
    package var packets = 5
    /// Between two packets to one target.
    package var packetInterval = Duration.milliseconds(80)
    /// Between two targets.
    package var targetInterval = Duration.zero
    /// How many targets must be well for OK; nil: all.
    package var minimumHostsAlive: Int?
    /// Seconds; nil: the plugin's own timeout.
    package var timeout: Int?
    /// Data bytes of a packet, without the ICMP header.
    package var payloadBytes = 68
    /// Nil: the system's.
    package var timeToLive: Int?
    /// Nil: what the address is.
    package var family: IPAddress.Family?
    /// Source address or network interface.
    package var source: String?

    package init() {}

    /// Names of the built-in ICMP check in ``Plugin/script``.
    package static let scripts = ["icmp", "ping", "check_icmp", "check_ping"]
    package static let packetCounts = 1...20
    package static let payloadSizes = 24...65_507
    package static let timesToLive = 1...255
    /// The longest time of `-i` and `-I`, and the longest round trip limit.
    package static let longestTime = Duration.seconds(255)
}

/// Why arguments of the built-in ICMP check cannot be used, as a sentence.
package struct ICMPOptionsError: Error, Hashable, Sendable, CustomStringConvertible {
    package let sentence: String

    package var description: String { sentence }
}
