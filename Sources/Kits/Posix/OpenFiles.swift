import Glibc

/// How many descriptors the process may have open.
package enum OpenFiles {
    /// Raises the soft limit to the hard one, at most to `wanted`, and returns what it is then.
    ///
    /// The usual soft limit of 1024 is for programs that use select(); connections and pipes need more.
    package static func raise(to wanted: UInt64 = 65_536) -> UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let goal = min(UInt64(limit.rlim_max), wanted)
        guard limit.rlim_cur < goal else { return UInt64(limit.rlim_cur) }
        var raised = limit
        raised.rlim_cur = rlim_t(goal)
        // A refusal leaves what there was, which is what the caller gets.
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 else {
            return UInt64(limit.rlim_cur)
        }
        return goal
    }
}
