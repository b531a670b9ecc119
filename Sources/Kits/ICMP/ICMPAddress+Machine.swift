import CLinux
import Glibc

extension ICMPAddress {
    /// Whether a socket of this machine can have this address, asked of the kernel now.
    package var isOfThisMachine: Bool {
        withUnsafeBytes(of: words) { bytes in
            unsafe pp_icmp_has_address(
                family.number, bytes.baseAddress?.assumingMemoryBound(to: UInt64.self), scope) == 1
        }
    }

    /// The first address of a family that a network interface has now; nil when it has none or is unknown.
    package init?(ofInterface name: String, _ family: Family) {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return nil }
        defer { freeifaddrs(first) }
        for entry in sequence(first: first, next: { $0?.pointee.ifa_next }) {
            guard let entry, String(cString: entry.pointee.ifa_name) == name,
                let address = entry.pointee.ifa_addr, Int32(address.pointee.sa_family) == family.number
            else { continue }
            self.init(address)
            return
        }
        return nil
    }

    private init(_ address: UnsafePointer<sockaddr>) {
        var words: (UInt64, UInt64) = (0, 0)
        if Int32(address.pointee.sa_family) == AF_INET {
            let name = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            withUnsafeBytes(of: name.sin_addr) { bytes in
                withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
            }
            self.init(family: .ipv4, words: words)
        } else {
            let name = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            withUnsafeBytes(of: name.sin6_addr) { bytes in
                withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
            }
            self.init(family: .ipv6, words: words, scope: name.sin6_scope_id)
        }
    }
}
