import CMicroHTTPD
import Glibc
import Synchronization

/// One request with its answer, from its first line until the library forgets it.
// `@unchecked`: the library's thread fills the request before it is handed on; the answer is behind the
// mutex.
final class Exchange: @unchecked Sendable {
    enum Phase {
        /// The headers have come.
        case new
        case receiving
        /// The connection is suspended, the handler works.
        case working
        case answered(Response)
    }

    let target: String
    /// Only the library's thread touches these four.
    var method = ""
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    var bodyBytes = 0

    private let phase = Mutex(Phase.new)

    init(target: String) { self.target = target }

    var current: Phase { phase.withLock { $0 } }

    func enter(_ next: Phase) { phase.withLock { $0 = next } }

    /// Keeps the answer and tells whether it is the first: a late handler and its deadline may both bring
    /// one.
    func answer(_ response: Response) -> Bool {
        phase.withLock { phase in
            guard case .working = phase else { return false }
            phase = .answered(response)
            return true
        }
    }

    /// Copies the headers, with names in lower case; returns how many bytes they are.
    func readHeaders(of connection: OpaquePointer) -> Int {
        MHD_get_connection_values(
            connection, .HEADER_KIND, collectHeader, Unmanaged.passUnretained(self).toOpaque())
        return headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }

    func keep(_ data: UnsafePointer<CChar>, count: Int, limit: Int) {
        bodyBytes += count
        guard bodyBytes <= limit else {
            body = []
            return
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: data, count: count))
    }
}

private func collectHeader(
    _ closure: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
    _ value: UnsafePointer<CChar>?
) -> MHD_Result {
    guard let closure, let name else { return .YES }
    let exchange = Unmanaged<Exchange>.fromOpaque(closure).takeUnretainedValue()
    exchange.headers.append((String(cString: name).lowercased(), value.map { String(cString: $0) } ?? ""))
    return .YES
}
