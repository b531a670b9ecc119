import ICMP
import Model
import Posix

/// What one check asks of whom: the arguments of a plugin read once for one host.
///
/// A class, as each of thousands of runs holds one and none changes it.
final class PingPlan: Sendable {
    struct Target {
        /// As a person wrote it, for the output.
        let name: String
        /// Nil when it is a name that must be looked up first.
        let address: ICMPAddress?
    }

    let options: ICMPOptions
    let targets: [Target]
    let rules: PingRules
    /// Nanoseconds: how long the whole check may take, the shorter of the plugin's timeout and `-t`.
    let limit: Int64
    /// Nanoseconds between two echoes.
    private let interval: Int64
    /// Nanoseconds that each echo may take: what check_icmp waits after its last one, but at least a second.
    ///
    /// check_icmp ends after n intervals and n + 1 critical round-trip times.
    private let wait: Int64

    /// Reads the plugin's arguments for `host`; throws the sentence that the check's result will show.
    init(host: Host, plugin: Plugin, userMacros: [String: String]) throws(PingPlanError) {
        let template: CommandTemplate
        do {
            template = try CommandTemplate(arguments: plugin.arguments)
        } catch {
            throw PingPlanError("plugin \(plugin.name) has bad arguments: \(error)")
        }
        let options: ICMPOptions
        do {
            options = try ICMPOptions(arguments: template.expand(host: host, userMacros: userMacros))
        } catch {
            throw PingPlanError("plugin \(plugin.name) has bad arguments: \(error.sentence)")
        }
        var targets: [Target] = []
        for name in options.hosts.isEmpty ? [host.address] : options.hosts {
            targets.append(try Self.target(name, host: host, family: options.family))
        }
        self.options = options
        self.targets = targets
        rules = PingRules(options)
        limit = Int64(min(plugin.timeout, options.timeout ?? plugin.timeout)) * 1_000_000_000
        interval = options.packetInterval.nanoseconds
        let critical = options.critical.roundTrip.nanoseconds
        wait = max(Self.shortestWait, interval + Int64(options.packets + 1) * critical)
    }

    private static func target(
        _ name: String, host: Host, family: IPAddress.Family?
    ) throws(PingPlanError) -> Target {
        guard let address = ICMPAddress(name == host.name ? host.address : name) else {
            return Target(name: name, address: nil)
        }
        if let family, (family == .ipv4) != (address.family == .ipv4) {
            throw PingPlanError(
                "cannot ping \(name) with -\(family.rawValue): it is an \(address.family.name) address")
        }
        return Target(name: name, address: address)
    }

    /// The request for one target; all ends at `deadline`.
    func request(to address: ICMPAddress, deadline: Int64) throws(PingPlanError) -> PingRequest {
        var request = PingRequest(
            target: address, packets: options.packets, interval: interval, wait: wait, deadline: deadline)
        request.payload = options.payloadBytes
        request.hops = UInt8(clamping: options.timeToLive ?? 0)
        if options.source != nil { request.source = try source(for: address) }
        return request
    }

    /// What `-s` says: an address, or the one that a network interface has at this moment.
    private func source(for target: ICMPAddress) throws(PingPlanError) -> ICMPAddress? {
        guard let text = options.source else { return nil }
        guard let source = ICMPAddress(text) ?? ICMPAddress(ofInterface: text, target.family) else {
            throw PingPlanError(
                "cannot send from \(ValidationError.shown(text)): -s takes an address of this machine or a "
                    + "network interface with an \(target.family.name) address")
        }
        guard source.family == target.family else {
            throw PingPlanError(
                "cannot ping \(target) from \(source): it is an \(source.family.name) address")
        }
        return source
    }

    private static let shortestWait: Int64 = 1_000_000_000
}

/// Why a built-in ICMP check cannot be run as it is written.
struct PingPlanError: Error {
    let sentence: String

    init(_ sentence: String) { self.sentence = sentence }
}
