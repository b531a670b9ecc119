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

    /// Allows this process as many open descriptors as its hard limit has; returns how many that are.
    ///
    /// Each running plugin takes three; the usual soft limit of 1,024 is for programs that use select(2).
    @discardableResult
    package static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        limit.rlim_cur = min(limit.rlim_max, 1_048_576)
        _ = setrlimit(resource, &limit)
        _ = getrlimit(resource, &limit)
        return Int(clamping: limit.rlim_cur)
    }

    /// The name of this machine.
    package static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, 255) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
