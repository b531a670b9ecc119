import Glibc
import Posix

/// Where a server listens: an IPv4 or IPv6 address with a port.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    package let address: String
    /// 0 lets the system choose.
    package let port: UInt16

    package var isIPv6: Bool { address.contains(":") }
    package var description: String { isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)" }

    /// Reads `127.0.0.1:8420`, `[::1]:8420` or `localhost:8420`.
    package init(_ text: String) throws(HTTPServerError) {
        let refusal = HTTPServerError(
            "cannot listen on \(text): not an address with a port; write it as 127.0.0.1:8420 or [::1]:8420")
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw refusal
        }
        var host = String(text[..<colon])
        if host == "localhost" { host = "127.0.0.1" }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = String(host.dropFirst().dropLast()) }
        guard isBracketed == host.contains(":") else { throw refusal }
        address = host
        self.port = port
        guard socketAddress != nil else { throw refusal }
    }

    /// Whether only this machine can reach it.
    package var isLoopback: Bool { address.hasPrefix("127.") || address == "::1" }

    private var socketAddress: sockaddr_storage? {
        var storage = sockaddr_storage()
        let isValid = withUnsafeMutableBytes(of: &storage) { bytes in
            guard let base = bytes.baseAddress else { return false }
            if isIPv6 {
                let pointer = base.assumingMemoryBound(to: sockaddr_in6.self)
                pointer.pointee.sin6_family = sa_family_t(AF_INET6)
                pointer.pointee.sin6_port = port.bigEndian
                return inet_pton(AF_INET6, address, &pointer.pointee.sin6_addr) == 1
            }
            let pointer = base.assumingMemoryBound(to: sockaddr_in.self)
            pointer.pointee.sin_family = sa_family_t(AF_INET)
            pointer.pointee.sin_port = port.bigEndian
            return inet_pton(AF_INET, address, &pointer.pointee.sin_addr) == 1
        }
        return isValid ? storage : nil
    }

    /// Opens a listening socket.
    func open() throws(HTTPServerError) -> FileDescriptor {
        do throws(PosixError) {
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            let socket = FileDescriptor(
                owning: try system("listen on \(self)") { Glibc.socket(isIPv6 ? AF_INET6 : AF_INET, kind, 0) }
            )
            try bind(socket.raw)
            return socket
        } catch {
            throw HTTPServerError("\(error)\(advice(error.code))")
        }
    }

    /// The port that an open socket got.
    func port(of socket: Int32) -> Int {
        var chosen = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &chosen) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        // Both families keep the port in the same place.
        return result == 0 ? Int(UInt16(bigEndian: chosen.sin6_port)) : Int(port)
    }

    private func bind(_ socket: Int32) throws(PosixError) {
        var yes: Int32 = 1
        _ = setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        // One family a socket: an IPv6 wildcard does not take the IPv4 port as well.
        if isIPv6 { _ = setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, 4) }
        var storage = socketAddress ?? sockaddr_storage()
        let length = socklen_t(isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(socket, $0, length) == 0 ? 0 : errno
            }
        }
        guard code == 0 else { throw PosixError("listen on \(self)", code: code) }
        // A burst of clients waits here; one that finds no room tries again only after a second.
        _ = try system("listen on \(self)") { Glibc.listen(socket, 1024) }
    }

    private func advice(_ code: Int32) -> String {
        switch code {
        case EADDRINUSE: "; stop the program that uses the port (ss -ltnp shows it), or set another port"
        case EADDRNOTAVAIL: "; this machine does not have the address, set another"
        case EACCES: "; use a port above 1023"
        default: ""
        }
    }
}
