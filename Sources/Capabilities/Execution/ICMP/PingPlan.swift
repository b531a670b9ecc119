import ICMP
import Model
import Posix

/// What one check asks of whom: the arguments of a plugin read once for one host.
struct PingPlan {
    struct Target {
        /// As a person wrote it, for the output.
        let name: String
        /// Nil when it is a name that must be looked up first.
        let address: ICMPAddress?
    }

    let options: ICMPOptions
    let targets: [Target]

    /// Reads the plugin's arguments for `host`; throws the sentence that the check's result will show.
    init(host: Host, plugin: Plugin, userMacros: [String: String]) throws(PingPlanError) {
        let template: CommandTemplate
        do {
            template = try CommandTemplate(arguments: plugin.arguments)
        } catch {
            throw PingPlanError("plugin \(plugin.name) has bad arguments: \(error)")
        }
        do {
            options = try ICMPOptions(arguments: template.expand(host: host, userMacros: userMacros))
        } catch {
            throw PingPlanError("plugin \(plugin.name) has bad arguments: \(error.sentence)")
        }
        var targets: [Target] = []
        for name in options.hosts.isEmpty ? [host.address] : options.hosts {
            targets.append(try Self.target(name, host: host, family: options.family))
        }
        self.targets = targets
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
            target: address, packets: options.packets, interval: options.packetInterval.nanoseconds,
            wait: wait, deadline: deadline)
        request.payload = options.payloadBytes
        request.hops = UInt8(clamping: options.timeToLive ?? 0)
        request.source = try source(for: address)
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

    /// How long each echo may take: what check_icmp waits after its last one, but at least a second.
    ///
    /// check_icmp ends after n intervals and n + 1 critical round-trip times.
    private var wait: Int64 {
        let critical = options.critical.roundTrip.nanoseconds
        let afterLast = options.packetInterval.nanoseconds + Int64(options.packets + 1) * critical
        return max(Self.shortestWait, afterLast)
    }

    private static let shortestWait: Int64 = 1_000_000_000

    /// How long the whole check may take: the shorter of the plugin's timeout and `-t`.
    func limit(plugin: Plugin) -> Int64 {
        Int64(min(plugin.timeout, options.timeout ?? plugin.timeout)) * 1_000_000_000
    }
}

/// Why a built-in ICMP check cannot be run as it is written.
struct PingPlanError: Error {
    let sentence: String

    init(_ sentence: String) { self.sentence = sentence }
}
