import Foundation
import Glibc
import HTTPServer
import Posix
import Testing

/// Bytes that reach the API's socket.
@Suite("Fuzz: HTTP")
struct HTTPFuzz {
    @Test("bytes of any kind on a connection end it or get an answer, and the next request gets its own")
    func requests() async throws {
        var limits = HTTPListener.Limits()
        limits.bodyBytes = 1024
        let listener = HTTPListener(
            listen: try ListenAddress("127.0.0.1:0"), limits: limits,
            refusal: { Response($0, body: Array($1.utf8)) },
            handler: { Response(200, body: Array("\($0.method) \($0.path.count) \($0.body.count)".utf8)) })
        try listener.start()
        let port = listener.port
        try await Fuzzer("http-requests", signs: "GETPOST /HTTP/1.1\r\n: ;,=%?#0123456789").run { input, _ in
            let answer = await Self.exchange(input, port, milliseconds: 20)
            try hold(answer.isEmpty || answer.starts(with: "HTTP/1.".utf8), "the answer is one of HTTP")
            let after = await Self.exchange(Self.request, port, milliseconds: 20_000)
            try hold(after.text.hasSuffix("GET 1 0"), "the next request gets its own answer: \(after.text)")
        }
        await listener.stop()
    }

    private static let request = Array("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".utf8)

    /// Sends the bytes on a thread of its own, and returns all that comes back before the server closes or is silent
    /// for so long: a request that is not whole is waited for.
    private static func exchange(_ bytes: [UInt8], _ port: Int, milliseconds: Int) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            Posix.Thread.start(named: "client") {
                continuation.resume(returning: blocking(bytes, port, milliseconds))
            }
        }
    }

    private static func blocking(_ bytes: [UInt8], _ port: Int, _ milliseconds: Int) -> [UInt8] {
        let socket = FileDescriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var patience = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(socket.raw, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket.raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return Array("cannot connect".utf8) }
        _ = send(socket.raw, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(socket.raw, &buffer, buffer.count, 0)
            guard count > 0 else { return answer }
            answer += buffer[..<count]
        }
    }
}
