import Glibc
package import Posix

/// A connection to an SSH agent (draft-ietf-sshm-ssh-agent), which holds private keys and signs with them;
/// never blocks.
package final class SSHAgent {
    /// One key that the agent holds.
    package struct Identity: Equatable, Sendable {
        package let blob: [UInt8]
        package let comment: String

        /// Its type, as "ssh-ed25519".
        package var type: String { WireReader.keyType(of: blob) ?? "" }
    }

    private static let maximumReply = 256 * 1024
    private let socket: FileDescriptor
    private var received: [UInt8] = []

    /// Connects to the agent's socket, as `SSH_AUTH_SOCK` names it.
    package init(socketPath path: String) throws(PosixError) {
        let attempt = "connect to the SSH agent at \(path)"
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let raw = try system("make a socket") { Glibc.socket(AF_UNIX, kind, 0) }
        socket = FileDescriptor(owning: raw)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else { throw PosixError(attempt, code: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        _ = try system(attempt) {
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
    }

    package var descriptor: Int32 { socket.raw }

    /// Asks for the keys that it holds.
    func requestIdentities() throws(SSHError) { try send([11]) }

    /// Asks for a signature of `data` by the key `blob`; RSA by the hash that `data` names.
    func requestSignature(of data: [UInt8], by blob: [UInt8]) throws(SSHError) {
        let flags = Self.flags(for: data)
        try send([13] + WireReader.field(blob) + WireReader.field(data) + WireReader.bytes(of: flags))
    }

    /// The keys asked for; nil: not answered yet.
    func identities() throws(SSHError) -> [Identity]? {
        guard let reply = try reply() else { return nil }
        return try Self.identities(in: reply)
    }

    /// The keys that a reply lists; one that is cut off ends the list.
    static func identities(in reply: [UInt8]) throws(SSHError) -> [Identity] {
        var reader = WireReader(reply)
        guard reader.byte() == 12, let count = reader.number() else {
            throw SSHError(.authentication, "the SSH agent does not list its keys")
        }
        var found: [Identity] = []
        while found.count < count, let blob = reader.string(), let comment = reader.string() {
            found.append(Identity(blob: blob, comment: String(decoding: comment, as: UTF8.self)))
        }
        return found
    }

    /// The signature asked for, without the name of its algorithm; nil: not answered yet.
    func signature() throws(SSHError) -> [UInt8]? {
        guard let reply = try reply() else { return nil }
        return try Self.signature(in: reply)
    }

    /// The signature that a reply holds.
    static func signature(in reply: [UInt8]) throws(SSHError) -> [UInt8] {
        var reader = WireReader(reply)
        guard reader.byte() == 14, let whole = reader.string() else {
            throw SSHError(.authentication, "the SSH agent refused to sign")
        }
        var inner = WireReader(whole)
        guard inner.string() != nil, let signature = inner.string() else {
            throw SSHError(.authentication, "the SSH agent sent a broken signature")
        }
        return signature
    }

    /// Requests are far smaller than a socket's buffer: one that does not fit is an agent that does not read.
    private func send(_ message: [UInt8]) throws(SSHError) {
        let bytes = WireReader.field(message)
        guard Glibc.send(socket.raw, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw SSHError(
                .authentication, "the SSH agent takes no requests: \(PosixError.reason(of: errno))")
        }
    }

    private func reply() throws(SSHError) -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = recv(socket.raw, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { break }
            guard count > 0 else { throw SSHError(.authentication, "the SSH agent has hung up") }
            received += chunk[..<count]
            guard received.count <= Self.maximumReply else {
                throw SSHError(.authentication, "the SSH agent sends too much")
            }
        }
        var reader = WireReader(received)
        guard let reply = reader.string() else { return nil }
        received.removeFirst(4 + reply.count)
        return reply
    }

    /// What to sign holds session, message number, user, service, method, a flag and the algorithm (RFC
    /// 4252).
    private static func flags(for data: [UInt8]) -> Int {
        var reader = WireReader(data)
        guard reader.string() != nil, reader.byte() != nil, reader.string() != nil, reader.string() != nil,
            reader.string() != nil, reader.byte() != nil, let algorithm = reader.string()
        else { return 0 }
        switch String(decoding: algorithm, as: UTF8.self) {
        case "rsa-sha2-256": return 2
        case "rsa-sha2-512": return 4
        default: return 0
        }
    }
}
