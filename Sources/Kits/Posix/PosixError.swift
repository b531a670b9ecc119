import CLinux
import Glibc

/// A failed system call: what was tried, on what, and the system's reason.
package struct PosixError: Error, Equatable, CustomStringConvertible, Sendable {
    /// What was tried, as "open" or "connect to 192.0.2.1 port 22".
    package let attempt: String
    /// The error number of errno(3).
    package let code: Int32

    package init(_ attempt: String, code: Int32 = errno) {
        self.attempt = attempt
        self.code = code
    }

    /// The system's own words for the error number, as "permission denied".
    package var reason: String { Self.reason(of: code) }

    package var description: String { "cannot \(attempt): \(reason)" }

    /// The system's words for an error number, in lower case.
    package static func reason(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        pp_error_text(code, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.prefix(1).lowercased() + text.dropFirst()
    }
}

/// Calls `body` again as long as a signal interrupted it; throws what errno says when it returns -1.
@inline(__always)
package func system<R: SignedInteger>(
    _ attempt: @autoclosure () -> String, _ body: () -> R
) throws(PosixError) -> R {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw PosixError(attempt(), code: code) }
    }
}
