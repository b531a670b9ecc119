import CLinux
import Glibc

/// What the process is allowed beyond an ordinary user.
package enum Privileges {
    /// Whether it runs as root.
    package static var isRoot: Bool { geteuid() == 0 }

    /// Gives up every capability for good; call it before other threads start, since each thread has its own.
    package static func dropCapabilities() throws(PosixError) {
        _ = try system("drop capabilities") { pp_drop_capabilities() }
    }

    /// The name of this machine.
    package static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, 255) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
