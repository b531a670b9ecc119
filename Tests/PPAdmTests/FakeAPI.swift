import APIContract
import Foundation
import Glibc
import JSON
import Synchronization

/// A server on loopback that answers what a test tells it, and checks every request against the declaration.
final class FakeAPI: Sendable {
    struct Request: Sendable {
        var method: String
        var path: String
        var query: [(name: String, value: String)]
        var headers: [String: String]
        var body: String
    }

    struct Answer: Sendable {
        var status = 200
        var type = "application/json"
        var body = ""

        static func problem(_ status: Int, _ body: String) -> Answer {
            Answer(status: status, type: "application/problem+json", body: body)
        }
    }

    let port: UInt16
    private let listener: Int32
    private let answer: @Sendable (Request) -> Answer
    private let seen = Mutex<[Request]>([])

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { seen.withLock { $0 } }

    init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        self.answer = answer
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        guard isBound else { throw CocoaError(.fileReadUnknown) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in serve() }
    }

    /// Ends the thread, which holds this object, once no connection is open.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { break }
            var buffer: [UInt8] = []
            while let request = read(&buffer, from: connection) {
                seen.withLock { $0.append(request) }
                write(answer(request), to: connection)
            }
            close(connection)
        }
        close(listener)
    }

    private func read(_ buffer: inout [UInt8], from connection: Int32) -> Request? {
        while true {
            if let request = Self.take(&buffer) { return request }
            var bytes = [UInt8](repeating: 0, count: 65_536)
            let count = recv(connection, &bytes, bytes.count, 0)
            guard count > 0 else { return nil }
            buffer += bytes[..<count]
        }
    }

    private static func take(_ buffer: inout [UInt8]) -> Request? {
        let text = String(decoding: buffer, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        let head = text[..<end.upperBound].utf8.count
        let length = Int(headers["content-length"] ?? "0") ?? 0
        guard buffer.count >= head + length else { return nil }
        let body = String(decoding: buffer[head..<head + length], as: UTF8.self)
        buffer.removeFirst(head + length)
        let first = lines[0].split(separator: " ")
        let target = first[1].split(separator: "?", maxSplits: 1)
        let query = target.count < 2 ? [] : target[1].split(separator: "&")
        let pairs = query.map { pair -> (name: String, value: String) in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(sides[0]), decoded(sides[1]))
        }
        return Request(
            method: String(first[0]), path: String(target[0]), query: pairs, headers: headers, body: body)
    }

    private static func decoded(_ text: Substring) -> String { text.removingPercentEncoding ?? String(text) }

    private func write(_ answer: Answer, to connection: Int32) {
        let head = "HTTP/1.1 \(answer.status) Word\r\nContent-Type: \(answer.type)\r\n"
        var bytes = Array((head + "Content-Length: \(answer.body.utf8.count)\r\n\r\n" + answer.body).utf8)
        send(connection, &bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
