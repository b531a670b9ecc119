/// Where a broker is and how to get in.
package struct AMQPServer: Sendable, Equatable {
    /// Certificates of a connection over TLS 1.2 or later; the broker's certificate and its name are always verified.
    package struct TLS: Sendable, Equatable {
        /// A file with the authorities that we trust, in PEM.
        package var authorities: String
        /// Our own certificate and its key in PEM, for a broker that asks for one.
        package var certificate: String?
        package var key: String?

        package init(
            authorities: String = "/etc/ssl/certs/ca-certificates.crt", certificate: String? = nil,
            key: String? = nil
        ) {
            self.authorities = authorities
            self.certificate = certificate
            self.key = key
        }
    }

    package var host: String
    package var port: Int
    package var virtualHost: String
    package var user: String
    package var password: Password
    /// Nil: without encryption.
    package var tls: TLS?

    package init(
        host: String, port: Int = 5672, virtualHost: String = "/", user: String = "guest",
        password: Password = Password("guest"), tls: TLS? = nil
    ) {
        self.host = host
        self.port = port
        self.virtualHost = virtualHost
        self.user = user
        self.password = password
        self.tls = tls
    }

    /// For people, without the password.
    package var name: String { "\(user)@\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}

/// A text that no print, log or dump shows.
package struct Password: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { "(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension AMQPServer {
    /// Reads `amqp://user@host:port/vhost` or `amqps://...`; the user is `guest` and the virtual host `/` unless given.
    ///
    /// A password in the address is refused, as addresses are shown and logged. The virtual host may be written with
    /// percent signs, as `%2F`.
    package init(url: String, password: Password, tls: TLS = TLS()) throws(AMQPError) {
        func refused(_ reason: String) -> AMQPError {
            AMQPError(
                .configuration,
                "the broker's address \(reason); write amqp://user@host:5672/vhost or amqps://...")
        }
        guard !url.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw refused("holds control characters")
        }
        let isEncrypted = url.hasPrefix("amqps://")
        guard isEncrypted || url.hasPrefix("amqp://") else { throw refused("does not begin with amqp://") }
        let rest = url.dropFirst(isEncrypted ? 8 : 7)
        let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let place = parts[0].split(separator: "@", omittingEmptySubsequences: false)
        guard place.count <= 2 else { throw refused("has more than one @") }
        let login = place.count == 2 ? place[0] : "guest"
        guard !login.contains(":") else {
            throw refused("must not hold a password, which has a file or a variable of its own")
        }
        guard let user = Self.unescaped(login), !user.isEmpty else { throw refused("has no valid user") }
        let standard = isEncrypted ? 5671 : 5672
        guard let last = place.last, let target = Self.hostAndPort(last, standard: standard) else {
            throw refused("has no valid host and port")
        }
        guard let path = Self.unescaped(parts.count == 2 ? parts[1] : ""), !path.contains("?") else {
            throw refused("has no valid virtual host")
        }
        self.init(
            host: target.host, port: target.port, virtualHost: path.isEmpty ? "/" : path, user: user,
            password: password, tls: isEncrypted ? tls : nil)
    }

    private static func hostAndPort(_ text: Substring, standard: Int) -> (host: String, port: Int)? {
        var host = text
        var tail: Substring = ""
        if text.first == "[", let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            tail = text[text.index(after: end)...]
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            tail = text[colon...]
        }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { return nil }
        guard !tail.isEmpty else { return (String(host), standard) }
        guard tail.first == ":", let port = Int(tail.dropFirst()), (1...65_535).contains(port) else {
            return nil
        }
        return (String(host), port)
    }

    /// The text with `%2F` and the like replaced; nil when one is incomplete, or stands for a zero.
    private static func unescaped(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let code = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                code != 0
            else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
