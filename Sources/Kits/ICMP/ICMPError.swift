import Glibc
package import Posix

/// Why there is no ICMP socket of a family, and how to get one.
package struct ICMPError: Error, Equatable, CustomStringConvertible, Sendable {
    package let family: ICMPAddress.Family
    /// Why the raw and the datagram socket were refused.
    package let raw: PosixError
    package let datagram: PosixError

    package init(family: ICMPAddress.Family, raw: PosixError, datagram: PosixError) {
        self.family = family
        self.raw = raw
        self.datagram = datagram
    }

    package var description: String {
        guard raw.code == EPERM || raw.code == EACCES else {
            return "cannot \(raw.attempt): \(raw.reason); is \(family.name) switched off on this machine?"
        }
        return """
            cannot open an \(family.name) ICMP socket: \(raw.reason) (raw), \(datagram.reason) (datagram); \
            grant CAP_NET_RAW (systemd: AmbientCapabilities=CAP_NET_RAW, otherwise: setcap cap_net_raw+ep on the \
            ppalette program) or let its group ping (sysctl net.ipv4.ping_group_range="0 2147483647")
            """
    }
}
