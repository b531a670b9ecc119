import Foundation
import Glibc

/// What came back on a connection, taken apart.
package struct RawAnswer: Sendable {
    package var status = 0
    package var head = ""
    package var body: [UInt8] = []

    package var text: String { String(decoding: body, as: UTF8.self) }

    package func header(_ name: String) -> String? {
        head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { $0.dropFirst(name.count + 1).drop { $0 == " " }.description }
    }

    package init(_ bytes: [UInt8]) {
        let separator = Array("\r\n\r\n".utf8)
        let end = bytes.indices.first { bytes[$0...].starts(with: separator) } ?? bytes.endIndex
        head = String(decoding: bytes[..<end], as: UTF8.self)
        body = Array(bytes[end...].dropFirst(4))
        status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

/// Sends bytes as they are and reads until the server closes, on threads of its own.
package enum RawClient {
    package static func send(_ bytes: [UInt8], port: Int, isIPv6: Bool = false) async -> RawAnswer {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: RawAnswer(exchange(bytes, port, isIPv6)))
            }
        }
    }

    package static func send(_ text: String, port: Int, isIPv6: Bool = false) async -> RawAnswer {
        await send(Array(text.utf8), port: port, isIPv6: isIPv6)
    }

    package static func get(_ target: String, port: Int, method: String = "GET", headers: String = "") async
        -> RawAnswer
    {
        await send(
            "\(method) \(target) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\(headers)\r\n", port: port)
    }

    private static func exchange(_ bytes: [UInt8], _ port: Int, _ isIPv6: Bool) -> [UInt8] {
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard connect(descriptor, port, isIPv6) else { return [] }
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { break }
            sent += count
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return answer }
            answer += buffer[..<count]
        }
    }

    private static func connect(_ descriptor: Int32, _ port: Int, _ isIPv6: Bool) -> Bool {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = UInt16(port).bigEndian
            inet_pton(AF_INET6, "::1", &address.sin6_addr)
            return reach(descriptor, &address)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        return reach(descriptor, &address)
    }

    private static func reach<Address>(_ descriptor: Int32, _ address: inout Address) -> Bool {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
    }
}
