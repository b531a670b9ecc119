import Glibc
import Posix

extension PingFailure: CustomStringConvertible {
    /// As check_icmp words it: "Host unreachable @ 192.0.2.1".
    package var description: String {
        switch self {
        case .refused(let type, let code, let family, let sender):
            "\(Self.words(type: type, code: code, family: family)) @ \(sender)"
        case .notSent(let code): Self.words(errno: code)
        case .noSource(let address): "cannot send from \(address): this machine does not have this address"
        case .noSocket(let sentence): sentence
        }
    }

    private static func words(errno code: Int32) -> String {
        switch code {
        case ENETUNREACH: "Net unreachable (this machine has no route)"
        case EHOSTUNREACH: "Host unreachable (refused by this machine's routes)"
        case EPERM, EACCES:
            "Not sent (refused by this machine's firewall or routes: \(PosixError.reason(of: code)))"
        case EINVAL: "Not sent (this machine's routes drop it, or nobody can have this address)"
        case EMSGSIZE: "Not sent (too many data bytes, see -b)"
        default: "Not sent (\(PosixError.reason(of: code)))"
        }
    }

    private static func words(type: UInt8, code: UInt8, family: ICMPAddress.Family) -> String {
        switch (family, type) {
        case (.ipv4, 3): Int(code) < unreachable.count ? unreachable[Int(code)] : "Unreachable (code \(code))"
        case (.ipv4, 11), (.ipv6, 3):
            code == 0 ? "Time to live exceeded in transit" : "Fragment reassembly time exceeded"
        case (.ipv4, 12), (.ipv6, 4): "Bad IP header"
        case (.ipv6, 1):
            Int(code) < unreachable6.count ? unreachable6[Int(code)] : "Unreachable (code \(code))"
        case (.ipv6, 2): "Packet too big"
        default: "ICMP type \(type) code \(code)"
        }
    }

    /// RFC 792, RFC 1122 and RFC 1812, by code.
    private static let unreachable = [
        "Net unreachable", "Host unreachable", "Protocol unreachable (firewall?)",
        "Port unreachable (firewall?)",
        "Fragmentation needed", "Source route failed", "Unknown network", "Unknown host",
        "Source host isolated",
        "Network denied (firewall?)", "Host denied (firewall?)", "Bad TOS for network (firewall?)",
        "Bad TOS for host (firewall?)", "Prohibited by filter (firewall)", "Host precedence violation",
        "Precedence cutoff",
    ]

    /// RFC 4443, by code.
    private static let unreachable6 = [
        "No route to destination", "Prohibited by filter (firewall)", "Beyond scope of source address",
        "Host unreachable", "Port unreachable (firewall?)", "Source address failed policy", "Reject route",
    ]
}
