import CLinux
import Glibc
package import Posix

/// One ICMP socket, for all targets of its family; closed when its last owner drops it.
package final class ICMPSocket: Sendable {
    package enum Kind: String, Sendable {
        /// Needs CAP_NET_RAW.
        case raw
        /// Needs a group within net.ipv4.ping_group_range; the kernel chooses the identifier.
        case datagram
    }

    package let family: ICMPAddress.Family
    package let kind: Kind
    /// What our echo requests carry, and their replies must.
    package let identifier: UInt16
    /// Bytes of receive buffer that the kernel granted.
    package let receiveBuffer: Int
    let descriptor: Int32

    /// Bytes asked for: room for some ten thousand replies that come at once.
    static let wantedReceiveBuffer: Int32 = 8 << 20

    /// Opens a raw socket, or a datagram socket where raw ones are refused.
    package static func open(_ family: ICMPAddress.Family) throws(ICMPError) -> ICMPSocket {
        let refused: PosixError
        do { return try ICMPSocket(family, .raw) } catch { refused = error }
        do {
            return try ICMPSocket(family, .datagram)
        } catch {
            throw ICMPError(family: family, raw: refused, datagram: error)
        }
    }

    /// Opens a socket of one kind.
    package init(_ family: ICMPAddress.Family, _ kind: Kind) throws(PosixError) {
        let type = Int32(kind == .raw ? SOCK_RAW.rawValue : SOCK_DGRAM.rawValue)
        let number = try system("open a \(kind.rawValue) \(family.name) ICMP socket") {
            pp_icmp_open(family.number, type)
        }
        let owner = FileDescriptor(owning: number)
        _ = try system("prepare an ICMP socket") { pp_icmp_prepare(number, family.number, type) }
        switch kind {
        case .raw:
            identifier = UInt16.random(in: 1...UInt16.max)
            _ = try system("filter an ICMP socket") { [identifier] in
                pp_icmp_filter(number, family.number, identifier)
            }
        case .datagram:
            let bound = try system("bind an ICMP socket") { pp_icmp_identifier(number, family.number) }
            identifier = UInt16(truncatingIfNeeded: bound)
        }
        receiveBuffer = Int(
            try system("set the receive buffer of an ICMP socket") {
                pp_icmp_receive_buffer(number, Self.wantedReceiveBuffer)
            })
        self.family = family
        self.kind = kind
        descriptor = owner.take()
    }

    deinit { close(descriptor) }
}

/// The ICMP sockets of the process, opened before it drops its privileges.
package struct ICMPSockets: Sendable {
    private let ipv4: Result<ICMPSocket, ICMPError>
    private let ipv6: Result<ICMPSocket, ICMPError>

    /// Opens one socket a family; never fails, as either family may be missing: see ``failures``.
    package static func open() -> ICMPSockets {
        ICMPSockets(ipv4: Self.tryOpen(.ipv4), ipv6: Self.tryOpen(.ipv6))
    }

    package init(ipv4: Result<ICMPSocket, ICMPError>, ipv6: Result<ICMPSocket, ICMPError>) {
        self.ipv4 = ipv4
        self.ipv6 = ipv6
    }

    private static func tryOpen(_ family: ICMPAddress.Family) -> Result<ICMPSocket, ICMPError> {
        Result { () throws(ICMPError) in try ICMPSocket.open(family) }
    }

    /// Sentences for the log about the families that cannot be pinged.
    package var failures: [ICMPError] {
        [ipv4, ipv6].compactMap { result in
            guard case .failure(let error) = result else { return nil }
            return error
        }
    }

    /// The socket of a family, or why there is none.
    package func socket(_ family: ICMPAddress.Family) -> Result<ICMPSocket, ICMPError> {
        family == .ipv4 ? ipv4 : ipv6
    }
}
