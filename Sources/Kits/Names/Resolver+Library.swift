import CCares
import Glibc

/// What the library's callbacks find their resolver by; empty once that is going away.
final class ResolverLink {
    weak var resolver: Resolver?
}

/// One query in the hands of the library.
private final class Asked {
    let link: ResolverLink
    let number: UInt64

    init(_ link: ResolverLink, _ number: UInt64) {
        self.link = link
        self.number = number
    }

    /// Takes back what was given to the library: it calls back exactly once a query.
    static func take(_ argument: UnsafeMutableRawPointer?) -> Asked? {
        argument.map { Unmanaged<Asked>.fromOpaque($0).takeRetainedValue() }
    }
}

extension Resolver {
    /// Milliseconds until the next server is asked, and how often each is.
    private static let tryMilliseconds: Int32 = 1500
    private static let tries: Int32 = 2
    /// Files first, then DNS.
    private static let lookups = "fb"

    /// Opens a channel that tells its sockets through `link`, which must outlive it.
    static func open(servers: String?, _ link: ResolverLink) throws(NamesError) -> ares_channel {
        let started = ares_library_init(Int32(ARES_LIB_INIT_ALL))
        if let error = NamesError("names", status: started) { throw error }
        var options = ares_options()
        options.timeout = tryMilliseconds
        options.tries = tries
        options.lookups = strdup(lookups)
        defer { free(options.lookups) }
        options.sock_state_cb = socketChanged
        options.sock_state_cb_data = Unmanaged.passUnretained(link).toOpaque()
        let mask =
            Int32(ARES_OPT_TIMEOUTMS) | Int32(ARES_OPT_TRIES) | Int32(ARES_OPT_LOOKUPS)
            | Int32(ARES_OPT_SOCK_STATE_CB)
        var made: ares_channel?
        let status = ares_init_options(&made, &options, mask)
        if let error = NamesError("names", status: status) { throw error }
        guard let channel = made else { throw NamesError("names", .failed("no channel")) }
        if let servers, let error = NamesError(servers, status: ares_set_servers_ports_csv(channel, servers))
        {
            ares_destroy(channel)
            throw error
        }
        return channel
    }

    /// The 4 or 16 bytes of an address; nil for anything else.
    static func bytes(of address: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, address, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return inet_pton(AF_INET6, address, &bytes) == 1 ? bytes : nil
    }

    /// Hands a query to the library, which may answer before this returns.
    func send(_ question: Question, _ number: UInt64) {
        let asked = Unmanaged.passRetained(Asked(link, number)).toOpaque()
        switch question {
        case .reverse(let bytes):
            let family = bytes.count == 4 ? AF_INET : AF_INET6
            ares_gethostbyaddr(channel, bytes, Int32(bytes.count), family, hostFound, asked)
        case .forward(let name, let family):
            var hints = ares_addrinfo_hints()
            hints.ai_family = family.map { $0 == .ipv4 ? AF_INET : AF_INET6 } ?? AF_UNSPEC
            ares_getaddrinfo(channel, name, nil, &hints, addressesFound, asked)
        }
    }
}

private func socketChanged(
    _ argument: UnsafeMutableRawPointer?, _ descriptor: Int32, _ read: Int32, _ write: Int32
) {
    guard let argument else { return }
    let link = Unmanaged<ResolverLink>.fromOpaque(argument).takeUnretainedValue()
    link.resolver?.watch(descriptor, read: read != 0, write: write != 0)
}

private func hostFound(
    _ argument: UnsafeMutableRawPointer?, _ status: Int32, _ timeouts: Int32,
    _ host: UnsafeMutablePointer<hostent>?
) {
    let name = host?.pointee.h_name.map { String(cString: $0) }
    guard let asked = Asked.take(argument) else { return }
    asked.link.resolver?.answered(asked.number, status: status, name.map { [$0] } ?? [])
}

private func addressesFound(
    _ argument: UnsafeMutableRawPointer?, _ status: Int32, _ timeouts: Int32,
    _ found: UnsafeMutablePointer<ares_addrinfo>?
) {
    var texts: [String] = []
    var node = found?.pointee.nodes
    while let current = node {
        if let text = text(of: current.pointee.ai_addr), !texts.contains(text) { texts.append(text) }
        node = current.pointee.ai_next
    }
    if let found { ares_freeaddrinfo(found) }
    guard let asked = Asked.take(argument) else { return }
    asked.link.resolver?.answered(asked.number, status: status, texts)
}

/// An IPv4 or IPv6 address in the usual notation.
private func text(of address: UnsafeMutablePointer<sockaddr>?) -> String? {
    guard let address else { return nil }
    var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = Int32(address.pointee.sa_family)
    let raw = UnsafeRawPointer(address)
    switch family {
    case AF_INET: inet_ntop(family, raw + 4, &buffer, socklen_t(buffer.count))
    case AF_INET6: inet_ntop(family, raw + 8, &buffer, socklen_t(buffer.count))
    default: return nil
    }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
